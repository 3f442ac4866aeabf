//! Counters of kept tokens, by the facade of the crate `metrics`; nothing without that feature.

/// A token was looked for, or had to go for another one: `outcome` is `hit`, `miss` or `evicted`.
#[cfg(feature = "metrics")]
pub(super) fn kept(outcome: &'static str) {
    metrics::counter!("claviger_kept_tokens_total", "outcome" => outcome).increment(1);
}

#[cfg(not(feature = "metrics"))]
pub(super) fn kept(_: &'static str) {}
