//! Counters, by the facade of the crate `metrics`; nothing without that feature. Labels are the issuers that the operator
//! has named, and closed lists.

/// A fetch has ended: `outcome` is `ok` or the class of its failure.
#[cfg(feature = "metrics")]
pub(super) fn fetched(issuer: &str, outcome: &'static str) {
    metrics::counter!("claviger_key_fetches_total", "issuer" => issuer.to_owned(), "outcome" => outcome).increment(1);
}

#[cfg(not(feature = "metrics"))]
pub(super) fn fetched(_: &str, _: &'static str) {}

/// A token was judged by the keys at hand, because the budget for refetches is empty.
#[cfg(feature = "metrics")]
pub(super) fn refetch_denied(issuer: &str) {
    metrics::counter!("claviger_key_refetches_denied_total", "issuer" => issuer.to_owned()).increment(1);
}

#[cfg(not(feature = "metrics"))]
pub(super) fn refetch_denied(_: &str) {}
