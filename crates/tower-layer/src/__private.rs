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

/// The type of a handler's demand.
///
/// It cannot stand in an `impl` block, and an attribute cannot know that it stands in one. The compiler names this macro
/// when it says so.
#[doc(hidden)]
#[macro_export]
macro_rules! __in_an_impl_block_write_guarded_above_it {
    ($(#[$condition:meta])* $visibility:vis $name:ident { $($says:item)* }) => {
        $(#[$condition])*
        #[doc(hidden)]
        #[allow(clippy::exhaustive_enums, non_camel_case_types)]
        $visibility enum $name {}

        $(#[$condition])*
        impl $crate::authorize::Demand for $name {
            $($says)*
        }
    };
}
