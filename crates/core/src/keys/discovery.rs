//! From an issuer to its `jwks_uri`: OpenID Connect Discovery 1.0, then RFC 8414.

use std::fmt::Display;
use std::fs;
use std::path::PathBuf;

use bytes::Bytes;
use http::HeaderMap;
use http::HeaderValue;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header;
use serde::Deserialize;
use url::Origin;
use url::Url;

use crate::error::Excerpt;
use crate::issuer::NamedBy;
use crate::issuer::Template;
use crate::issuer::is_loopback;
use crate::keys::Fetch;
use crate::keys::FetchError;
use crate::keys::KeyError;
use crate::keys::KeyErrorKind;
use crate::token::json;

/// Where the keys of an issuer are fetched.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Location {
    /// As it is configured, to be compared with.
    pub(crate) issuer: String,
    /// Where the issuer's own addresses are; `None` if its name is no address.
    pub(crate) origin: Option<Origin>,
    /// What the metadata may state instead.
    pub(crate) template: Option<Template>,
    pub(crate) named_by: NamedBy,
    pub(crate) start: Start,
    pub(crate) fetch_base: Option<Url>,
    pub(crate) plain_http: PlainHttp,
    /// Holds the token that the issuer wants to see.
    pub(crate) bearer_token_file: Option<PathBuf>,
}

/// Which hosts may be asked over plain http.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum PlainHttp {
    None,
    /// Those between which and us there is no network.
    Loopback,
    All,
}

/// What a fetch begins with.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Start {
    /// The metadata where the standards put it, for the issuer at this address.
    WellKnown(Url),
    /// The metadata at this address.
    Metadata(Url),
    /// The keys at this address, without metadata.
    Keys(Url),
}

/// The validators of an answer (RFC 9110, section 8.8), good for one address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Validators {
    jwks_uri: Url,
    etag: Option<HeaderValue>,
    last_modified: Option<HeaderValue>,
}

/// An answer with keys, or the word that they are still the same.
#[derive(Debug)]
pub(crate) enum Fetched {
    Keys { text: String, headers: HeaderMap, validators: Option<Validators> },
    Unchanged { headers: HeaderMap },
}

impl Location {
    /// What counters call it. A name that others can invent would make one for each.
    pub(crate) fn label(&self) -> &str {
        match self.named_by {
            NamedBy::TheOperator => &self.issuer,
            NamedBy::SomebodyElse => "found_at_run_time",
        }
    }

    /// Fetches metadata, if any is needed, and then the keys.
    ///
    /// # Errors
    ///
    /// Why no keys came.
    pub(crate) async fn fetch(&self, fetch: &dyn Fetch, known: Option<&Validators>) -> Result<Fetched, KeyError> {
        let jwks_uri = match &self.start {
            Start::Keys(url) => url.clone(),
            Start::Metadata(url) => self.metadata(fetch, &self.rebased(url.clone())).await?,
            Start::WellKnown(issuer) => self.well_known(issuer, fetch).await?,
        };
        let known = known.filter(|known| known.jwks_uri == jwks_uri);
        let answer = self.get(fetch, &jwks_uri, known).await?;
        match (answer.status(), known) {
            (StatusCode::NOT_MODIFIED, Some(_)) => Ok(Fetched::Unchanged { headers: answer.into_parts().0.headers }),
            (StatusCode::OK, _) => {
                let text = text(KeyErrorKind::KeySet, &jwks_uri, &answer)?;
                let headers = answer.into_parts().0.headers;
                let validators = Validators::of(jwks_uri, &headers);
                Ok(Fetched::Keys { text, headers, validators })
            }
            (status, _) => Err(wrong_status(&jwks_uri, status)),
        }
    }

    /// Where the operator, or who else has named the issuer, says that it is to begin; `None` for the issuer's own
    /// metadata.
    pub(crate) fn source(&self) -> Option<&str> {
        match &self.start {
            Start::WellKnown(_) => None,
            Start::Metadata(url) | Start::Keys(url) => Some(url.as_str()),
        }
    }

    /// The inserted form of RFC 8414 is asked only where the one of OpenID Connect is no document at all.
    async fn well_known(&self, issuer: &Url, fetch: &dyn Fetch) -> Result<Url, KeyError> {
        let openid = self.rebased(openid_url(issuer));
        let first = self.metadata(fetch, &openid).await;
        let is_no_document = |error: &KeyError| matches!(error.kind(), KeyErrorKind::Status | KeyErrorKind::Metadata);
        if !first.as_ref().is_err_and(is_no_document) {
            return first;
        }
        let oauth = self.rebased(oauth_url(issuer));
        match self.metadata(fetch, &oauth).await {
            // Neither is there: the first is the one that an operator knows.
            Err(error) if error.kind() == KeyErrorKind::Status => first,
            decided => decided,
        }
    }

