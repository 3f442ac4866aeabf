//! CORS preflights (Fetch, section 3.3.2), which carry no credentials by their nature.

use std::str::FromStr;

use http::Method;
use http::Request;
use http::header::ACCESS_CONTROL_REQUEST_METHOD;
use http::header::ORIGIN;

/// What is done with a CORS preflight without credentials: `OPTIONS` with `Origin` and `Access-Control-Request-Method`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Preflight {
    /// It is refused like any request without credentials. The default: a CORS layer belongs outside of the auth layer,
    /// and answers before that is asked.
    #[default]
    Refuse,
    /// It passes as anonymous, for services that answer preflights themselves. Guards and extractors behind refuse it all
    /// the same.
    ///
    /// A preflight has no body; one that comes with the body of an axum request is passed on without it. The bodies of
    /// other services are of types that the layer cannot make an empty one of, and are left as they are.
    Pass,
}

impl Preflight {
    pub(crate) fn passes<B>(self, request: &Request<B>) -> bool {
        let has = |name| request.headers().contains_key(name);
        self == Self::Pass && request.method() == Method::OPTIONS && has(ORIGIN) && has(ACCESS_CONTROL_REQUEST_METHOD)
    }
}

impl FromStr for Preflight {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "refuse" => Ok(Self::Refuse),
            "pass" => Ok(Self::Pass),
            _ => Err("must be \"refuse\" or \"pass\""),
        }
    }
}

/// Takes the body off, where its type is one that can be empty.
#[cfg(feature = "axum")]
pub(crate) fn remove_body<B: 'static>(request: &mut Request<B>) {
    use std::any::Any;

    use axum::body::Body;
    use http::header::CONTENT_LENGTH;
    use http::header::TRANSFER_ENCODING;

    let body: &mut dyn Any = request.body_mut();
    if let Some(body) = body.downcast_mut::<Body>() {
        *body = Body::empty();
        request.headers_mut().remove(CONTENT_LENGTH);
        request.headers_mut().remove(TRANSFER_ENCODING);
    }
}

#[cfg(not(feature = "axum"))]
pub(crate) fn remove_body<B>(_: &mut Request<B>) {}
