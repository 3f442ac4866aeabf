//! The parameters of the path that axum matched.

#[cfg(feature = "axum")]
use std::pin::pin;
#[cfg(feature = "axum")]
use std::task::Context;
#[cfg(feature = "axum")]
use std::task::Poll;
#[cfg(feature = "axum")]
use std::task::Waker;

#[cfg(feature = "axum")]
use axum::extract::FromRequestParts;
#[cfg(feature = "axum")]
use axum::extract::RawPathParams;
use claviger_core::ScopePolicy;
use http::Extensions;

/// Decoded, by name.
pub(crate) type Parameters = Vec<(String, String)>;

/// As a policy takes them.
pub(crate) fn borrowed(parameters: &Parameters) -> Vec<(&str, &str)> {
    parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Those of a request with these extensions, if `policy` asks for any; there are none where nothing of axum matched.
#[cfg(feature = "axum")]
pub(crate) fn asked_by(policy: &ScopePolicy, extensions: &Extensions) -> Parameters {
    if !policy.asks_for_parameters() {
        return Parameters::new();
    }
    let (mut parts, ()) = http::Request::new(()).into_parts();
    parts.extensions = extensions.clone();
    let extracted = pin!(RawPathParams::from_request_parts(&mut parts, &()));
    // They stand in the extensions, so nothing is awaited.
    match extracted.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(found)) => found.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        Poll::Ready(Err(_)) | Poll::Pending => Parameters::new(),
    }
}

#[cfg(not(feature = "axum"))]
pub(crate) fn asked_by(_: &ScopePolicy, _: &Extensions) -> Parameters {
    Parameters::new()
}
