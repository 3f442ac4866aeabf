//! The decision on each request.

use std::fmt;
use std::mem;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;

use bytes::Bytes;
use claviger_core::Presentation;
use claviger_core::RequestParts;
use claviger_core::Scopes;
use claviger_core::Verification;
use claviger_core::VerifiedToken;
use claviger_core::error::Reason;
use claviger_core::error::Refusal;
use claviger_core::error::VerifyError;
use http::Request;
use http::Response;
use tower_service::Service;

use crate::authenticate::Authentication;
use crate::authenticate::ResponseFuture;
use crate::authenticate::Shape;
use crate::authenticate::future::Pending;
use crate::client_uri::uri_of_client;
use crate::config::Anonymous;
use crate::config::AuthConfig;
use crate::credentials;
use crate::credentials::CookieFailure;
use crate::credentials::Credentials;
use crate::credentials::NoCredentials;
use crate::credentials::Place;
use crate::credentials::Presented;
use crate::drain;
use crate::metadata;
use crate::metadata::Publication;
use crate::metadata::UnknownDocument;
use crate::observe;
use crate::peer::CertificateField;
use crate::respond;
use crate::respond::Added;
use crate::respond::AnswerContext;
use crate::respond::AuthBody;
use crate::respond::Refused;
use crate::respond::Sharing;

/// Lets only requests with a believed token through. See the [module docs](crate::authenticate).
#[derive(Clone)]
pub struct Auth<S> {
    inner: S,
    gate: Gate,
    metadata: Option<Arc<Publication>>,
}

/// What decides, apart from the service behind it.
#[derive(Clone)]
pub(crate) struct Gate {
    config: AuthConfig,
    shape: Option<Shape>,
    /// Which of the token's own scopes challenges name as well.
    granted: Option<Arc<Scopes>>,
}

impl<S> Auth<S> {
    pub(crate) fn new(inner: S, gate: Gate, metadata: Option<Arc<Publication>>) -> Self {
        Self { inner, gate, metadata }
    }
}

impl<S, B, R> Service<Request<B>> for Auth<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    B: 'static,
{
    type Response = Response<AuthBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, B>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        if let Some(answer) = self.metadata.as_ref().and_then(|publication| publication.answer(&request)) {
            return ResponseFuture::answered(self.gate.drained(request, answer));
        }
        let (place, judged) = self.gate.judge(&request);
        let verdict = match judged {
            Judged::Decided(verdict) => verdict,
            Judged::Waiting(verification) => {
                // The future must own the instance that `poll_ready` drove; the clone is not ready.
                let clone = self.inner.clone();
                let inner = mem::replace(&mut self.inner, clone);
                return ResponseFuture::waiting(verification, place, request, inner, self.gate.clone());
            }
        };
        match self.gate.mark(&mut request, place, verdict) {
            Ok(added) => ResponseFuture::inner(self.inner.call(request), added),
            Err(refused) => self.refuse(refused, request),
        }
    }
}

impl<S> Auth<S> {
    /// Below the well-known path, whoever has no token is told that there is no such document, rather than to get one.
    fn refuse<B: 'static>(&mut self, refused: Refused, mut request: Request<B>) -> ResponseFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        let is_plain = refused.refusal() == Refusal::Unauthenticated;
        let publication = self.metadata.as_ref().filter(|_| is_plain);
        match publication.and_then(|publication| publication.unknown(&request)) {
            None => ResponseFuture::answered(self.gate.refuse(request, refused)),
            Some(UnknownDocument::NotFound) => {
                ResponseFuture::answered(self.gate.drained(request, metadata::not_found()))
            }
            Some(UnknownDocument::PerhapsBehind) => match self.gate.mark(&mut request, Place::default(), Ok(None)) {
                Ok(_) => ResponseFuture::document(self.inner.call(request)),
                Err(refused) => ResponseFuture::answered(self.gate.refuse(request, refused)),
            },
        }
    }
}

impl<S: fmt::Debug> fmt::Debug for Auth<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("inner", &self.inner).field("config", &self.gate.config).finish_non_exhaustive()
    }
}

