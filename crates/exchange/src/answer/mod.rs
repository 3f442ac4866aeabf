//! What comes back: tolerant of how an endpoint refuses, strict where it grants.

mod organization;
mod read;
mod refusal;
mod tokens;

pub(crate) use read::Asked;
pub(crate) use read::read;
pub(crate) use refusal::wants_nonce;
pub use tokens::AccessToken;
pub use tokens::ExchangedToken;
