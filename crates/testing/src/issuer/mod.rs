//! The issuer: what it publishes, how it is served, how it fails, and who asked.

// The public types, and the tokens.
mod builder;
mod test_issuer;

// What it publishes: where, which keys, which documents.
mod keys;
mod place;
mod publication;
mod state;

// How it answers.
mod answer;
mod fetches;
mod in_process;
mod serve;
mod token_answer;
mod token_endpoint;

// How it fails.
mod bomb;
mod fault;
mod gate;
mod wire;

pub use builder::TestIssuerBuilder;
pub use fault::Fault;
pub use fetches::Fetches;
pub use gate::Gate;
pub use test_issuer::TestIssuer;
pub use token_endpoint::TokenRequest;
