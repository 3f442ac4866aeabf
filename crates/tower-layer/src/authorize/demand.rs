//! What a handler demands, as a type.

use claviger_core::ScopePolicy;

use crate::authorize::Enforcement;

/// What a handler demands, as a type, for [`Scoped`](crate::extract::Scoped).
///
/// The attribute `#[require_scope(…)]` makes one for each handler, and `#[derive(Demand)]` one for several. By hand, the
/// policy is kept in a static, because it is asked for with each request:
///
/// ```
/// use std::sync::LazyLock;
///
/// use claviger::ScopePolicy;
/// use claviger::authorize::Demand;
///
/// struct ReadReports;
///
/// impl Demand for ReadReports {
///     fn policy() -> &'static ScopePolicy {
///         static POLICY: LazyLock<ScopePolicy> =
///             LazyLock::new(|| ScopePolicy::scope("read:reports").expect("this is a scope"));
///         &POLICY
///     }
/// }
///
/// assert_eq!(ReadReports::policy().to_string(), "\"read:reports\"");
/// ```
pub trait Demand: 'static {
    /// What is needed.
    #[must_use]
    fn policy() -> &'static ScopePolicy;

    /// Whether it is enforced; it is, unless this says otherwise.
    #[must_use]
    fn enforcement() -> Enforcement {
        Enforcement::Enforced
    }
}
