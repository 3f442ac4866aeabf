//! How long keys serve under the response headers that providers were seen to send.

use std::time::Duration;

use claviger_core::Issuer;
use claviger_core::Verifier;
use claviger_core::vectors;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use http::HeaderMap;
use http::HeaderName;
use serde_json::Value;

use crate::publication::Publication;
use crate::source::Vectors;
use crate::source::text;

#[test]
fn recorded_headers_state_these_lifetimes() {
    let Some(vectors) = Vectors::open() else { return };
    let recorded = vectors.json("discovery/recorded_response_headers.json");
    let responses = recorded["responses"].as_object().unwrap();
    assert_eq!(responses.len(), STATED.len());
    for (name, seconds) in STATED {
        let stated = vectors::lifetime(&headers(&responses[*name]));
        assert_eq!(stated, seconds.map(Duration::from_secs), "{name}");
    }
}

/// Refreshed in the background from 80 % of the lifetime on, give or take a tenth; until then nothing is fetched.
#[tokio::test]
async fn lifetimes_are_raised_to_the_minimum_and_capped_to_the_maximum() {
    let Some(vectors) = Vectors::open() else { return };
    let recorded = vectors.json("discovery/recorded_response_headers.json");
    for (name, seconds) in SERVED {
        let headers = headers(&recorded["responses"][format!("{name}/jwks")]);
        let served = Duration::from_secs(*seconds);
        let api = Api::behind(headers);

        let earliest = served.mul_f64(0.72);
        for _ in 0..REQUESTS {
            api.verify().await;
            api.clock.advance(earliest / REQUESTS);
        }
        assert_eq!(api.fetches(), 1, "{name}");
        let refresh_in = earliest + api.verifier.status()[0].refresh_in.unwrap();
        assert!(refresh_in >= earliest && refresh_in <= served.mul_f64(0.881), "{name}: {refresh_in:?}");

        api.clock.advance(served);
        api.verify().await;
        assert_eq!(api.fetches(), 2, "{name}");
    }
}

/// An API whose issuer sends these headers with its keys.
struct Api {
    clock: TestClock,
    issuer: TestIssuer,
    publication: Publication,
    verifier: Verifier,
}

impl Api {
    fn behind(headers: HeaderMap) -> Self {
        let clock = TestClock::at_second(1_668_283_200);
        let issuer = TestIssuer::builder().with_audience(AUDIENCE).with_clock(clock.clone()).in_memory();
        let publication = Publication::default();
        publication.put(JWKS_URI, issuer.jwks(), headers);
        let verifier = Verifier::builder(Issuer::new(issuer.url(), AUDIENCE).with_jwks_uri(JWKS_URI))
            .with_fetch(publication.clone())
            .with_clock(clock.clone())
            .build()
            .unwrap();
        Self { clock, issuer, publication, verifier }
    }

    async fn verify(&self) {
        self.verifier.verify(&self.issuer.token().sign()).await.unwrap();
    }

    fn fetches(&self) -> usize {
        self.publication.fetches(JWKS_URI)
    }
}

fn headers(recorded: &Value) -> HeaderMap {
    let fields = recorded.as_object().unwrap().iter();
    fields.map(|(name, value)| (name.parse::<HeaderName>().unwrap(), text(value).parse().unwrap())).collect()
}

const AUDIENCE: &str = "https://api.example.com";
const JWKS_URI: &str = "https://issuer.example.com/jwks";
const REQUESTS: u32 = 50;

/// Seconds that are left by each answer, its `Age` taken off.
const STATED: &[(&str, Option<u64>)] = &[
    ("auth0/jwks", Some(15)),
    ("auth0/discovery_document", Some(15)),
    ("azure/jwks", Some(86_400)),
    ("azure/discovery_document", Some(86_400)),
    ("cognito/jwks", None),
    ("cognito/discovery_document", Some(86_400)),
    ("google/jwks", Some(21_527)),
    ("google/discovery_document", Some(1_902)),
    ("keycloak/jwks", Some(0)),
    ("keycloak/discovery_document", Some(0)),
    ("okta/jwks", Some(3_828_277)),
    ("okta/discovery_document", Some(86_400)),
    ("onelogin/jwks", None),
    ("onelogin/discovery_document", None),
    ("vault/jwks", Some(0)),
    ("vault/discovery_document", Some(3_600)),
];

/// Seconds that keys serve: at least 60, at most 3,600, and 600 where nothing is said.
const SERVED: &[(&str, u64)] = &[
    ("auth0", 60),
    ("azure", 3_600),
    ("cognito", 600),
    ("google", 3_600),
    ("keycloak", 60),
    ("okta", 3_600),
    ("onelogin", 600),
    ("vault", 60),
];
