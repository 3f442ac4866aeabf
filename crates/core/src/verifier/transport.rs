//! What brings the documents of each issuer.

use std::fs;
use std::sync::Arc;

use crate::error::Problems;
use crate::issuer::Issuer;
use crate::keys::Fetch;
use crate::keys::HttpFetch;
use crate::keys::KeySettings;
use crate::keys::Reach;
use crate::verifier::key_source::is_static;

/// What brings the documents of each issuer.
#[derive(Debug)]
pub(super) enum Transport {
    /// The application's own, for all of them.
    Own(Arc<dyn Fetch>),
    /// Ours: a client for issuers that the operator has named, and one for those found at run time. `None` if no issuer
    /// needs it, or it could not be made.
    Http { named: Option<Arc<dyn Fetch>>, found: Option<Arc<dyn Fetch>> },
}

impl Transport {
    /// Ours, as far as `issuers` need the network.
    pub(super) fn http(settings: &KeySettings, issuers: &[Issuer], problems: &mut Problems) -> Self {
        let mut made = |is_found: bool| {
            let needed = |issuer: &Issuer| !is_static(issuer) && issuer.is_found_at_run_time() == is_found;
            if !issuers.iter().any(needed) {
                return None;
            }
            match HttpFetch::with_options(settings, None, reach(is_found)) {
                Ok(fetch) => Some(Arc::new(fetch) as Arc<dyn Fetch>),
                Err(error) => {
                    problems.add("keys", format!("no HTTP client can be made: {error}"));
                    None
                }
            }
        };
        Self::Http { named: made(false), found: made(true) }
    }

    /// `None`, with what is wrong told here or when this was made, if there is none for `issuer`.
    pub(super) fn of(
        &self,
        issuer: &Issuer,
        settings: &KeySettings,
        wrong: &mut dyn FnMut(&str, &str),
    ) -> Option<Arc<dyn Fetch>> {
        let is_found = issuer.is_found_at_run_time();
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
                Some(Arc::clone(own))
            }
            (Self::Http { .. }, Some(file)) => {
                let pem = fs::read(file).map_err(|error| format!("cannot be read: {error}"));
                let trusting = |pem: Vec<u8>| HttpFetch::with_options(settings, Some(&pem), reach(is_found));
                match pem.and_then(|pem| trusting(pem).map_err(|error| error.to_string())) {
                    Ok(fetch) => Some(Arc::new(fetch)),
                    Err(message) => {
                        wrong("ca_file", &message);
                        None
                    }
                }
            }
            (Self::Http { found, .. }, None) if is_found => found.clone(),
            (Self::Http { named, .. }, None) => named.clone(),
        }
    }
}

const fn reach(is_found: bool) -> Reach {
    if is_found { Reach::Public } else { Reach::Any }
}
