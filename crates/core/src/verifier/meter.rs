//! Counters of what is kept, by the facade of the crate `metrics`; nothing without that feature. Labels are of closed
//! lists.

/// A token was looked for among those that are kept: `outcome` is `hit` or `miss`.
#[cfg(feature = "metrics")]
pub(super) fn looked_for(outcome: &'static str) {
    metrics::counter!("claviger_kept_tokens_total", "outcome" => outcome).increment(1);
}

#[cfg(not(feature = "metrics"))]
pub(super) fn looked_for(_: &'static str) {}

/// Something had to go for others.
#[cfg(feature = "metrics")]
pub(super) fn evicted(what: &'static str) {
    metrics::counter!("claviger_evictions_total", "what" => what).increment(1);
}

#[cfg(not(feature = "metrics"))]
pub(super) fn evicted(_: &'static str) {}
