//! How the keys of an issuer stand, for health routes and operators.

use std::time::Duration;

use crate::keys::KeyError;

/// How the keys of an issuer stand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyState {
    /// Never fetched.
    Empty,
    /// Within their lifetime.
    Fresh,
    /// Being fetched anew while they serve.
    Refreshing,
    /// Past their lifetime, serving all the same.
    Stale,
    /// Past all use: requests are answered 503.
    Expired,
}

impl KeyState {
    /// The name in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Fresh => "fresh",
            Self::Refreshing => "refreshing",
            Self::Stale => "stale",
            Self::Expired => "expired",
        }
    }
}

/// What has happened to the keys of an issuer since the process began.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct KeyCounters {
    /// Fetches that were begun; discovery and keys together are one.
    pub fetches: u64,
    /// Fetches that brought nothing.
    pub failures: u64,
    /// Fetches that were begun for an unknown `kid` or a bad signature; they are among [`fetches`](Self::fetches).
    pub refetches: u64,
    /// Refetches that were not begun, because the budget was empty or the last try has just failed.
    pub refetches_denied: u64,
}

/// A snapshot of one issuer's keys.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KeyStatus {
    /// The issuer.
    pub issuer: String,
    /// How its keys stand.
    pub state: KeyState,
    /// `kid`s of the usable keys, sorted; keys without `kid` are not listed.
    pub key_ids: Vec<String>,
    /// How often the set has changed; the first is 1.
    pub generation: u64,
    /// How long ago the keys were last fetched or confirmed.
    pub age: Option<Duration>,
    /// How long until the next request causes a refresh behind it; static keys have none.
    pub refresh_in: Option<Duration>,
    /// What the last fetch failed with, if it did.
    pub last_error: Option<KeyError>,
    /// What has happened so far.
    pub counters: KeyCounters,
}
