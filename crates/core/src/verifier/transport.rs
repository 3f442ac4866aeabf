//! What brings the documents of each issuer.

use std::fs;
use std::sync::Arc;
use std::sync::OnceLock;

use crate::issuer::Documents;
use crate::issuer::Issuer;
use crate::keys::ClientOptions;
use crate::keys::Fetch;
use crate::keys::HttpFetch;
use crate::keys::KeySettings;
use crate::keys::Reach;
use crate::keys::Reuse;
use crate::keys::Same;
use crate::keys::Way;
use crate::verifier::key_source::is_static;

/// What brings the documents of each issuer.
#[derive(Debug)]
pub(super) enum Transport {
    /// The application's own, for all of them.
    Own(Arc<dyn Fetch>),
    /// Ours: a client for issuers that the operator has named, and one for those found at run time, each made when the
    /// first issuer needs it.
    Http { named: OnceLock<Made>, found: OnceLock<Made> },
}

/// What the first document of an issuer is fetched over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Security {
    PlainHttp,
    Tls,
}

/// A client, or why it could not be made.
type Made = Result<Arc<HttpFetch>, String>;

impl Transport {
    /// Ours.
    pub(super) fn http() -> Self {
        Self::Http { named: OnceLock::new(), found: OnceLock::new() }
    }

    /// `None`, with what is wrong told, if there is none for `issuer`.
    pub(super) fn of(
        &self,
        issuer: &Issuer,
        security: Security,
        settings: &KeySettings,
        wrong: &mut dyn FnMut(&str, &str),
    ) -> Option<(Arc<dyn Fetch>, Way)> {
        let is_found = issuer.is_found_at_run_time();
        if let Some(Documents(own)) = &issuer.documents {
            return Some((Arc::clone(own), Way::Own(Same(Arc::clone(own)))));
        }
        if is_static(issuer) {
            if issuer.ca_file.is_some() {
                wrong("ca_file", "is of no use with static keys");
            }
            return None;
        }
        match (self, &issuer.ca_file) {
            (Self::Own(own), ca_file) => {
                if ca_file.is_some() {
                    wrong("ca_file", "does nothing for a `Fetch` of the application's own, which can trust it itself");
                }
                // Nobody else can tell where it connects to.
                if is_found && !own.keeps_to_public_addresses() {
                    wrong("found_at_run_time", "needs a `Fetch` that says that it keeps to public addresses");
                }
                Some((Arc::clone(own), Way::Own(Same(Arc::clone(own)))))
            }
            (Self::Http { .. }, Some(file)) => {
                let pem = fs::read(file).map_err(|error| format!("cannot be read: {error}"));
                let trusting = |pem: Vec<u8>| match HttpFetch::with_options(settings, options(is_found, Some(&pem))) {
                    Ok(fetch) => Ok((fetch, pem)),
                    Err(error) => Err(error.to_string()),
                };
                match pem.and_then(trusting) {
                    Ok((fetch, pem)) => Some((Arc::new(fetch), Way::Http { roots: Some(pem.into()) })),
                    Err(message) => {
                        wrong("ca_file", &message);
                        None
                    }
                }
            }
            (Self::Http { named, found }, None) => {
                let client = if is_found { found } else { named };
                let made = client.get_or_init(|| match HttpFetch::with_options(settings, options(is_found, None)) {
                    Ok(fetch) => Ok(Arc::new(fetch)),
                    Err(error) => Err(format!("cannot be reached, because no HTTP client can be made: {error}")),
                });
                let fetch = made.as_ref().map_err(|message| wrong("issuer", message)).ok()?;
                if let (Security::Tls, Some(error)) = (security, fetch.no_roots()) {
                    wrong("issuer", &format!("cannot be reached: {error}"));
                    return None;
                }
                Some((Arc::clone(fetch) as Arc<dyn Fetch>, Way::Http { roots: None }))
            }
        }
    }
}

const fn options(is_found: bool, roots: Option<&[u8]>) -> ClientOptions<'_> {
    ClientOptions { roots, reach: if is_found { Reach::Public } else { Reach::Any }, reuse: Reuse::Never }
}
