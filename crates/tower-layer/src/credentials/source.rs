//! The places of a request where a token may be looked for.

use std::str::FromStr;

/// A place of a request where a token may be looked for.
///
/// The sources of a configuration are an ordered list: the first one that is present decides, and its failure is final.
/// What is no source is not read; the body never is.
///
/// ```
/// use claviger::AuthConfig;
/// use claviger::Issuer;
/// use claviger::TokenSource;
///
/// let issuer = Issuer::new("https://tenant.example.com/", "https://api.example.com");
/// let cfg = AuthConfig::builder(issuer)
///     .with_sources([TokenSource::Authorization, TokenSource::cookie("__Host-session")])
///     .with_public_url("https://api.example.com")
///     .build()?;
/// # let _ = cfg;
/// # Ok::<(), claviger::error::ConfigError>(())
/// ```
///
/// # Caches
///
/// Responses to accepted tokens get `private` in `Cache-Control`, because some proxies cache answers to `Authorization`
/// against RFC 9111, section 3.5. With `private`, `no-store`, `public` or `s-maxage` the service behind the layer decides
/// that itself; but caches do not know tokens from anywhere but `Authorization` as credentials, so `public` and
/// `s-maxage` are taken out of responses to those (RFC 6750, section 2.3). Where credentials are optional, responses to
/// anonymous requests name the fields of the sources in `Vary`.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TokenSource {
    /// The `Authorization` field with the scheme `Bearer` (RFC 6750, section 2.1) or `DPoP` (RFC 9449, section 7.1). With
    /// any other scheme it holds no credentials of ours, and the next source is asked. The default, alone.
    Authorization,
    /// Another field, whose value is the bare token, such as `Cf-Access-Jwt-Assertion`.
    ///
    /// Where a proxy fills the field from a cookie, other sites can have it filled, and the proxy must keep them off.
    Header(String),
    /// The cookie of this name (RFC 6265).
    ///
    /// Browsers send cookies for other sites too. So methods other than GET and HEAD, and WebSocket handshakes, need
    /// `Sec-Fetch-Site: same-origin` (or `none`), or an `Origin` that is ours
    /// ([`with_public_url`](crate::AuthConfigBuilder::with_public_url), or else `https` and one of the
    /// [`with_hosts`](crate::AuthConfigBuilder::with_hosts)) or listed
    /// ([`with_cookie_origins`](crate::AuthConfigBuilder::with_cookie_origins)); otherwise the answer is 403
    /// `cross_site`. Handlers of GET and HEAD must change nothing.
    Cookie(String),
    /// The query parameter `access_token` (RFC 6750, section 2.3). Beside any `Authorization` it is an invalid request.
    ///
    /// It is removed from the URI, and from axum's `OriginalUri`, before the inner service sees the request. What stands
    /// outside of the layer, such as an access log or a tracing layer, sees it.
    Query,
    /// The WebSocket subprotocol `bearer.TOKEN`, offered in `Sec-WebSocket-Protocol` when a WebSocket is opened.
    ///
    /// The offer is removed before the inner service sees the request, so that it is never selected and sent back. A
    /// browser gives up where it offered subprotocols and none is selected: offer another one beside the token, and have
    /// the server select that, as in `new WebSocket(url, ["chat.v1", "bearer." + token])`.
    WebSocketProtocol,
}

impl TokenSource {
    /// The field of this name.
    #[must_use]
    pub fn header(name: impl Into<String>) -> Self {
        Self::Header(name.into())
    }

    /// The cookie of this name.
    #[must_use]
    pub fn cookie(name: impl Into<String>) -> Self {
        Self::Cookie(name.into())
    }
}

/// What is done with a request whose cookie holds no good token.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum CookieFailure {
    /// It is refused. The default.
    #[default]
    Refuse,
    /// It passes as if it had no credentials, for pages that greet whoever comes back with an old cookie. Cross-site
    /// requests are refused all the same, and so is everything while keys cannot be had.
    Anonymous,
}

impl FromStr for CookieFailure {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "refuse" => Ok(Self::Refuse),
            "anonymous" => Ok(Self::Anonymous),
            _ => Err("must be \"refuse\" or \"anonymous\""),
        }
    }
}
