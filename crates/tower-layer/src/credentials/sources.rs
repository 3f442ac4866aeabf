//! The sources of a configuration, checked and in their order.

use claviger_core::TokenScheme;
use claviger_core::error::Problems;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Request;
use http::header;

use crate::credentials::Credentials;
use crate::credentials::NoCredentials;
use crate::credentials::Origins;
use crate::credentials::Place;
use crate::credentials::Presented;
use crate::credentials::TokenSource;
use crate::credentials::authorization;
use crate::credentials::cookie;
use crate::credentials::field;
use crate::credentials::query;
use crate::credentials::websocket;

/// Where tokens are looked for, in this order.
#[derive(Debug)]
pub(crate) struct Sources {
    list: Box<[Source]>,
    cookie_origins: Origins,
    vary: HeaderValue,
}

/// A [`TokenSource`] whose name is one.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Source {
    Authorization,
    Field(HeaderName),
    Cookie(Box<str>),
    Query,
    WebSocketProtocol,
}

impl Sources {
    /// Checks all that can be wrong with the list.
    pub(crate) fn check(list: &[TokenSource], cookie_origins: Origins, problems: &mut Problems) -> Self {
        if list.is_empty() {
            problems.add("sources", "must not be empty; leave it out for `Authorization` alone");
        }
        let mut checked = Vec::with_capacity(list.len());
        for (at, source) in list.iter().enumerate() {
            match Source::check(source) {
                Ok(source) if checked.contains(&source) => problems.add(format!("sources[{at}]"), "stands there twice"),
                Ok(source) => checked.push(source),
                Err((member, message)) => problems.add(format!("sources[{at}].{member}"), message),
            }
        }
        let vary = vary(&checked);
        Self { list: checked.into(), cookie_origins, vary }
    }

    /// The fields that a token can stand in, for `Vary`.
    pub(crate) fn vary(&self) -> &HeaderValue {
        &self.vary
    }

    /// What the first source presents that is present at all. `accepts` says which schemes are.
    pub(crate) fn read<'a, B>(
        &self,
        request: &'a Request<B>,
        accepts: impl Fn(TokenScheme) -> bool + Copy,
    ) -> Presented<'a> {
        if self.has(&Source::Query) && request.headers().contains_key(header::AUTHORIZATION) {
            // More than one method is an invalid request (RFC 6750, section 2).
            if query::has_token(request.uri()) {
                return Presented { credentials: Credentials::Malformed, place: Place::Elsewhere };
            }
        }
        let mut none = NoCredentials::NoField;
        for source in &self.list {
            let credentials = self.ask(source, request, accepts);
            let Credentials::None(why) = credentials else {
                let place = place(source, &credentials, request.headers(), accepts);
                return Presented { credentials, place };
            };
            if why == NoCredentials::OtherScheme {
                none = why;
            }
        }
        Presented { credentials: Credentials::None(none), place: Place::default() }
    }

    /// Takes the tokens off the request that the service behind must not see. `None` if that cannot be done.
    pub(crate) fn remove_tokens<B>(&self, request: &mut Request<B>) -> Option<()> {
        if self.has(&Source::Query) {
            query::remove_token(request.uri_mut())?;
            #[cfg(feature = "axum")]
            if let Some(axum::extract::OriginalUri(original)) = request.extensions_mut().get_mut() {
                query::remove_token(original)?;
            }
        }
        if self.has(&Source::WebSocketProtocol) && websocket::is_handshake(request) {
            websocket::remove_token(request.headers_mut());
        }
        Some(())
    }

    fn ask<'a, B>(
        &self,
        source: &Source,
        request: &'a Request<B>,
        accepts: impl Fn(TokenScheme) -> bool + Copy,
    ) -> Credentials<'a> {
        let headers: &'a HeaderMap = request.headers();
        match source {
            Source::Authorization => authorization::read(headers, accepts),
            Source::Field(name) => field::read(name, headers),
            Source::Cookie(name) => {
                let cookie = cookie::read(name, headers);
                let is_there = !matches!(cookie, Credentials::None(_));
                if is_there && !self.cookie_origins.admit(request) { Credentials::CrossSite } else { cookie }
            }
            Source::Query => query::read(request.uri()),
            Source::WebSocketProtocol => websocket::read(request),
        }
    }

    fn has(&self, source: &Source) -> bool {
        self.list.contains(source)
    }
}

/// Where these credentials of this source stand.
fn place(
    source: &Source,
    credentials: &Credentials<'_>,
    headers: &HeaderMap,
    accepts: impl Fn(TokenScheme) -> bool,
) -> Place {
    match (source, credentials) {
        (Source::Authorization, Credentials::Bearer(_)) => Place::Authorization(Some(TokenScheme::Bearer)),
        (Source::Authorization, Credentials::Dpop(_)) => Place::Authorization(Some(TokenScheme::Dpop)),
        (Source::Authorization, Credentials::Malformed) => {
            Place::Authorization(authorization::scheme_in(headers).filter(|scheme| accepts(*scheme)))
        }
        (Source::Authorization, _) => Place::default(),
        (Source::Cookie(_), _) => Place::Cookie,
        (Source::Field(_) | Source::Query | Source::WebSocketProtocol, _) => Place::Elsewhere,
    }
}

impl Source {
    /// The source, or the member that is wrong and why.
    fn check(source: &TokenSource) -> Result<Self, (&'static str, &'static str)> {
        match source {
            TokenSource::Authorization => Ok(Self::Authorization),
            TokenSource::Header(name) => match HeaderName::try_from(name) {
                Ok(name) if OF_ANOTHER_MEANING.contains(&name) => {
                    Err(("header", "holds something else than a bare token; is another source meant?"))
                }
                Ok(name) => Ok(Self::Field(name)),
                Err(_) => Err(("header", "must be the name of a field (RFC 9110, section 5.1)")),
            },
            TokenSource::Cookie(name) if is_cookie_name(name) => Ok(Self::Cookie(name.as_str().into())),
            TokenSource::Cookie(_) => Err(("cookie", "must be the name of a cookie (RFC 6265, section 4.1.1)")),
            TokenSource::Query => Ok(Self::Query),
            TokenSource::WebSocketProtocol => Ok(Self::WebSocketProtocol),
        }
    }
}

/// `Authorization` stands there whether it is a source or not: it is refused beside a token in the query.
fn vary(sources: &[Source]) -> HeaderValue {
    let mut fields = vec!["Authorization"];
    for source in sources {
        match source {
            Source::Cookie(_) if !fields.contains(&"Cookie") => fields.push("Cookie"),
            Source::Field(name) => fields.push(name.as_str()),
            Source::Cookie(_) | Source::Authorization | Source::Query | Source::WebSocketProtocol => {}
        }
    }
    HeaderValue::try_from(fields.join(", ")).unwrap_or(HeaderValue::from_static("*"))
}

/// A token of RFC 9110, section 5.6.2, as the names of fields are; those have no case.
fn is_cookie_name(name: &str) -> bool {
    HeaderName::from_bytes(name.as_bytes()).is_ok()
}

const OF_ANOTHER_MEANING: [HeaderName; 5] = [
    header::AUTHORIZATION,
    header::PROXY_AUTHORIZATION,
    header::COOKIE,
    header::SEC_WEBSOCKET_PROTOCOL,
    HeaderName::from_static("dpop"),
];
