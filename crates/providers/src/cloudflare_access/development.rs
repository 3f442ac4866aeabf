//! Who stands in for Access while a program is written.

use std::fmt;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::time::Duration;
use std::time::SystemTime;

use claviger_core::Algorithm;
use claviger_core::Issuer;
use http::HeaderMap;
use http::HeaderValue;
use http::Request;
use http::header::HOST;
use http::header::ORIGIN;
use http::uri::Authority;
use josekit::jwk::Jwk;
use josekit::jwk::alg::ec::EcCurve;
use josekit::jwk::alg::ec::EcKeyPair;
use josekit::jws;
use josekit::jws::ES256;
use josekit::jws::JwsHeader;
use serde_json::json;
use thiserror::Error;

use crate::cloudflare_access::HEADER;
use crate::cloudflare_access::application_tokens;

/// Signs in one user without Access, while a program is written.
///
/// It exists with the feature `development` alone, which is not for anything that others can reach, and it is made only
/// for a listener on loopback. It says so at start, and for each request it signs in, as a warning. Requests are verified
/// like all others: it is an issuer of its own, `https://cloudflare-access.development.invalid`, whose key is made when
/// it is and never leaves the process.
///
/// ```
/// use std::net::SocketAddr;
///
/// use claviger_core::Verifier;
/// use claviger_providers::cloudflare_access::DevelopmentIdentity;
///
/// let identity = DevelopmentIdentity::new(SocketAddr::from(([127, 0, 0, 1], 3000)), "dev@example.com")?;
/// let verifier = Verifier::builder(identity.issuer()).build()?;
///
/// // As a middleware in front of the layer does it.
/// let mut request = http::Request::get("/").header("host", "localhost:3000").body(())?;
/// identity.sign_in(&mut request);
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let token = request.headers()["cf-access-jwt-assertion"].to_str()?;
/// assert!(verifier.verify(token).await.is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
///
/// assert!(DevelopmentIdentity::new(SocketAddr::from(([0, 0, 0, 0], 3000)), "dev@example.com").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct DevelopmentIdentity {
    email: String,
    private: Jwk,
    public: Jwk,
}

/// Why there is none.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum NoDevelopmentIdentity {
    /// The program can be reached from elsewhere.
    #[error("a development identity is for loopback alone, and the program listens on {0}")]
    NotLoopback(SocketAddr),
    /// There is no key.
    #[error("no key could be made: {0}")]
    NoKey(String),
}

impl DevelopmentIdentity {
    /// For a program that listens on this address: that of the listener once it is bound.
    ///
    /// # Errors
    ///
    /// [`NoDevelopmentIdentity::NotLoopback`] unless that is one of this machine alone.
    pub fn new(listening_on: SocketAddr, email: impl Into<String>) -> Result<Self, NoDevelopmentIdentity> {
        if !is_loopback(listening_on.ip()) {
            return Err(NoDevelopmentIdentity::NotLoopback(listening_on));
        }
        let pair =
            EcKeyPair::generate(EcCurve::P256).map_err(|error| NoDevelopmentIdentity::NoKey(error.to_string()))?;
        tracing::warn!(%listening_on, "DEVELOPMENT IDENTITY: every request is signed in, nobody is asked who they are");
        Ok(Self { email: email.into(), private: pair.to_jwk_private_key(), public: pair.to_jwk_public_key() })
    }

    /// The issuer of what it signs, for the same layer as in production, in the place of Access.
    pub fn issuer(&self) -> Issuer {
        let keys = json!({ "keys": [self.public.as_ref()] });
        application_tokens(Issuer::new(ISSUER, AUDIENCE))
            .with_algorithms([Algorithm::Es256])
            .with_jwks(keys.to_string())
    }

    /// Adds the field [`HEADER`] where it is missing, as Access does.
    ///
    /// Not for requests to a host that is not loopback, nor for those that a browser says come from another site, because a
    /// page on the internet can make a browser ask this machine: by `Sec-Fetch-Site`, or by an `Origin` that is not
    /// loopback, `null` included. WebSocket handshakes have the latter alone. Nor for those that a proxy says it has passed on (`Forwarded`,
    /// `Via`, `X-Forwarded-…`, `X-Real-IP`, `CF-Ray`), because who asks it is anybody. A proxy that adds none of them is
    /// not seen: there must be none before such a program.
    pub fn sign_in<B>(&self, request: &mut Request<B>) {
        if request.headers().contains_key(HEADER) || !is_from_here(request) {
            return;
        }
        match self.token() {
            Some(token) => {
                tracing::warn!(path = request.uri().path(), "DEVELOPMENT IDENTITY: signed in without Access");
                request.headers_mut().insert(HEADER, token);
            }
            None => tracing::warn!("DEVELOPMENT IDENTITY: no token could be signed"),
        }
    }