    /// The `jwks_uri` of the metadata at `url`, if they are this issuer's (RFC 8414, section 3.3).
    async fn metadata(&self, fetch: &dyn Fetch, url: &Url) -> Result<Url, KeyError> {
        let answer = self.get(fetch, url, None).await?;
        if answer.status() != StatusCode::OK {
            return Err(wrong_status(url, answer.status()));
        }
        let fault = |message: &str| KeyError::new(KeyErrorKind::Metadata, format!("{url}: {message}"));
        let text = text(KeyErrorKind::Metadata, url, &answer)?;
        json::object(&text, |_, _| {}).map_err(fault)?;
        let metadata: Metadata = serde_json::from_str(&text).map_err(|_| fault("it lacks `issuer` or `jwks_uri`"))?;
        let is_template = |template: &Template| template.is_stated_as(&metadata.issuer);
        if metadata.issuer != self.issuer && !self.template.as_ref().is_some_and(is_template) {
            let (stated, configured) = (Excerpt::of(&metadata.issuer), &self.issuer);
            let by_slash =
                if differs_by_slash(&metadata.issuer, configured) { " (only the last slash differs)" } else { "" };
            let detail = format!(
                "{url}: the metadata state {stated:?}, the configuration {configured:?}{by_slash}: set `issuer` to what \
                 the tokens have in `iss`"
            );
            return Err(KeyError::new(KeyErrorKind::IssuerMismatch, detail));
        }
        // It would stand in each line of the log that tells that it cannot be fetched.
        if metadata.jwks_uri.len() > LONGEST_ADDRESS {
            return Err(fault("its `jwks_uri` is too long"));
        }
        let jwks_uri = Url::parse(&metadata.jwks_uri).map_err(|_| fault("its `jwks_uri` is no URL"))?;
        let jwks_uri = self.rebased(jwks_uri);
        // The operator has named that origin, http or not, whether the issuer writes it itself or it was put in its place.
        let is_at_base = self.fetch_base.as_ref().is_some_and(|base| base.origin() == jwks_uri.origin());
        if !is_at_base && !is_fetchable(&jwks_uri, self.plain_http) {
            return Err(fault("its `jwks_uri` is not https"));
        }
        Ok(jwks_uri)
    }

    async fn get(&self, fetch: &dyn Fetch, url: &Url, known: Option<&Validators>) -> Result<Response<Bytes>, KeyError> {
        let mut request = Request::get(url.as_str()).header(header::ACCEPT, ACCEPTED);
        if let Some(known) = known {
            let fields = [(header::IF_NONE_MATCH, &known.etag), (header::IF_MODIFIED_SINCE, &known.last_modified)];
            for (name, value) in fields.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
                request = request.header(name, value);
            }
        }
        if let Some(credentials) = self.credentials(url)? {
            request = request.header(header::AUTHORIZATION, credentials);
        }
        let request = request.body(()).map_err(|error| FetchError::Transport(error.to_string()));
        let fault = |error: FetchError| KeyError::of_fetch(url, &error);
        fetch.fetch(request.map_err(fault)?).await.map_err(fault)
    }

    /// The token of the file, for an address that may see it.
    fn credentials(&self, url: &Url) -> Result<Option<HeaderValue>, KeyError> {
        let Some(file) = self.bearer_token_file.as_ref().filter(|_| self.may_see_the_token(url)) else {
            return Ok(None);
        };
        let fault = |why: &dyn Display| {
            KeyError::new(KeyErrorKind::Credentials, format!("bearer_token_file {}: {why}", file.display()))
        };
        let token = fs::read_to_string(file).map_err(|error| fault(&error))?;
        let field = HeaderValue::try_from(format!("Bearer {}", token.trim()));
        let mut field = field.map_err(|_| fault(&"no token can hold such characters"))?;
        field.set_sensitive(true);
        Ok(Some(field))
    }

    fn may_see_the_token(&self, url: &Url) -> bool {
        let is_configured = matches!(&self.start, Start::Keys(jwks_uri) if jwks_uri == url);
        let issuers_own = self.fetch_base.as_ref().map(Url::origin).or_else(|| self.origin.clone());
        is_configured || issuers_own == Some(url.origin())
    }

    /// The address at which `url` is reached from here.
    fn rebased(&self, url: Url) -> Url {
        match &self.fetch_base {
            Some(base) if self.origin == Some(url.origin()) => with_origin(&url, base),
            _ => url,
        }
    }
}

