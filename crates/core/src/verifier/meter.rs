//! Counters of what is kept, by the facade of the crate `metrics`; nothing without that feature. Labels are of closed
//! lists.

/// A token was found among those that are kept. The label is a literal, because one that is not costs an allocation.
#[cfg(feature = "metrics")]
pub(super) fn hit() {
    metrics::counter!("claviger_kept_tokens_total", "outcome" => "hit").increment(1);
}

#[cfg(not(feature = "metrics"))]
pub(super) fn hit() {}

/// A token was not found among those that are kept.
#[cfg(feature = "metrics")]
pub(super) fn miss() {
    metrics::counter!("claviger_kept_tokens_total", "outcome" => "miss").increment(1);
}

#[cfg(not(feature = "metrics"))]
pub(super) fn miss() {}

/// Something had to go for others.
#[cfg(feature = "metrics")]
pub(super) fn evicted(what: &'static str) {
    metrics::counter!("claviger_evictions_total", "what" => what).increment(1);
}

#[cfg(not(feature = "metrics"))]
pub(super) fn evicted(_: &'static str) {}
