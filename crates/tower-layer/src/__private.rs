//! What the code of the attributes calls. Nobody else should: no version keeps it.

use claviger_core::InvalidPolicy;
use claviger_core::ScopePolicy;

/// A policy that was checked when the attribute was expanded; were it wrong all the same, nobody would pass.
#[must_use]
pub fn checked(policy: Result<ScopePolicy, InvalidPolicy>) -> ScopePolicy {
    policy.unwrap_or_else(|error| {
        tracing::error!(%error, "an attribute has let an invalid policy through: nobody meets it");
        ScopePolicy::denied()
    })
}
