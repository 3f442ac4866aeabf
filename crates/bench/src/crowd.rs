//! A verifier with many issuers, and a token of one of them.

use std::future::Future;
use std::pin::pin;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;

use bytes::Bytes;
use claviger_core::Fetch;
use claviger_core::FetchFuture;
use claviger_core::Issuer;
use claviger_core::Verifier;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestIssuer;
use http::Request;
use http::Response;

use crate::resident_kib;

/// A verifier with many issuers, and a token of one of them. The keys are at hand.
#[derive(Debug)]
pub struct Crowd {
    issuer: TestIssuer,
    verifier: Verifier,
    token: String,
}

/// One key set at every address.
#[derive(Debug)]
struct Everywhere(String);

impl Fetch for Everywhere {
    fn fetch(&self, _: Request<()>) -> FetchFuture<'_> {
        Box::pin(async { Ok(Response::new(Bytes::from(self.0.clone()))) })
    }

    fn keeps_to_public_addresses(&self) -> bool {
        true
    }
}

#[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a benchmark cannot go on without what it measures")]
impl Crowd {
    /// So many that are configured.
    #[must_use]
    pub fn of_configured(count: usize) -> Self {
        let issuer = issuer();
        let named = |at| Issuer::new(name(at), AUDIENCE).with_jwks(issuer.jwks());
        let verifier = Verifier::for_issuers((0..count).map(named)).build().expect("a sound configuration");
        Self { token: token(&issuer, count / 2), issuer, verifier }
    }

    /// A template whose tenants have the same keys.
    #[must_use]
    pub fn of_tenants_with_shared_keys() -> Self {
        let issuer = issuer();
        let template = Issuer::new(TEMPLATE, AUDIENCE).with_tenant_claim("tid").with_jwks(issuer.jwks());
        Self::of_template(issuer, template)
    }

    /// A template whose tenants have keys of their own.
    #[must_use]
    pub fn of_tenants() -> Self {
        let template = Issuer::new(TEMPLATE, AUDIENCE).with_tenant_claim("tid");
        Self::of_template(issuer(), template.with_jwks_uri("https://login.example/{tenant}/keys"))
    }

    /// One token, as a request brings it.
    ///
    /// # Panics
    ///
    /// If it is refused, or something has to be awaited.
    pub fn verify(&self) {
        let verdict = pin!(self.verifier.verify(&self.token)).poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(verdict, Poll::Ready(Ok(_))), "{verdict:?}");
    }

    /// Brings a token of each of so many tenants, and tells the resident memory before and after, in KiB.
    ///
    /// # Panics
    ///
    /// Where the system does not tell it.
    #[must_use]
    pub fn see_tenants(&self, count: usize) -> (usize, usize) {
        let before = resident_kib();
        runtime().block_on(async {
            for at in 0..count {
                // Most are refused, because not all of them can be fetched so fast; they were seen all the same.
                let _ = self.verifier.verify(&token(&self.issuer, at)).await;
            }
        });
        runtime().block_on(self.verifier.verify(&self.token)).expect("a token that passes");
        (before, resident_kib())
    }

    /// How many issuers the verifier has something of.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.verifier.status().len()
    }

    fn of_template(issuer: TestIssuer, template: Issuer) -> Self {
        let verifier = Verifier::builder(template).with_fetch(Everywhere(issuer.jwks())).build();
        let verifier = verifier.expect("a sound configuration");
        let crowd = Self { token: token(&issuer, 0), issuer, verifier };
        runtime().block_on(crowd.verifier.verify(&crowd.token)).expect("a token that passes");
        crowd
    }
}

fn issuer() -> TestIssuer {
    TestIssuer::builder().with_key(SigningKey::generate(SigningAlgorithm::Es256)).in_memory()
}

fn name(at: usize) -> String {
    format!("https://login.example/t{at}/v2.0")
}

fn token(issuer: &TestIssuer, at: usize) -> String {
    issuer.token().claim("iss", name(at)).claim("tid", format!("t{at}")).sign()
}

#[expect(clippy::expect_used, reason = "a benchmark cannot go on without it")]
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

const AUDIENCE: &str = "https://api.example.com";
const TEMPLATE: &str = "https://login.example/{tenant}/v2.0";
