//! What is asked for, checked before anything is sent.

// The three requests.
mod connection;
mod on_behalf_of;
mod token_exchange;

// What they are made of.
mod check;
mod form;
mod parameter;
mod token_type;

pub use connection::Connection;
pub(crate) use form::Form;
pub(crate) use form::Grant;
pub use on_behalf_of::OnBehalfOf;
pub use token_exchange::TokenExchange;
pub use token_type::TokenType;
