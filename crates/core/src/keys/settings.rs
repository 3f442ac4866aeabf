//! How keys are fetched and how long they serve.

use std::time::Duration;

use crate::error::Problems;

/// How keys are fetched, how long they serve, and how much junk may cost.
///
/// # Defaults
///
/// | Setting | Default |
/// |---|---|
/// | `default_lifetime`, where the issuer states none | 10 min, or as near to it as the next two allow |
/// | `min_lifetime`, `max_lifetime` of what it states | 1 min, 1 h (at most 24 h) |
/// | `max_stale`, how long past their lifetime keys serve while the issuer is down | 1 h |
/// | `refetch_budget`, `refetch_interval` for unknown `kid`s | 2, refilled one in 30 s |
/// | `timeout`, `connect_timeout` of a fetch | 5 s, 2 s |
/// | `wait`, how long a request waits for keys | 2 s |
/// | `max_bytes`, `max_keys` of a document | 256 KiB, 128 |
///
/// ```
/// use std::time::Duration;
///
/// use claviger_core::Issuer;
/// use claviger_core::KeySettings;
/// use claviger_core::Verifier;
///
/// let mut keys = KeySettings::default();
/// keys.min_lifetime = Duration::from_secs(7200); // more than max_lifetime
/// let error = Verifier::builder(Issuer::new("https://idp.example", "api")).with_keys(keys).build().unwrap_err();
/// assert_eq!(error.problems()[0].path(), "keys.min_lifetime");
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct KeySettings {
    /// How long keys are fresh where the answer has no caching headers.
    pub default_lifetime: Duration,
    /// The shortest lifetime that an answer can state.
    pub min_lifetime: Duration,
    /// The longest lifetime that an answer can state: how long a withdrawn key is believed while fetches succeed.
    pub max_lifetime: Duration,
    /// How long past their lifetime keys serve while fetches fail.
    pub max_stale: Duration,
    /// How many refetches unknown `kid`s can cause at once.
    pub refetch_budget: u32,
    /// How long until one of them is given back.
    pub refetch_interval: Duration,
    /// The deadline of one fetch, discovery and keys together.
    pub timeout: Duration,
    /// The deadline for a connection.
    pub connect_timeout: Duration,
    /// How long a request waits for a fetch before it is answered 503.
    pub wait: Duration,
    /// The most bytes of a document, after decompression.
    pub max_bytes: usize,
    /// The most keys of a set, usable or not.
    pub max_keys: usize,
}

impl KeySettings {
    pub(crate) fn check(&self, problems: &mut Problems) {
        let durations = [
            ("default_lifetime", self.default_lifetime),
            ("min_lifetime", self.min_lifetime),
            ("max_lifetime", self.max_lifetime),
            ("refetch_interval", self.refetch_interval),
            ("timeout", self.timeout),
            ("connect_timeout", self.connect_timeout),
            ("wait", self.wait),
        ];
        for (name, _) in durations.iter().filter(|(_, duration)| duration.is_zero()) {
            problems.add(format!("keys.{name}"), "must be more than zero");
        }
        let counts = [
            ("refetch_budget", self.refetch_budget as usize),
            ("max_bytes", self.max_bytes),
            ("max_keys", self.max_keys),
        ];
        for (name, _) in counts.iter().filter(|(_, count)| *count == 0) {
            problems.add(format!("keys.{name}"), "must be at least 1");
        }
        if self.min_lifetime > self.max_lifetime {
            problems.add("keys.min_lifetime", "must not be more than max_lifetime");
        }
        let stated = self.min_lifetime..=self.max_lifetime;
        let was_given = self.default_lifetime != DEFAULT_LIFETIME;
        if was_given && !stated.is_empty() && !stated.contains(&self.default_lifetime) {
            problems.add("keys.default_lifetime", "must be between min_lifetime and max_lifetime");
        }
        if self.refetch_interval > LONGEST_LIFETIME {
            problems.add("keys.refetch_interval", "must not be more than 24 h");
        }
        if self.max_lifetime > LONGEST_LIFETIME {
            problems.add("keys.max_lifetime", "must not be more than 24 h");
        }
        if self.max_stale > LONGEST_STALE {
            problems.add("keys.max_stale", "must not be more than 7 days");
        }
    }
}

impl Default for KeySettings {
    fn default() -> Self {
        Self {
            default_lifetime: DEFAULT_LIFETIME,
            min_lifetime: Duration::from_secs(60),
            max_lifetime: Duration::from_secs(3600),
            max_stale: Duration::from_secs(3600),
            refetch_budget: 2,
            refetch_interval: Duration::from_secs(30),
            timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(2),
            wait: Duration::from_secs(2),
            max_bytes: 256 * 1024,
            max_keys: 128,
        }
    }
}

const DEFAULT_LIFETIME: Duration = Duration::from_secs(600);
const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 3600);
const LONGEST_STALE: Duration = Duration::from_secs(7 * 24 * 3600);
