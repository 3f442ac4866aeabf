//! Instances of an API in this process, with their issuer and a client that has a key.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::DpopSettings;
use claviger::Issuer;
use claviger::error::Reason;
use claviger::redis::Redis;
use claviger::respond::Refused;
use claviger_testing::DpopClient;
use claviger_testing::ProofBuilder;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use http::HeaderMap;
use http::Method;
use http::Request;
use http::StatusCode;
use http::header::AUTHORIZATION;
use tower::ServiceExt;

pub(crate) const ORIGIN: &str = "https://api.example.com";
pub(crate) const NOW: u64 = 1_750_000_000;

/// An API, of which there can be any number of instances.
pub(crate) struct Api {
    pub(crate) clock: TestClock,
    issuer: TestIssuer,
    client: DpopClient,
    token: String,
}

/// What is behind one address.
#[derive(Clone)]
pub(crate) struct Instance {
    app: Router,
    token: String,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) reason: Option<Reason>,
}

impl Api {
    pub(crate) fn new() -> Self {
        let clock = TestClock::at_second(NOW);
        let issuer = TestIssuer::builder().with_clock(clock.clone()).in_memory();
        let client = DpopClient::new().with_clock(clock.clone());
        let token = issuer.token().claim("cnf", client.confirmation()).sign();
        Self { clock, issuer, client, token }
    }

    /// An instance that remembers used proofs there.
    pub(crate) fn over(&self, redis: &Redis) -> Instance {
        self.with(DpopSettings::default().with_replay_store(redis.replay_store()))
    }

    pub(crate) fn with(&self, dpop: DpopSettings) -> Instance {
        let cfg = AuthConfig::builder(Issuer::new(self.issuer.url(), ORIGIN).with_jwks(self.issuer.jwks()))
            .with_clock(self.clock.clone())
            .with_public_url(ORIGIN)
            .with_dpop(dpop)
            .build()
            .unwrap();
        let app = Router::new().route("/", get(async || "passed")).layer(AuthLayer::new(cfg));
        Instance { app, token: self.token.clone() }
    }

    /// A right proof for `GET /`, unless it is changed.
    pub(crate) fn proof(&self) -> ProofBuilder {
        self.client.proof(&Method::GET, &format!("{ORIGIN}/"), &self.token)
    }
}

impl Instance {
    /// `GET /` with this proof.
    pub(crate) async fn show(&self, proof: &str) -> Answer {
        let request = Request::get("/").header(AUTHORIZATION, format!("DPoP {}", self.token)).header("DPoP", proof);
        let response = self.app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        Answer {
            status: response.status(),
            headers: response.headers().clone(),
            reason: response.extensions().get::<Refused>().map(Refused::reason),
        }
    }
}

impl Answer {
    pub(crate) fn assert_passed(&self) {
        assert_eq!((self.status, self.reason), (StatusCode::OK, None), "{self:?}");
    }

    /// D401.
    pub(crate) fn assert_replayed(&self) {
        assert_eq!((self.status, self.reason), (StatusCode::UNAUTHORIZED, Some(Reason::ProofReplayed)), "{self:?}");
        let challenge = self.headers["www-authenticate"].to_str().unwrap();
        let challenges = http_auth::parse_challenges(challenge).unwrap();
        assert_eq!((challenges.len(), challenges[0].scheme), (1, "DPoP"));
        let error = challenges[0].params.iter().find(|(name, _)| *name == "error").unwrap();
        assert_eq!(error.1.to_unescaped(), "invalid_dpop_proof");
    }

    /// R503.
    pub(crate) fn assert_unavailable(&self) {
        let expected = (StatusCode::SERVICE_UNAVAILABLE, Some(Reason::StoreUnavailable));
        assert_eq!((self.status, self.reason), expected, "{self:?}");
        let seconds: u64 = self.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=60).contains(&seconds));
        assert!(!self.headers.contains_key("www-authenticate"), "{self:?}");
    }
}
