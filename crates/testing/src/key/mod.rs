//! Keys that sign, and what is published of them.

// The public type.
mod signing_key;

// What it is made of: a key pair, and the signer of an algorithm over it.
mod material;
mod signer;

pub use signing_key::SigningKey;
