//! What is measured, and how: claviger beside the bare signature, an unguarded router and, in a package of its own,
//! other middleware. How to run all of it stands in the README beside the manifest.

#![expect(clippy::expect_used, reason = "a benchmark cannot go on without what it measures")]

// What work is made of.
mod bare;
mod bound;
mod crowd;
mod guarded;
mod issuer;
mod proof;
mod ring;
mod route;
mod uses;
mod verifier;
mod work;

// What is measured side by side.
pub mod groups;

// How it is measured and shown.
mod latencies;
mod measure;
pub mod program;
mod report;
mod resident;

pub use bare::Bare;
pub use bound::Bound;
pub use bound::BoundCore;
pub use crowd::Crowd;
pub use guarded::Freshness;
pub use guarded::Guarded;
pub use issuer::KeyKind;
pub use issuer::Signed;
pub use latencies::Latencies;
pub use measure::Counter;
pub use proof::ProofSubject;
pub use report::Reading;
pub use report::Report;
pub use report::chart;
pub use resident::resident_kib;
pub use route::Route;
pub use route::handler;
pub use route::unguarded;
pub use uses::Uses;
pub use uses::distinct;
pub use verifier::Core;
pub use work::Group;
pub use work::Work;
