//! What the tests share: an API with an issuer, and its answers taken apart.

mod answer;
mod api;
mod configured;
mod documents;
mod identity;
mod paused;
mod published;
mod relay;

pub(crate) use answer::Answer;
pub(crate) use api::AUDIENCE;
pub(crate) use api::Api;
pub(crate) use api::Change;
pub(crate) use api::NOW;
pub(crate) use api::Rules;
pub(crate) use api::bearer;
pub(crate) use api::new_key;
pub(crate) use configured::problem_paths;
pub(crate) use configured::read_config;
pub(crate) use documents::Documents;
pub(crate) use identity::Identity;
pub(crate) use paused::Paused;
pub(crate) use published::Published;
pub(crate) use published::SharedCache;
pub(crate) use relay::Relay;
