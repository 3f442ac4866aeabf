//! `Scoped<D, T>`: another extractor, behind a demand.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::FromRequest;
use axum::extract::FromRequestParts;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::response::Response;
use http::request::Parts;

use crate::authorize;
use crate::authorize::Demand;
use crate::extract::Rejection;
use crate::extract::authentication::mark;

/// What the extractor `T` gives, of a request that meets the demand `D`.
///
/// The demand is judged first, so a request that does not meet it learns nothing from what `T` would say, and its body is
/// not read. `Scoped<D>` alone gives nothing and only asks.
///
/// ```
/// use std::sync::LazyLock;
///
/// use axum::Json;
/// use claviger::ScopePolicy;
/// use claviger::authorize::Demand;
/// use claviger::extract::Scoped;
///
/// struct WriteReports;
///
/// impl Demand for WriteReports {
///     fn policy() -> &'static ScopePolicy {
///         static POLICY: LazyLock<ScopePolicy> =
///             LazyLock::new(|| ScopePolicy::scope("write:reports").expect("this is a scope"));
///         &POLICY
///     }
/// }
///
/// async fn create(report: Scoped<WriteReports, Json<String>>) -> String {
///     let Json(title) = report.into_inner();
///     title
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(create(Scoped::unchecked(Json("May".to_owned()))).await, "May");
/// # });
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::post(create));
/// ```
pub struct Scoped<D, T = ()> {
    inner: T,
    demand: PhantomData<fn() -> D>,
}

impl<D, T> Scoped<D, T> {
    /// Nothing was asked: for calling a handler in a unit test.
    pub fn unchecked(inner: T) -> Self {
        Self { inner, demand: PhantomData }
    }

    /// What the extractor gave.
    pub fn into_inner(self) -> T {
        self.inner
    }
}

impl<D, T> Deref for Scoped<D, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<D, T: fmt::Debug> fmt::Debug for Scoped<D, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scoped").field(&self.inner).finish()
    }
}

impl<D: Demand, T: FromRequestParts<S>, S: Sync> FromRequestParts<S> for Scoped<D, T> {
    type Rejection = ScopedRejection<T::Rejection>;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        ask::<D>(parts).map_err(ScopedRejection::Refused)?;
        T::from_request_parts(parts, state).await.map(Self::unchecked).map_err(ScopedRejection::Inner)
    }
}

/// For extractors of the body.
impl<D: Demand, T: FromRequest<S>, S: Sync> FromRequest<S> for Scoped<D, T> {
    type Rejection = ScopedRejection<T::Rejection>;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let (parts, body) = request.into_parts();
        ask::<D>(&parts).map_err(ScopedRejection::Refused)?;
        T::from_request(Request::from_parts(parts, body), state)
            .await
            .map(Self::unchecked)
            .map_err(ScopedRejection::Inner)
    }
}

fn ask<D: Demand>(parts: &Parts) -> Result<(), Rejection> {
    let mark = mark("Scoped", parts)?;
    authorize::decide(D::policy(), D::enforcement(), mark, &parts.extensions)
        .map_err(|refused| Rejection::refused(mark, parts, refused))
}

/// Why [`Scoped`] gave nothing.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "the demand or the extractor behind it")]
pub enum ScopedRejection<R> {
    /// The demand was not met.
    Refused(Rejection),
    /// It was, and the extractor behind it gave nothing.
    Inner(R),
}

impl<R: IntoResponse> IntoResponse for ScopedRejection<R> {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(rejection) => rejection.into_response(),
            Self::Inner(rejection) => rejection.into_response(),
        }
    }
}