    fn token(&self) -> Option<HeaderValue> {
        let now = SystemTime::UNIX_EPOCH.elapsed().ok()?;
        let claims = json!({
            "iss": ISSUER,
            "aud": [AUDIENCE],
            "sub": "development",
            "email": self.email,
            "type": "app",
            "iat": now.as_secs(),
            "nbf": now.as_secs(),
            "exp": (now + LIFETIME).as_secs(),
        });
        let mut header = JwsHeader::new();
        header.set_token_type("JWT");
        let signer = ES256.signer_from_jwk(&self.private).ok()?;
        let token = jws::serialize_compact(claims.to_string().as_bytes(), &header, &signer).ok()?;
        let mut value = HeaderValue::try_from(token).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for DevelopmentIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevelopmentIdentity").finish_non_exhaustive()
    }
}

/// An address of IPv4 that is written as one of IPv6 is what it is.
fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

fn is_from_here<B>(request: &Request<B>) -> bool {
    let headers = request.headers();
    let mut hosts = headers.get_all(HOST).iter().map(|host| host.to_str().unwrap_or_default());
    let is_here = match request.uri().authority() {
        Some(authority) => is_loopback_host(authority.host()),
        None => hosts.next().is_some_and(is_loopback_authority) && hosts.next().is_none(),
    };
    let is_passed_on = headers.keys().any(|name| is_of_a_proxy(name.as_str()));
    is_here && !is_passed_on && is_of_our_pages(headers)
}

/// Whether no browser says that a page of another site sent the request. Every value counts, not the first one alone.
///
/// `Origin` is compared beside `Sec-Fetch-Site`, which browsers leave out of WebSocket handshakes, and older ones out of
/// every request. Both fields are absent where no browser asks.
fn is_of_our_pages(headers: &HeaderMap) -> bool {
    let is_same = |site: &HeaderValue| matches!(site.as_bytes(), b"same-origin" | b"none");
    headers.get_all("sec-fetch-site").iter().all(is_same) && headers.get_all(ORIGIN).iter().all(is_loopback_origin)
}

/// Whether it is `http://` or `https://` and a loopback host (RFC 6454, section 7); `null` is anybody.
fn is_loopback_origin(origin: &HeaderValue) -> bool {
    let origin = origin.to_str().unwrap_or_default();
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    authority.is_some_and(is_loopback_authority)
}

fn is_loopback_authority(text: &str) -> bool {
    // What stands before `@` is no host, and no browser sends it.
    !text.contains('@') && text.parse().is_ok_and(|authority: Authority| is_loopback_host(authority.host()))
}

fn is_loopback_host(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(is_loopback)
}

fn is_of_a_proxy(name: &str) -> bool {
    matches!(name, "forwarded" | "via" | "x-real-ip" | "cf-ray" | "cf-connecting-ip")
        || name.starts_with("x-forwarded-")
}

