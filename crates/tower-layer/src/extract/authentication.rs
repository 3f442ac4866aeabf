//! The mark of the layer as an extractor, and demands that depend on what a request says.

use axum::extract::FromRequestParts;
use claviger_core::ScopePolicy;
use http::Extensions;
use http::request::Parts;

use crate::authenticate::Authentication;
use crate::authorize;
use crate::authorize::Enforcement;
use crate::extract::Rejection;
use crate::respond::AnswerContext;

impl<S: Sync> FromRequestParts<S> for Authentication {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let mark = mark("Authentication", parts)?;
        Ok(mark.clone().reached_in(AnswerContext::of_parts(mark.config().settings(), parts)))
    }
}

impl Authentication {
    /// Asks for more than the route does, where that depends on the body: the answer is that of a guard.
    ///
    /// ```
    /// use std::sync::LazyLock;
    ///
    /// use axum::Json;
    /// use claviger::ScopePolicy;
    /// use claviger::authenticate::Authentication;
    /// use claviger::extract::Rejection;
    ///
    /// static DELETE: LazyLock<ScopePolicy> =
    ///     LazyLock::new(|| ScopePolicy::scope("tools:delete").expect("this is a scope"));
    ///
    /// async fn call(auth: Authentication, Json(tool): Json<String>) -> Result<&'static str, Rejection> {
    ///     if tool == "delete" {
    ///         auth.require(&DELETE)?;
    ///     }
    ///     Ok("called")
    /// }
    /// # let _: axum::Router = axum::Router::new().route("/", axum::routing::post(call));
    /// ```
    ///
    /// # Errors
    ///
    /// 401 for an anonymous request, 403 or the step-up answer for a token that does not meet `policy`. Parameters of
    /// the path are not known here, so a policy that compares one is not met.
    pub fn require(&self, policy: &ScopePolicy) -> Result<(), Rejection> {
        authorize::decide(policy, Enforcement::Enforced, self, &Extensions::new())
            .map_err(|refused| Rejection::reached_in(self, self.context(), refused))
    }
}

/// The mark that the layer has left, or the answer that `who` needs one.
pub(super) fn mark<'a>(who: &'static str, parts: &'a Parts) -> Result<&'a Authentication, Rejection> {
    parts.extensions.get().ok_or_else(|| Rejection::missing_layer(who, parts))
}
