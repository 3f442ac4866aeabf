//! Stage 6: who holds the token, where it is not for every bearer.
//!
//! A token with `cnf` is bound to a key or a certificate (RFC 7800), and worth nothing without it. A [`Presentation`] says
//! by which scheme a token came and what came with it; [`Possession`] is what that was found to show.

pub(crate) mod dpop;

mod certificate;
mod possession;
mod presentation;
mod rules;
mod scheme;
mod thumbprint;

pub use certificate::ClientCertificate;
pub(crate) use possession::HeldKey;
pub(crate) use possession::Possession;
pub use presentation::Presentation;
pub(crate) use rules::Believed;
pub(crate) use rules::PresenterRules;
pub(crate) use rules::Shown;
pub use scheme::TokenScheme;
pub(crate) use thumbprint::Thumbprint;
