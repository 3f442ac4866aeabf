//! Is the request carrying credentials, where, and how many?

// The places where a token may stand.
mod authorization;
mod cookie;
mod field;
mod query;
mod websocket;

// What is done about them.
mod cross_site;
mod preflight;
mod presented;
mod source;
mod sources;

pub(crate) use authorization::unread_token;
pub(crate) use cross_site::Origins;
pub use preflight::Preflight;
pub(crate) use preflight::remove_body;
pub(crate) use presented::Credentials;
pub(crate) use presented::NoCredentials;
pub(crate) use presented::Place;
pub(crate) use presented::Presented;
pub use source::CookieFailure;
pub use source::TokenSource;
pub(crate) use sources::Sources;
