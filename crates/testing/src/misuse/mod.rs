//! Tokens that an API must refuse although they look like its own.

mod kind;
mod list;
mod show;
mod variants;

pub use kind::Misuse;
pub use list::MisusedToken;
pub use list::MisusedTokens;