impl Validators {
    /// `None` if the answer has none: nothing could be asked with them.
    fn of(jwks_uri: Url, headers: &HeaderMap) -> Option<Self> {
        let (etag, last_modified) = (headers.get(header::ETAG), headers.get(header::LAST_MODIFIED));
        etag.or(last_modified)?;
        Some(Self { jwks_uri, etag: etag.cloned(), last_modified: last_modified.cloned() })
    }
}

/// The origin of an address; `None` for what is none, such as a URN.
pub(crate) fn origin_of(text: &str) -> Option<Origin> {
    Url::parse(text).ok().map(|url| url.origin()).filter(Origin::is_tuple)
}

/// https, or http where that is taken.
pub(crate) fn is_fetchable(url: &Url, plain_http: PlainHttp) -> bool {
    match (url.scheme(), plain_http) {
        ("https", _) | ("http", PlainHttp::All) => true,
        ("http", PlainHttp::Loopback) => is_loopback(url),
        _ => false,
    }
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

fn differs_by_slash(one: &str, other: &str) -> bool {
    one.strip_suffix('/') == Some(other) || other.strip_suffix('/') == Some(one)
}

fn wrong_status(url: &Url, status: StatusCode) -> KeyError {
    KeyError::new(KeyErrorKind::Status, format!("{url}: status {status}"))
}

fn text(kind: KeyErrorKind, url: &Url, answer: &Response<Bytes>) -> Result<String, KeyError> {
    String::from_utf8(answer.body().to_vec()).map_err(|_| KeyError::new(kind, format!("{url}: it is no UTF-8")))
}

/// OpenID Connect Discovery 1.0, section 4: appended to the path.
#[must_use]
pub fn openid_url(issuer: &Url) -> Url {
    with_path(issuer, |path| format!("{path}/.well-known/openid-configuration"))
}

/// RFC 8414, section 3.1: inserted between host and path.
#[must_use]
pub fn oauth_url(issuer: &Url) -> Url {
    with_path(issuer, |path| format!("/.well-known/oauth-authorization-server{path}"))
}

/// Both forms take one slash from the end of the issuer's path first.
fn with_path(issuer: &Url, path: impl FnOnce(&str) -> String) -> Url {
    let mut url = issuer.clone();
    url.set_path(&path(issuer.path().strip_suffix('/').unwrap_or_else(|| issuer.path())));
    url
}

/// `url` with scheme, host and port of `base`, which were checked when the configuration was built.
fn with_origin(url: &Url, base: &Url) -> Url {
    let mut moved = base.clone();
    moved.set_path(url.path());
    moved.set_query(url.query());
    moved
}

/// In bytes.
const LONGEST_ADDRESS: usize = 2048;
const ACCEPTED: &str = "application/json, application/jwk-set+json";

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn well_known_addresses_are_appended_and_inserted() {
        for (issuer, openid, oauth) in [
            ("https://a.example", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"),
            ("https://a.example/", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"),
            (
                "https://a.example/t/1/",
                "/t/1/.well-known/openid-configuration",
                "/.well-known/oauth-authorization-server/t/1",
            ),
        ] {
            assert_eq!(openid_url(&url(issuer)).path(), openid);
            assert_eq!(oauth_url(&url(issuer)).path(), oauth);
        }
    }

    #[test]
    fn only_the_issuers_own_origin_is_rebased() {
        let location = Location {
            issuer: "https://id.example".to_owned(),
            origin: Some(url("https://id.example").origin()),
            template: None,
            named_by: NamedBy::TheOperator,
            start: Start::WellKnown(url("https://id.example")),
            fetch_base: Some(url("http://idp:8080")),
            plain_http: PlainHttp::Loopback,
            bearer_token_file: None,
        };
        assert_eq!(location.rebased(url("https://id.example/jwks?v=1")), url("http://idp:8080/jwks?v=1"));
        assert_eq!(location.rebased(url("https://keys.example/jwks")), url("https://keys.example/jwks"));
        assert_eq!(location.rebased(url("https://id.example:444/jwks")), url("https://id.example:444/jwks"));
    }
}
