//! The project judged by public vectors: Wycheproof, the JOSE cookbook, the RFCs' own examples, and real providers.

#![expect(clippy::unwrap_used, reason = "a helper that fails here fails its test")]

// Where the vectors are, and what they are shown to.
mod access_token;
mod backends;
mod jws;
mod publication;
mod source;

// What may differ from a label, and why.
mod exceptions;
mod tally;

// Signatures and tokens.
mod cookbook;
mod primitive_keys;
mod primitives;
mod proofs;
mod rfc_keys;
mod rfc_signatures;
mod rfc_tokens;
mod wycheproof;

// Keys as providers publish them.
mod addresses;
mod discovery;
mod first_use;
mod jwks;
mod lifetimes;
mod providers;
mod rotation;
mod tenants;