const ISSUER: &str = "https://cloudflare-access.development.invalid";
const AUDIENCE: &str = "development";
const LIFETIME: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_for_loopback_alone() {
        for (address, is_made) in [
            ("127.0.0.1:80", true),
            ("127.8.0.1:80", true),
            ("[::1]:80", true),
            ("[::ffff:127.0.0.1]:80", true),
            ("0.0.0.0:80", false),
            ("[::]:80", false),
            ("192.168.0.1:80", false),
            ("10.0.0.1:80", false),
            ("169.254.1.1:80", false),
        ] {
            let made = DevelopmentIdentity::new(address.parse().unwrap(), "dev@example.com");
            assert_eq!(made.is_ok(), is_made, "{address}");
        }
    }

    #[test]
    fn a_request_that_a_page_elsewhere_made_is_not_signed_in() {
        let identity = DevelopmentIdentity::new("127.0.0.1:80".parse().unwrap(), "dev@example.com").unwrap();
        for (host, site, is_signed_in) in [
            ("localhost:3000", None, true),
            ("127.0.0.1:3000", Some("same-origin"), true),
            ("[::1]:3000", Some("none"), true),
            ("localhost:3000", Some("cross-site"), false),
            ("localhost:3000", Some("same-site"), false),
            ("rebound.example:3000", None, false),
            ("localhost.example:3000", None, false),
        ] {
            let mut request = Request::get("/").header(HOST, host);
            if let Some(site) = site {
                request = request.header("sec-fetch-site", site);
            }
            let mut request = request.body(()).unwrap();
            identity.sign_in(&mut request);
            assert_eq!(request.headers().contains_key(HEADER), is_signed_in, "{host} {site:?}");
        }
    }

    /// Browsers send `Origin` with everything but GET and HEAD, and with WebSocket handshakes, where they send no
    /// `Sec-Fetch-Site` (RFC 6455, section 10.2).
    #[test]
    fn an_origin_that_is_not_loopback_is_not_signed_in() {
        let identity = DevelopmentIdentity::new("127.0.0.1:80".parse().unwrap(), "dev@example.com").unwrap();
        let asks = |origins: &[&str], is_handshake: bool| {
            let mut request = if is_handshake {
                Request::get("/").header("connection", "Upgrade").header("upgrade", "websocket")
            } else {
                Request::post("/")
            };
            for origin in origins {
                request = request.header("origin", *origin);
            }
            let mut request = request.header(HOST, "localhost:3000").body(()).unwrap();
            identity.sign_in(&mut request);
            request.headers().contains_key(HEADER)
        };
        for is_handshake in [false, true] {
            for origins in [
                &[][..],
                &["http://localhost:3000"],
                &["http://LOCALHOST:5173"],
                &["https://127.0.0.1"],
                &["http://[::1]:3000"],
            ] {
                assert!(asks(origins, is_handshake), "{origins:?}");
            }
            for origins in [
                &["https://attacker.example"][..],
                &["null"],
                &[""],
                &["localhost:3000"],
                &["file://localhost"],
                &["http://localhost.attacker.example"],
                &["http://localhost@attacker.example"],
                &["http://attacker.example@localhost"],
                &["chrome-extension://abcdefghijklmnop"],
                &["http://192.168.0.1"],
                &["http://localhost:3000", "https://attacker.example"],
                &["http://localhost:3000 https://attacker.example"],
            ] {
                assert!(!asks(origins, is_handshake), "{origins:?}");
            }
        }
    }

    #[test]
    fn of_a_field_that_stands_there_twice_every_value_counts() {
        let identity = DevelopmentIdentity::new("127.0.0.1:80".parse().unwrap(), "dev@example.com").unwrap();
        for (name, values) in [("sec-fetch-site", ["none", "cross-site"]), ("host", ["localhost", "attacker.example"])]
        {
            let mut request = Request::get("/").body(()).unwrap();
            request.headers_mut().insert(HOST, HeaderValue::from_static("localhost"));
            request.headers_mut().remove(name);
            for value in values {
                request.headers_mut().append(name, HeaderValue::from_static(value));
            }
            identity.sign_in(&mut request);
            assert!(!request.headers().contains_key(HEADER), "{name}");
        }
    }

    /// What stands between often writes a Host of its own, and that is a loopback one here.
    #[test]
    fn a_request_that_came_through_a_proxy_is_not_signed_in() {
        let identity = DevelopmentIdentity::new("127.0.0.1:80".parse().unwrap(), "dev@example.com").unwrap();
        for (name, value) in [
            ("forwarded", "for=198.51.100.7"),
            ("x-forwarded-for", "198.51.100.7"),
            ("X-Forwarded-For", "127.0.0.1"),
            ("x-forwarded-host", "localhost:3000"),
            ("x-forwarded-proto", "https"),
            ("x-real-ip", "198.51.100.7"),
            ("via", "1.1 proxy"),
            ("cf-connecting-ip", "198.51.100.7"),
            ("cf-ray", "8f2b-FRA"),
        ] {
            let request = Request::get("/").header(HOST, "localhost:3000").header(name, value);
            let mut request = request.body(()).unwrap();
            identity.sign_in(&mut request);
            assert!(!request.headers().contains_key(HEADER), "{name}: {value}");
        }
    }

    #[test]
    fn a_token_that_is_there_stays() {
        let identity = DevelopmentIdentity::new("127.0.0.1:80".parse().unwrap(), "dev@example.com").unwrap();
        let mut request = Request::get("/").header(HOST, "localhost").header(HEADER, "bad").body(()).unwrap();
        identity.sign_in(&mut request);
        assert_eq!(request.headers()[HEADER], "bad");
    }
}
