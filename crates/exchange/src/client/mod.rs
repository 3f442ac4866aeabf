//! Who asks, and whom.

mod authentication;
mod builder;
mod endpoint;
mod exchanger;
mod proof;
mod transport;

pub use authentication::ClientAuthentication;
pub use builder::ExchangerBuilder;
pub use endpoint::TokenEndpoint;
pub use exchanger::Exchanger;
pub(crate) use proof::ProofKey;
