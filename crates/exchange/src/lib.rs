//! Calls other APIs on behalf of a caller, with a token that was made for them.
//!
//! A token that was meant for this API is not handed on to another one. It is exchanged: the issuer takes it together
//! with our own credentials, and gives a token whose audience is the other API and whose actor is this one.
//!
//! ```
//! use claviger_exchange::ClientAuthentication;
//! use claviger_exchange::Exchanger;
//! use claviger_exchange::OnBehalfOf;
//! use claviger_exchange::TokenEndpoint;
//! use claviger_testing::TestIssuer;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let issuer = TestIssuer::start().await;
//! let endpoint = TokenEndpoint::of_issuer(issuer.url());
//! let exchanger = Exchanger::builder(endpoint, ClientAuthentication::basic("reports", "a secret")).build()?;
//!
//! // The verifier of this API keeps the text of the tokens that it believes.
//! let trusted = claviger_core::Issuer::new(issuer.url(), "https://api.example.com");
//! let verifier = claviger_core::Verifier::builder(trusted).keep_presented_token().build()?;
//! let caller = verifier.verify(&issuer.token().claim("sub", "alice").sign()).await?;
//!
//! let token = exchanger.on_behalf_of(&caller, &OnBehalfOf::new("https://inventory.example.com")).await?;
//! let request = reqwest::Client::new().get("https://inventory.example.com/items").build()?;
//! let request = token.authorize(request)?;
//! assert!(request.headers()["authorization"].to_str()?.starts_with("Bearer "));
//! # Ok(())
//! # }
//! ```
//!
//! # What can be had
//!
//! | What | From what | By |
//! |---|---|---|
//! | a token for another API | the caller's own, verified token | [`Exchanger::on_behalf_of`], [`OnBehalfOf`] |
//! | whatever token exchange gives (RFC 8693) | any two tokens | [`Exchanger::exchange`], [`TokenExchange`] |
//! | a token of an upstream provider (Auth0's token vault) | the caller's own, verified token, or the text of one | [`Exchanger::connection_token`], [`Connection`] |
//!
//! In axum handlers the extractor `Caller` (feature `axum`) is the exchanger together with the caller's token.
//!
//! # How the caller's token gets here
//!
//! An on-behalf-of exchange takes a [`VerifiedToken`](claviger_core::VerifiedToken), so a token that nobody has verified
//! cannot be exchanged by accident. Its text is in there only if the verifier was told to keep it
//! (`AuthConfigBuilder::keep_presented_token`, `VerifierBuilder::keep_presented_token`). It stands in no header field and
//! no extension of its own, where a proxy or client could forward it; only who holds the proof can ask for the text.
//!
//! # Secrets
//!
//! Nothing is sent before the whole request has been found valid. Tokens, secrets and keys are redacted in `Debug`,
//! stand in no error and no log, and are wiped when they are dropped; the copies that the HTTP client makes while it
//! sends and receives are not. What an endpoint says is cut, and our secrets and the tokens that were sent
//! are taken out of it: whole, percent-encoded, as base64, and in parts of 8 characters or more.
//!
//! # What is not here
//!
//! Credentials in the form body (`client_secret_post`), assertions signed with a client secret (`client_secret_jwt`),
//! refreshing tokens, decrypting them, verifying the token that comes back (that is for the API it is meant for), sharing
//! DPoP nonces among processes, and DPoP for tokens of upstream providers.
//!
//! # Features
//!
//! | Feature | What it does |
//! |---|---|
//! | `aws-lc` (default) | `claviger` and `claviger-core` verify with AWS-LC |
//! | `axum` (default) | the extractor `Caller`, and errors as responses |
//! | `rustls` (default) | TLS by rustls |
//! | `native-tls` | TLS by the platform's library |

mod error;
mod secrets;

// What is asked for.
mod request;

// Who asks, and whom.
mod client;
mod key;

// What comes back.
mod answer;
mod cache;

// What it is good for.
mod call;

#[cfg(feature = "axum")]
mod caller;

pub use answer::AccessToken;
pub use answer::ExchangedToken;
pub use call::CallError;
#[cfg(feature = "axum")]
pub use caller::Caller;
#[cfg(feature = "axum")]
pub use caller::CallerRejection;
pub use client::ClientAuthentication;
pub use client::Exchanger;
pub use client::ExchangerBuilder;
pub use client::TokenEndpoint;
pub use error::ExchangeError;
pub use key::PrivateKey;
pub use key::UnusableKey;
pub use request::Connection;
pub use request::OnBehalfOf;
pub use request::TokenExchange;
pub use request::TokenType;
