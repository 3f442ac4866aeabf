//! Keys that are fetched: the hands of the policy.
//!
//! A fetch is a task of its own, a flight, so a client that goes away does not cancel it; requests only watch. Keys are
//! read without a lock: the policy and its mutex are asked only when the keys at hand are not simply fresh. Under that
//! mutex nothing is awaited, logged or asked of anybody else.

#[cfg(test)]
#[cfg(shuttle)]
mod explored;
mod flight;
mod landing;
mod outage;
#[cfg(test)]
#[cfg(shuttle)]
mod race;
mod report;
mod revalidating;
#[cfg(not(all(test, shuttle)))]
mod runtime;
mod shared;
mod source;

#[cfg(all(test, shuttle))]
use explored as runtime;

pub(crate) use source::RemoteKeys;
pub(crate) use source::WeakRemoteKeys;
