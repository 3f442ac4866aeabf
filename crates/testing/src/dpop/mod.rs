//! A client that proves possession of its key (RFC 9449).

mod client;
mod proof;

pub use client::DpopClient;
pub use proof::ProofBuilder;
