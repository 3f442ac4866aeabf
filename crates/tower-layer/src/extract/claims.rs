//! `Claims<C>` and `Option<Claims<C>>` as extractors.

use axum::extract::FromRequestParts;
use axum::extract::OptionalFromRequestParts;
use claviger_core::error::Reason;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::authenticate::Authentication;
use crate::authenticate::Claims;
use crate::extract::Rejection;
use crate::extract::authentication::mark;
use crate::respond::Refused;

impl<C: DeserializeOwned + Send + Sync + 'static, S: Sync> FromRequestParts<S> for Claims<C> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let mark = mark("Claims", parts)?;
        match claims(mark, parts)? {
            Some(claims) => Ok(claims),
            None => Err(Rejection::refused(mark, parts, Refused::because(Reason::MissingCredentials))),
        }
    }
}

/// `None` for an anonymous request alone; what is wrong stays wrong.
impl<C: DeserializeOwned + Send + Sync + 'static, S: Sync> OptionalFromRequestParts<S> for Claims<C> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Rejection> {
        claims(mark("Claims", parts)?, parts)
    }
}

fn claims<C: DeserializeOwned + Send + Sync + 'static>(
    mark: &Authentication,
    parts: &Parts,
) -> Result<Option<Claims<C>>, Rejection> {
    let parsed = mark.token().map(|token| token.claims::<C>()).transpose();
    parsed
        .map(|claims| claims.map(Claims))
        .map_err(|error| Rejection::refused(mark, parts, Refused::from(error).of_scheme(mark.scheme())))
}
