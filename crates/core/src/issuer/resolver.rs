//! Issuers that are decided upon for each request.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use http::HeaderMap;
use http::Request;
use http::Uri;

use crate::error::Excerpt;
use crate::issuer::Issuer;

/// Decides which issuers may have signed the token of a request, by its address, its header fields and what the token
/// says of its issuer.
///
/// With a resolver, an issuer is believed only where the answer has it: an issuer that is configured by its name, or any
/// other one whole, which is then [found at run time](Issuer::found_at_run_time). With no issuer in it that the token
/// names, the token is refused.
///
/// It is asked before any network access, and never about a token that is malformed or whose algorithm is none of ours.
/// Nothing that it is told has been verified, so it should choose among what it knows already, and not make an issuer of
/// what it is told. Its failure, a panic and an issuer that is not sound or is named twice included, is answered 503 and
/// told to the log alone. It has no deadline but its own, so one that asks somebody over a network needs one.
///
/// A closure will do, an async one too; it is cloned for each call, so what it shares stands behind an `Arc`:
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Arc;
///
/// use claviger_core::AllowedIssuers;
/// use claviger_core::Issuer;
/// use claviger_core::IssuerQuery;
/// use claviger_core::Verifier;
///
/// let customers: Arc<HashMap<String, Issuer>> = Arc::default();
/// let verifier = Verifier::for_issuers([])
///     .with_resolver(async move |query: IssuerQuery| {
///         let path = query.uri().ok_or("there is no request")?.path();
///         let customer = path.split('/').nth(1).and_then(|name| customers.get(name));
///         Ok(customer.map_or_else(AllowedIssuers::none, |issuer| AllowedIssuers::found([issuer.clone()])))
///     })
///     .build()?;
/// # let _ = verifier;
/// # Ok::<(), claviger_core::error::ConfigError>(())
/// ```
///
/// A type whose answers are kept, one for each host:
///
/// ```
/// use claviger_core::AllowedIssuers;
/// use claviger_core::IssuerQuery;
/// use claviger_core::IssuerResolver;
/// use claviger_core::ResolverFuture;
///
/// struct ByHost;
///
/// impl IssuerResolver for ByHost {
///     fn resolve<'a>(&'a self, query: &'a IssuerQuery) -> ResolverFuture<'a> {
///         Box::pin(async move {
///             Ok(match self.cache_key(query).as_deref() {
///                 Some("eu.example.com") => AllowedIssuers::configured(["https://login.eu.example.com"]),
///                 Some("us.example.com") => AllowedIssuers::configured(["https://login.us.example.com"]),
///                 _ => AllowedIssuers::none(),
///             })
///         })
///     }
///
///     fn cache_key(&self, query: &IssuerQuery) -> Option<String> {
///         Some(query.headers()?.get("host")?.to_str().ok()?.to_owned())
///     }
/// }
/// # let _ = ByHost;
/// ```
pub trait IssuerResolver: Send + Sync + 'static {
    /// The issuers that are allowed for this request.
    fn resolve<'a>(&'a self, query: &'a IssuerQuery) -> ResolverFuture<'a>;

    /// A name under which the answer is kept for a minute, for all queries with that name; of 1,000 names those go that
    /// were not asked for longest. `None`, as it is by default: the answer is not kept.
    fn cache_key(&self, query: &IssuerQuery) -> Option<String> {
        let _ = query;
        None
    }
}

/// What an [`IssuerResolver`] returns; the text of an error is for the log alone.
pub type ResolverFuture<'a> = Pin<Box<dyn Future<Output = ResolverResult> + Send + 'a>>;

type ResolverResult = Result<AllowedIssuers, Box<dyn Error + Send + Sync>>;

/// `FnOnce` and a clone rather than `Fn`, because an async closure that uses what it captured is no `Fn`.
impl<F, R> IssuerResolver for F
where
    F: FnOnce(IssuerQuery) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = ResolverResult> + Send + 'static,
{
    fn resolve<'a>(&'a self, query: &'a IssuerQuery) -> ResolverFuture<'a> {
        Box::pin(self.clone()(query.clone()))
    }
}

/// The issuers that are allowed for a request.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct AllowedIssuers {
    pub(crate) configured: Vec<String>,
    pub(crate) found: Vec<Issuer>,
}

impl AllowedIssuers {
    /// None: every token is refused.
    pub fn none() -> Self {
        Self::default()
    }

    /// Issuers that are configured, by their names as tokens have them: for a template, that of the tenant.
    pub fn configured<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Self { configured: names.into_iter().map(Into::into).collect(), found: Vec::new() }
    }

    /// Other issuers, which are [found at run time](Issuer::found_at_run_time). No templates.
    pub fn found(issuers: impl IntoIterator<Item = Issuer>) -> Self {
        Self { configured: Vec::new(), found: issuers.into_iter().collect() }
    }

    /// Those of both.
    pub fn and(mut self, other: Self) -> Self {
        self.configured.extend(other.configured);
        self.found.extend(other.found);
        self
    }
}

/// What an [`IssuerResolver`] is told. Cloning is cheap.
#[derive(Clone)]
pub struct IssuerQuery {
    issuer: UnverifiedIssuer,
    request: Option<Arc<(Uri, HeaderMap)>>,
}

impl IssuerQuery {
    pub(crate) fn new(issuer: &str, request: Option<&RequestParts<'_>>) -> Self {
        let copied = |RequestParts { uri, headers }: &RequestParts<'_>| Arc::new(((*uri).clone(), (*headers).clone()));
        Self { issuer: UnverifiedIssuer(issuer.into()), request: request.map(copied) }
    }

    /// What the token says of its issuer.
    #[must_use]
    pub fn issuer(&self) -> &UnverifiedIssuer {
        &self.issuer
    }

    /// Where the request goes to, as the client sent it; `None` where the verifier was given the token alone.
    #[must_use]
    pub fn uri(&self) -> Option<&Uri> {
        self.request.as_deref().map(|(uri, _)| uri)
    }

    /// The header fields of the request, the token among them. Whatever a proxy has not set is the client's word.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.request.as_deref().map(|(_, headers)| headers)
    }
}

/// Without the request, which holds the token.
impl fmt::Debug for IssuerQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuerQuery").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// What a token says of its issuer, which anybody can write: good for a choice among issuers that are known already, and
/// for nothing else.
#[derive(Clone, Eq, PartialEq)]
pub struct UnverifiedIssuer(Arc<str>);

impl UnverifiedIssuer {
    /// The text, which nobody has vouched for.
    #[must_use]
    pub fn as_unverified_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for UnverifiedIssuer {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other
    }
}

impl fmt::Debug for UnverifiedIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UnverifiedIssuer").field(&Excerpt::of(&self.0)).finish()
    }
}

/// What an [`IssuerResolver`] may see of a request.
#[derive(Clone, Copy)]
pub struct RequestParts<'a> {
    uri: &'a Uri,
    headers: &'a HeaderMap,
}

impl<'a> RequestParts<'a> {
    /// Those of a request to `uri`, as the client sent it, with these fields.
    #[must_use]
    pub fn new(uri: &'a Uri, headers: &'a HeaderMap) -> Self {
        Self { uri, headers }
    }
}

impl<'a, B> From<&'a Request<B>> for RequestParts<'a> {
    fn from(request: &'a Request<B>) -> Self {
        Self::new(request.uri(), request.headers())
    }
}

/// Without anything that could hold the token.
impl fmt::Debug for RequestParts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestParts").finish_non_exhaustive()
    }
}
