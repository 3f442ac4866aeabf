//! Public keys of an issuer as they were fetched, to be kept outside of the process.

use std::error::Error;
use std::fmt::Debug;
use std::pin::Pin;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

/// The public keys of one issuer as they were fetched at some moment: what [`KeyStore`] keeps, and what a service saves
/// to come up while its issuer is down.
///
/// It passes every check again where it is read, and is never fresher than it says: its age counts from the wall clock
/// at that moment, and from then on by the monotonic one. It serves an issuer alone that is told to look for its keys at
/// the same place. Whoever can write it can forge tokens, so it belongs where configuration does. The form of its
/// serialization is part of the API.
///
/// ```
/// use claviger_core::Issuer;
/// use claviger_core::KeySnapshot;
/// use claviger_core::Verifier;
///
/// # fn restart(saved: &str) -> Result<String, Box<dyn std::error::Error>> {
/// let snapshots: Vec<KeySnapshot> = serde_json::from_str(saved)?;
/// let issuer = Issuer::new("https://issuer.example", "https://api.example");
/// let verifier = Verifier::builder(issuer).with_key_snapshots(snapshots).build()?;
/// Ok(serde_json::to_string(&verifier.key_snapshots())?)
/// # }
/// # assert_eq!(restart("[]").unwrap(), "[]");
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct KeySnapshot {
    pub(crate) issuer: String,
    /// The configured address of its metadata or keys, if there is one: an issuer is only a name, and somebody else can
    /// have been told other keys for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    pub(crate) jwks: String,
    /// In seconds since 1970.
    pub(crate) fetched_at: u64,
    /// In seconds, from then on.
    pub(crate) lifetime: u64,
    /// How long a cache between the issuer and the process had had them by then (`Age`, RFC 9111, section 5.1), in
    /// seconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) age: u64,
}

impl KeySnapshot {
    /// Whose keys they are.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// How long ago it was fetched at `unix`, the time since 1970; nothing is younger than now. `None` if the time is not
    /// known.
    pub(crate) fn fetched_since(&self, unix: Option<Duration>) -> Option<Duration> {
        unix.map(|unix| unix.saturating_sub(Duration::from_secs(self.fetched_at)))
    }

    pub(crate) fn lifetime(&self) -> Duration {
        Duration::from_secs(self.lifetime)
    }
}

/// Keeps the keys of issuers for several processes, so that one fetch serves a fleet.
///
/// It is asked before the network when keys are missing or due for a refresh, never for an unknown `kid`; and it is
/// told of each set that was fetched. What it gives passes every check, and is not used if it was fetched from another
/// configured address, for an issuer of the same name. If it fails, or does not answer within 100 ms, the network is
/// asked.
pub trait KeyStore: Debug + Send + Sync + 'static {
    /// What was put last for this issuer, if anything is left of it.
    fn get<'a>(&'a self, issuer: &'a str) -> StoreFuture<'a, Option<KeySnapshot>>;

    /// Keeps this snapshot in the place of the one before.
    fn put<'a>(&'a self, snapshot: &'a KeySnapshot) -> StoreFuture<'a, ()>;
}

/// What a [`KeyStore`] returns; its failure is a miss.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Box<dyn Error + Send + Sync>>> + Send + 'a>>;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(seconds: &u64) -> bool {
    *seconds == 0
}
