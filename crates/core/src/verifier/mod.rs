//! Stage 7: run the stages in order and believe the token, or say which one refused it.
//!
//! ```
//! use claviger_core::Issuer;
//! use claviger_core::Verifier;
//! use claviger_core::error::Reason;
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let issuer = Issuer::new("https://issuer.example", "https://api.example");
//! let verifier = Verifier::builder(issuer).build()?;
//! let error = verifier.verify("not a token").await.unwrap_err();
//! assert_eq!(error.reason(), Reason::MalformedToken);
//! # Ok::<(), claviger_core::error::ConfigError>(())
//! # }).unwrap();
//! ```

mod bounded;
mod builder;
mod cache;
mod case;
mod expiry;
mod facts;
mod family;
mod found;
mod granted;
mod issuers;
mod key_source;
mod map_issuers;
mod meter;
mod opened;
mod operator;
mod parsed;
mod resolving;
#[cfg(test)]
pub(crate) mod sample;
mod surroundings;
mod token_check;
mod transport;
mod trusted;
mod verified;
mod verify;

pub use builder::VerifierBuilder;
pub use cache::CacheStatus;
pub use map_issuers::MapIssuers;
pub use token_check::CheckFuture;
pub use token_check::CheckVerdict;
pub use token_check::TokenCheck;
pub use verified::VerifiedToken;
pub use verify::ClaimsDemand;
pub use verify::Verification;
pub use verify::Verifier;
