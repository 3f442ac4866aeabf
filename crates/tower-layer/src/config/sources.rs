//! Where tokens are looked for: `sources`, what belongs to cookies, and `preflight`.

use claviger_core::error::Problems;
use serde_json::Value;

use crate::config::Anonymous;
use crate::config::AuthConfigBuilder;
use crate::config::address;
use crate::config::address::Address;
use crate::config::section::Section;
use crate::credentials::CookieFailure;
use crate::credentials::Origins;
use crate::credentials::Preflight;
use crate::credentials::Sources;
use crate::credentials::TokenSource;

/// As it is configured.
#[derive(Clone, Debug)]
pub(crate) struct SourceOptions {
    sources: Vec<TokenSource>,
    pub(super) cookie_failure: CookieFailure,
    cookie_origins: Vec<String>,
    pub(super) preflight: Preflight,
}

impl Default for SourceOptions {
    fn default() -> Self {
        Self {
            sources: vec![TokenSource::Authorization],
            cookie_failure: CookieFailure::default(),
            cookie_origins: Vec::new(),
            preflight: Preflight::default(),
        }
    }
}

impl AuthConfigBuilder {
    /// Where tokens are looked for, in this order, in place of the `Authorization` field alone. See [`TokenSource`].
    pub fn with_sources(mut self, sources: impl IntoIterator<Item = TokenSource>) -> Self {
        self.sources.sources = sources.into_iter().collect();
        self
    }

    /// What is done with a request whose cookie holds no good token. [`CookieFailure::Anonymous`] needs
    /// [`allow_anonymous`](Self::allow_anonymous).
    pub fn with_cookie_failure(mut self, failure: CookieFailure) -> Self {
        self.sources.cookie_failure = failure;
        self
    }

    /// The origins, besides our own, whose pages may send requests with a cookie that change something: each as
    /// `https://app.example.com`.
    pub fn with_cookie_origins(mut self, origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.sources.cookie_origins = origins.into_iter().map(Into::into).collect();
        self
    }

    /// What is done with a CORS preflight without credentials.
    pub fn with_preflight(mut self, preflight: Preflight) -> Self {
        self.sources.preflight = preflight;
        self
    }
}

impl SourceOptions {
    /// RFC 6750 has names for three ways to present a token; whatever else a token is taken from is none of them.
    pub(super) fn bearer_methods(&self) -> Vec<&'static str> {
        let methods = [("header", TokenSource::Authorization), ("query", TokenSource::Query)];
        methods.into_iter().filter(|(_, source)| self.sources.contains(source)).map(|(method, _)| method).collect()
    }

    pub(super) fn is_authorization_alone(&self) -> bool {
        self.sources.iter().all(|source| *source == TokenSource::Authorization)
    }

    /// Checks all that can be wrong with them.
    pub(super) fn check(&self, address: &Address, anonymous: Anonymous, problems: &mut Problems) -> Sources {
        if self.cookie_failure == CookieFailure::Anonymous && anonymous == Anonymous::Refused {
            problems.add("cookie_failure", "can be \"anonymous\" with `optional = true` only");
        }
        let mut origins: Vec<_> = address.origins().collect();
        for (at, text) in self.cookie_origins.iter().enumerate() {
            match address::origin(text) {
                Ok(origin) => origins.push(origin),
                Err(message) => problems.add(format!("cookie_origins[{at}]"), message),
            }
        }
        Sources::check(&self.sources, Origins::new(origins), problems)
    }
}

pub(super) fn read(root: &mut Section, mut builder: AuthConfigBuilder) -> AuthConfigBuilder {
    if let Some(sources) = sources(root) {
        builder = builder.with_sources(sources);
    }
    if let Some(failure) = root.name("cookie_failure") {
        builder = builder.with_cookie_failure(failure);
    }
    if let Some(origins) = root.texts("cookie_origins") {
        builder = builder.with_cookie_origins(origins);
    }
    if let Some(preflight) = root.name("preflight") {
        builder = builder.with_preflight(preflight);
    }
    builder
}

fn sources(root: &mut Section) -> Option<Vec<TokenSource>> {
    let list = match root.take("sources")? {
        Value::Array(list) => list,
        one @ Value::String(_) => vec![one],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            root.problem("sources", "must be a list of names and tables such as { cookie = \"session\" }");
            return None;
        }
    };
    Some(list.into_iter().enumerate().map(|(at, value)| source(root, at, value)).collect())
}

/// Another one stands in for what is wrong, so that the rest is checked all the same; the problem is noted before.
fn source(root: &Section, at: usize, value: Value) -> TokenSource {
    let path = format!("sources[{at}]");
    let source = match value {
        Value::String(name) => named(&name),
        Value::Object(members) if members.contains_key("header") != members.contains_key("cookie") => {
            return tabled(root.inner(path, members)).unwrap_or_else(|| absent(at));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    };
    source.unwrap_or_else(|| {
        root.problem(&path, ONE_OF);
        absent(at)
    })
}

fn named(name: &str) -> Option<TokenSource> {
    match name {
        "authorization" => Some(TokenSource::Authorization),
        "query" => Some(TokenSource::Query),
        "websocket_protocol" => Some(TokenSource::WebSocketProtocol),
        _ => None,
    }
}

fn tabled(mut table: Section) -> Option<TokenSource> {
    let header = table.text("header").map(TokenSource::Header);
    let cookie = table.text("cookie").map(TokenSource::Cookie);
    table.close();
    header.or(cookie)
}

fn absent(at: usize) -> TokenSource {
    TokenSource::header(format!("sources-{at}"))
}

const ONE_OF: &str =
    "must be \"authorization\", \"query\", \"websocket_protocol\", { header = \"…\" } or { cookie = \"…\" }";