/// A token, no credentials where that is allowed, or a refusal.
pub(super) type Verdict = Result<Option<VerifiedToken>, Refused>;

pub(super) enum Judged {
    Decided(Verdict),
    Waiting(Pending),
}

/// The verifier's verdict on a token from this place, as the client is told it.
pub(super) fn told(verdict: Result<VerifiedToken, VerifyError>, place: Place) -> Verdict {
    verdict.map(Some).map_err(|error| Refused::from(error).of_scheme(place.scheme()))
}

impl Gate {
    pub(super) fn new(config: AuthConfig, shape: Option<Shape>, granted: Option<Arc<Scopes>>) -> Self {
        Self { config, shape, granted }
    }

    pub(super) fn into_config(self) -> AuthConfig {
        self.config
    }

    /// The mark of a layer of the same configuration, which has judged the request before (nested routers): to judge it
    /// again would only cost, and a proof that may be used once could not pass.
    fn own_mark<'a, B>(&self, request: &'a Request<B>) -> Option<&'a Authentication> {
        request.extensions().get::<Authentication>().filter(|mark| mark.config().is(&self.config))
    }

    pub(super) fn judge<B>(&self, request: &Request<B>) -> (Place, Judged) {
        if let Some(mark) = self.own_mark(request) {
            return (mark.place(), Judged::Decided(Ok(mark.token().cloned())));
        }
        let settings = self.config.settings();
        let accepts = |scheme| settings.accepts(scheme, request);
        let Presented { credentials, place } = settings.sources.read(request, accepts);
        let parts = RequestParts::new(uri_of_client(request), request.headers());
        let refuse = |reason| Judged::Decided(Err(Refused::because(reason).of_scheme(place.scheme())));
        let judged = match credentials {
            Credentials::Bearer(token) => {
                let mut presentation = self.with_certificate(Presentation::bearer(), request);
                if settings.counts_proofs(request) {
                    presentation = presentation.with_proofs(request.headers());
                }
                self.verify(&token, presentation, &parts, place)
            }
            Credentials::Dpop(token) => match settings.address.target(request, &settings.proxies) {
                Ok(target) => {
                    let presentation = self.with_certificate(Presentation::dpop(request.method(), target), request);
                    self.verify(&token, presentation.with_proofs(request.headers()), &parts, place)
                }
                Err(fault) => Judged::Decided(Err(Refused::ambiguous_address(fault).of_scheme(place.scheme()))),
            },
            Credentials::None(_) if settings.anonymous == Anonymous::Passed => Judged::Decided(Ok(None)),
            Credentials::None(NoCredentials::NoField) if settings.preflight.passes(request) => {
                Judged::Decided(Ok(None))
            }
            Credentials::None(NoCredentials::NoField) => refuse(Reason::MissingCredentials),
            Credentials::None(NoCredentials::OtherScheme) | Credentials::Unaccepted => {
                let refused = Refused::because(Reason::UnsupportedScheme).of_scheme(place.scheme());
                Judged::Decided(Err(refused.with_fault(credentials::unread_token(request.headers()))))
            }
            Credentials::Malformed => refuse(Reason::MalformedRequest),
            Credentials::CrossSite => refuse(Reason::CrossSite),
        };
        (place, judged)
    }

    fn with_certificate<'a, B>(&self, presentation: Presentation<'a>, request: &Request<B>) -> Presentation<'a> {
        let settings = self.config.settings();
        CertificateField::show(settings.certificate.as_ref(), &settings.proxies, request, presentation)
    }

    fn verify(&self, token: &str, presentation: Presentation<'_>, parts: &RequestParts<'_>, place: Place) -> Judged {
        let verifier = self.config.verifier();
        let begun = match self.shape {
            Some(shape) => verifier.begin_demanding(token, presentation, Some(parts), shape.fits),
            None => verifier.begin_presented(token, presentation, Some(parts)),
        };
        match begun {
            Verification::Waiting(waiting) => Judged::Waiting(waiting),
            Verification::Decided(verdict) => Judged::Decided(told(verdict, place)),
        }
    }

    /// Leaves the mark on a request that may pass, and takes off what the service behind must not see. The shape is this
    /// layer's own, so it is judged behind another layer's mark too. Returns what the response gets.
    pub(crate) fn mark<B: 'static>(
        &self,
        request: &mut Request<B>,
        place: Place,
        verdict: Verdict,
    ) -> Result<Added, Refused> {
        let settings = self.config.settings();
        let mut token = self.pardon(place, verdict)?;
        let extensions = request.extensions_mut();
        let is_own = |mark: &Authentication| mark.config().is(&self.config);
        let (mut claims, demanded, leftover) = match extensions.remove::<Authentication>() {
            Some(mark) if is_own(&mark) => mark.into_parts(),
            // The claims of another configuration's token go with its mark; what its guards demand is needed all the same.
            Some(mark) => {
                let (claims, demanded, _) = mark.into_parts();
                claims.into_iter().for_each(|forget| forget(extensions));
                (Vec::new(), demanded, None)
            }
            None => Default::default(),
        };
        let demanded = demanded.granted_of(self.granted.clone());
        if let (Some(shape), Some(shaped)) = (self.shape, &token) {
            match (shape.put)(shaped, extensions) {
                Ok(()) => claims.push(shape.forget),
                Err(error) => {
                    token = self.pardon(place, told(Err(error), place))?;
                    claims.drain(..).for_each(|forget| forget(extensions));
                }
            }
        }
        if token.is_none() && settings.preflight.passes(request) {
            credentials::remove_body(request);
        }
        settings.sources.remove_tokens(request).ok_or_else(|| Refused::because(Reason::MalformedRequest))?;
        let leftover = leftover.or_else(|| settings.drainer.watch(request));
        let context = AnswerContext::on_the_way(settings, request);
        let added = self.added(place, token.as_ref());
        let mark = Authentication::assertion(self.config.clone(), token, place, context, claims, demanded)
            .with_leftover(leftover);
        request.extensions_mut().insert(mark);
        Ok(added)
    }

    /// Caches know `Authorization` as credentials (RFC 9111, section 3.5), and nothing else.
    fn added(&self, place: Place, token: Option<&VerifiedToken>) -> Added {
        let settings = self.config.settings();
        let sharing = match (place, token) {
            (Place::Authorization(_), Some(_)) => Sharing::NotByDefault,
            (Place::Authorization(_), None) => Sharing::AsStated,
            (Place::Cookie | Place::Elsewhere, _) => Sharing::Never,
        };
        let added = Added::sharing(sharing);
        match token {
            Some(token) => added.with_next_nonce(token.next_nonce().and_then(|nonce| nonce.try_into().ok())),
            None if settings.anonymous == Anonymous::Passed => added.with_vary(settings.sources.vary().clone()),
            None => added,
        }
    }

    /// A cookie that is not believed is none, where that was chosen. It is refused all the same where another site may
    /// have had it sent, and where it could not be judged.
    pub(super) fn pardon(&self, place: Place, verdict: Verdict) -> Verdict {
        let is_pardoned = |refusal| {
            !matches!(refusal, Refusal::CrossSite | Refusal::Unavailable { .. } | Refusal::TooManyRequests { .. })
        };
        match verdict {
            Err(refused)
                if place == Place::Cookie
                    && self.config.settings().cookie_failure == CookieFailure::Anonymous
                    && is_pardoned(refused.refusal()) =>
            {
                observe::pardoned(&refused);
                Ok(None)
            }
            verdict => verdict,
        }
    }

    /// This answer to a request whose body is drained.
    fn drained<B: 'static>(&self, request: Request<B>, mut answer: Response<Bytes>) -> Response<Bytes> {
        if self.config.settings().drainer.refuse(request) {
            drain::close_connection(answer.headers_mut());
        }
        answer
    }

    /// The answer to this request, whose body is drained.
    pub(super) fn refuse<B: 'static>(&self, request: Request<B>, refused: Refused) -> Response<Bytes> {
        let settings = self.config.settings();
        let context = AnswerContext::of(settings, &request);
        respond::answer(settings, refused, context.closing(settings.drainer.refuse(request)))
    }
}
