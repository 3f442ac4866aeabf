//! The answers at the metadata's path (RFC 9728, section 3.2).

use std::time::Duration;

use bytes::Bytes;
use claviger_core::Scopes;
use claviger_core::error::Problems;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header;

use crate::client_uri::uri_of_client;
use crate::metadata::Resource;
use crate::metadata::ResourceMetadata;
use crate::metadata::TokenUse;

/// Stands in the extensions of every response that is made here, for layers outside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FromMetadata;

/// The document as it is answered, serialized once.
#[derive(Debug)]
pub(crate) struct Publication {
    metadata: ResourceMetadata,
    body: Bytes,
    cache_control: HeaderValue,
}

impl Publication {
    /// What is wrong goes to `problems`.
    pub(crate) fn check<'a>(
        resource: &Resource,
        issuers: impl Iterator<Item = &'a str>,
        scopes: &Scopes,
        uses: TokenUse,
        problems: &mut Problems,
    ) -> Option<Self> {
        if resource.max_age < Duration::from_secs(1) {
            problems.add("resource", "must be kept for a second at least");
        }
        let cache_control = HeaderValue::try_from(format!("public, max-age={}", resource.max_age.as_secs())).ok()?;
        Some(Self::of(ResourceMetadata::check(resource, issuers, scopes, uses, problems)?, cache_control))
    }

    /// The same, with these scopes after those that it has.
    pub(crate) fn naming(&self, scopes: &Scopes) -> Self {
        Self::of(self.metadata.clone().naming(scopes), self.cache_control.clone())
    }

    pub(crate) fn metadata(&self) -> &ResourceMetadata {
        &self.metadata
    }

    /// The answer to whoever asks at the metadata's path; `None` anywhere else.
    pub(crate) fn answer<B>(&self, request: &Request<B>) -> Option<Response<Bytes>> {
        if uri_of_client(request).path() != self.metadata.path() {
            return None;
        }
        let mut response = match *request.method() {
            Method::GET => self.document(self.body.clone()),
            Method::HEAD => self.document(Bytes::new()),
            Method::OPTIONS => with(StatusCode::NO_CONTENT, PREFLIGHT),
            _ => with(StatusCode::METHOD_NOT_ALLOWED, []),
        };
        // Nothing here depends on who asks (RFC 9728, section 3.1).
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        response.extensions_mut().insert(FromMetadata);
        Some(response)
    }

    fn of(metadata: ResourceMetadata, cache_control: HeaderValue) -> Self {
        let body = Bytes::from(serde_json::to_vec(&metadata).unwrap_or_default());
        Self { metadata, body, cache_control }
    }

    /// HEAD has the length of what GET would send (RFC 9110, section 9.3.2).
    fn document(&self, body: Bytes) -> Response<Bytes> {
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(self.body.len()));
        headers.insert(header::CACHE_CONTROL, self.cache_control.clone());
        response
    }
}

/// No body, the methods that there are, and these fields.
fn with<const N: usize>(status: StatusCode, fields: [(HeaderName, &'static str); N]) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(METHODS));
    for (name, value) in fields {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

const METHODS: &str = "GET, HEAD, OPTIONS";

/// To browsers that ask before they send a field of their own. The wildcard stands for every name but `Authorization`;
/// what MCP clients send is named too, for those that do not know the wildcard.
const PREFLIGHT: [(HeaderName, &str); 3] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
    (header::ACCESS_CONTROL_ALLOW_HEADERS, "*, Authorization, Content-Type, MCP-Protocol-Version"),
    (header::ACCESS_CONTROL_MAX_AGE, "86400"),
];
