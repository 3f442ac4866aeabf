//! What is to be logged of a fetch.

use std::sync::Arc;

use crate::error::Excerpt;
use crate::keys::KeyError;
use crate::keys::KeySnapshot;
use crate::keys::Keys;
use crate::keys::Location;
use crate::keys::meter;
use crate::keys::remote::outage::Loudness;
use crate::keys::remote::shared::Shared;

/// What is to be logged when the lock is released.
#[must_use]
pub(super) enum Report {
    Nothing,
    Placed { before: Option<Arc<Keys>>, now: Arc<Keys>, ends_outage: bool },
    Failed { error: KeyError, worrying: bool, loudness: Loudness },
}

impl Report {
    /// What is worth keeping for others.
    pub(super) fn snapshot(&self, location: &Location) -> Option<KeySnapshot> {
        match self {
            Self::Placed { now, .. } => now.snapshot(&location.issuer, location.source()),
            Self::Nothing | Self::Failed { .. } => None,
        }
    }

    pub(super) fn log(&self, shared: &Shared) {
        let (issuer, label) = (shared.location.issuer.as_str(), shared.location.label());
        match self {
            Self::Nothing => {}
            Self::Placed { before, now, ends_outage } => {
                meter::fetched(label, "ok");
                tracing::debug!(issuer, generation = now.generation, "the keys were fetched");
                if *ends_outage {
                    tracing::info!(issuer, "the keys can be fetched again");
                }
                let set_before = before.as_ref().map(|before| &*before.set);
                shared.skipped.log(issuer, now.set.skipped());
                for key_id in set_before.into_iter().flat_map(|before| now.set.reused_key_ids(before)) {
                    let key_id = Excerpt::of(key_id);
                    tracing::warn!(issuer, %key_id, "the issuer has given another key the name of an old one");
                }
                if before.as_ref().is_none_or(|before| before.generation != now.generation) {
                    let key_ids: Vec<_> = now.set.key_ids().iter().map(|key_id| Excerpt::of(key_id)).collect();
                    tracing::info!(issuer, generation = now.generation, ?key_ids, "the key set has changed");
                }
            }
            Self::Failed { error, worrying, loudness } => {
                let kind = error.kind().as_str();
                meter::fetched(label, kind);
                if !error.skipped().is_empty() {
                    shared.skipped.log(issuer, error.skipped());
                }
                match loudness {
                    Loudness::Error => {
                        tracing::error!(issuer, kind, %error, worrying, "the configured issuer is not the one found");
                    }
                    Loudness::Warn => tracing::warn!(issuer, kind, %error, worrying, "the keys could not be fetched"),
                    Loudness::Info => tracing::info!(issuer, kind, %error, worrying, "the keys could not be fetched"),
                    Loudness::Debug => tracing::debug!(issuer, kind, %error, worrying, "the keys could not be fetched"),
                }
            }
        }
    }
}
