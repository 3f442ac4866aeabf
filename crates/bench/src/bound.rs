//! Tokens that are bound to the key of one client, each with a proof for the same route.

use std::fmt;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::routing::RouterIntoService;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::DpopSettings;
use claviger::Issuer;
use claviger::Presentation;
use claviger::TargetUri;
use claviger::Verification;
use claviger::Verifier;
use claviger_testing::DpopClient;
use claviger_testing::TestIssuer;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Method;

use crate::Bare;
use crate::Freshness;
use crate::KeyKind;
use crate::Route;
use crate::Signed;
use crate::Work;
use crate::guarded::AUDIENCE;
use crate::ring::Ring;
use crate::route::guarded_by;
use crate::route::open;

/// Tokens and proofs, both by ES256.
pub struct Bound {
    client: DpopClient,
    trusted: Issuer,
    signed: Signed,
    tokens: Vec<String>,
    proofs: Vec<String>,
}

impl Bound {
    /// So many proofs, of tokens of about so many bytes: each proof with a token of its own, or all with one.
    #[must_use]
    pub fn new(count: usize, bytes: usize, freshness: Freshness) -> Self {
        let issuer = TestIssuer::builder().with_key(KeyKind::Es256.generate()).in_memory();
        let client = DpopClient::with_key(KeyKind::Es256.generate());
        let distinct = if freshness == Freshness::FirstSeen { count } else { 1 };
        let signed = Signed::bound(&issuer, KeyKind::Es256, distinct, bytes, &client.confirmation());
        let tokens: Vec<_> = signed.tokens().iter().cycle().take(count).cloned().collect();
        let url = format!("{AUDIENCE}{PATH}");
        let proofs = tokens.iter().map(|token| client.proof(&Method::GET, &url, token).sign()).collect();
        Self { trusted: Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks()), client, signed, tokens, proofs }
    }

    /// The signatures of the tokens alone.
    #[must_use]
    pub fn bare_tokens(&self) -> Bare {
        Bare::new(&self.signed)
    }

    /// The signatures of the proofs alone.
    #[must_use]
    pub fn bare_proofs(&self) -> Bare {
        Bare::of(KeyKind::Es256, self.client.key(), &self.proofs)
    }

    /// The verifier, without a request around it.
    ///
    /// # Panics
    ///
    /// If a proof could not stand in a field.
    #[must_use]
    pub fn core(&self) -> BoundCore {
        let make = self.configuration();
        let headers = |proof: &String| {
            let proof = HeaderValue::try_from(proof).expect("a field value");
            HeaderMap::from_iter([(HeaderName::from_static("dpop"), proof)])
        };
        BoundCore {
            verifier: make().verifier().clone(),
            make: Box::new(make),
            presented: self.tokens.iter().cloned().zip(self.proofs.iter().map(headers)).collect(),
            ring: Ring::of(self.tokens.len()),
        }
    }

    /// The layer around a route.
    #[must_use]
    pub fn route(&self) -> Route<RouterIntoService<Body>, Body> {
        let make = self.configuration();
        let make = move || guarded_by(AuthLayer::new(make()));
        Route::by_dpop(make, &self.tokens, &self.proofs, Freshness::FirstSeen)
    }

    /// The same requests to the route without the layer.
    #[must_use]
    pub fn unguarded(&self) -> Route<RouterIntoService<Body>, Body> {
        Route::by_dpop(open, &self.tokens, &self.proofs, Freshness::SeenBefore)
    }

    /// Makes configurations in which no proof has been used. Proofs are measured for longer than they are good for.
    fn configuration(&self) -> impl Fn() -> AuthConfig + 'static {
        let trusted = self.trusted.clone();
        move || {
            let dpop = DpopSettings::default().with_proof_max_age(Duration::from_secs(3600));
            let builder = AuthConfig::builder(trusted.clone()).with_public_url(AUDIENCE).with_dpop(dpop);
            builder.build().expect("a sound configuration")
        }
    }
}

impl fmt::Debug for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bound").finish_non_exhaustive()
    }
}

/// Tokens and proofs judged by a [`Verifier`], which is replaced before a proof would come again.
pub struct BoundCore {
    make: Box<dyn Fn() -> AuthConfig>,
    verifier: Verifier,
    presented: Arc<[(String, HeaderMap)]>,
    ring: Ring,
}

impl Work for BoundCore {
    fn prepare(&mut self) {
        if self.ring.is_at_start() {
            self.verifier = (self.make)().verifier().clone();
        }
    }

    fn run(&mut self) {
        for (token, headers) in self.presented.get(self.ring.next()).unwrap_or_default() {
            let target = TargetUri::new(AUDIENCE, PATH);
            let presentation = Presentation::dpop(&Method::GET, Some(target)).with_proofs(headers);
            let judged = self.verifier.begin_presented(black_box(token), presentation, None);
            assert!(matches!(judged, Verification::Decided(Ok(_))), "the verdict on a token and its proof");
        }
    }

    fn tokens(&self) -> usize {
        self.ring.step()
    }
}

impl fmt::Debug for BoundCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundCore").finish_non_exhaustive()
    }
}

const PATH: &str = "/reports";
