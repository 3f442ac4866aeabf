//! Whether another site may have had a cookie sent (Fetch Metadata Request Headers, section 2; RFC 6454, section 7).

use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::Request;
use http::header::ORIGIN;

use crate::credentials::websocket;

/// The origins whose pages may use the cookie: our own, and those that the configuration lists.
#[derive(Debug, Default)]
pub(crate) struct Origins(Box<[Box<str>]>);

impl Origins {
    /// Each as a browser serialises it.
    pub(crate) fn new(origins: impl IntoIterator<Item = String>) -> Self {
        Self(origins.into_iter().map(String::into_boxed_str).collect())
    }

    /// Whether a cookie of this request may be read. Silence is no proof: a browser that sends neither field cannot be
    /// told from one that another site drives.
    pub(super) fn admit<B>(&self, request: &Request<B>) -> bool {
        !may_change_something(request) || is_same_origin(request.headers()) || self.hold(request.headers())
    }

    fn hold(&self, headers: &HeaderMap) -> bool {
        only(headers, &ORIGIN).is_some_and(|origin| self.0.iter().any(|own| *origin == **own))
    }
}

/// A WebSocket is opened by GET, and whoever opened it reads and writes.
fn may_change_something<B>(request: &Request<B>) -> bool {
    !matches!(*request.method(), Method::GET | Method::HEAD) || websocket::is_handshake(request)
}

/// `none` is what the user did: a bookmark, the address bar.
fn is_same_origin(headers: &HeaderMap) -> bool {
    only(headers, &SEC_FETCH_SITE).is_some_and(|site| site == "same-origin" || site == "none")
}

/// No browser sends one of these fields twice.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut fields = headers.get_all(name).iter();
    fields.next().filter(|_| fields.next().is_none())
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(method: Method, fields: &[(&str, &str)]) -> bool {
        let origins = Origins::new(["https://api.example.com".to_owned(), "http://localhost:3000".to_owned()]);
        let mut request = Request::builder().method(method).uri("/");
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        origins.admit(&request.body(()).unwrap())
    }

    #[test]
    fn reading_needs_no_proof_and_everything_else_does() {
        for method in [Method::GET, Method::HEAD] {
            assert!(admits(method, &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")]));
        }
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get"] {
            assert!(!admits(method.parse().unwrap(), &[]), "{method}");
        }
        assert!(!admits(Method::GET, &[("upgrade", "websocket")]));
    }

    #[test]
    fn one_proof_is_enough() {
        for proof in [
            &[("sec-fetch-site", "same-origin")][..],
            &[("sec-fetch-site", "none")],
            &[("origin", "https://api.example.com")],
            &[("origin", "http://localhost:3000"), ("sec-fetch-site", "same-site")],
        ] {
            assert!(admits(Method::POST, proof), "{proof:?}");
            let handshake = [proof, &[("upgrade", "websocket")]].concat();
            assert!(admits(Method::GET, &handshake), "{proof:?}");
        }
    }

    #[test]
    fn what_only_resembles_a_proof_is_none() {
        for no_proof in [
            &[("sec-fetch-site", "same-site")][..],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "")],
            &[("sec-fetch-site", "same-origin, cross-site")],
            &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
            &[("origin", "null")],
            &[("origin", "http://api.example.com")],
            &[("origin", "https://api.example.com.evil.example")],
            &[("origin", "https://api.example.com:8443")],
            &[("origin", "https://api.example.com"), ("origin", "https://evil.example")],
            &[("host", "api.example.com"), ("origin", "https://evil.example")],
            &[("referer", "https://api.example.com/")],
        ] {
            assert!(!admits(Method::POST, no_proof), "{no_proof:?}");
        }
    }
}
