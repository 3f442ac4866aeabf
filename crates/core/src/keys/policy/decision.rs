//! The words between the policy and its hands.

use std::time::Duration;

/// What a refetch is for; each has a budget of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cause {
    /// The token names a key that was not there, or names none and is not signed by the one that fits.
    UnknownKey,
    /// The key that the token names does not verify it.
    BadSignature,
}

/// How new the answer to a fetch has to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wanted {
    /// What a cache on the way, or another process, has fetched will do.
    Fresh,
    /// The issuer's own word of this moment.
    Newest,
}

/// What a request gets. Flights are named by their number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Decision {
    /// The keys at hand.
    Serve,
    /// The keys at hand; and this flight starts behind it.
    ServeAndFetch(u64),
    /// This flight starts, and the request waits for it.
    FetchAndWait(u64),
    /// The request waits for this flight, which is under way.
    Join(u64),
    /// The issuer was asked after the request came, and there is nothing newer.
    NothingNewer,
    /// The same, because nobody is asked: the budget is empty, or the last try has just failed.
    Denied,
    /// The issuer cannot be asked now whether there is a newer key, so the age of the token decides: what the keys at
    /// hand are a copy of was published this long ago.
    Undecided { copy_age: Duration, retry_after: Duration },
    /// No keys, and not the token's fault.
    Unavailable { retry_after: Duration },
    /// The same, because nobody is asked: issuers found at run time have used up what they may fetch together.
    Exhausted { retry_after: Duration },
}

/// What a flight brought.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// Keys, new or confirmed, and how long the answer says that they are fresh. `age` is how long a cache on the way
    /// has had the answer.
    Keys { lifetime: Option<Duration>, age: Duration },
    /// Keys that another process fetched `since` ago, where their `age` was this, and how long they were fresh from then
    /// on.
    Stored { lifetime: Duration, since: Duration, age: Duration },
    /// Nothing.
    Failed,
}

/// What to do with what a flight brought.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Landed {
    /// Put the keys in place, with this landing number, until this time; and how long they are fresh from when they
    /// were fetched.
    Swap { landing: u64, refresh_at: Duration, lifetime: Duration },
    /// Leave everything: the flight failed.
    Keep,
    /// Forget the flight: a younger one has landed before, so whatever this one brought is old.
    Outdated,
}
