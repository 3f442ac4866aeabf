//! The claims that RFC 8705, 9068, 9449 and 9701 print, signed here because no signed form was published.

use std::time::Duration;

use claviger_core::Issuer;
use claviger_core::Profile;
use claviger_core::VerifiedToken;
use claviger_core::Verifier;
use claviger_core::error::Reason;
use claviger_core::error::VerifyError;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use serde_json::Value;

use crate::jws::decode;
use crate::source::Vectors;
use crate::source::text;

#[tokio::test]
async fn the_access_token_of_rfc_9068_is_taken_until_it_expires() {
    let Some(vectors) = Vectors::open() else { return };
    let example = vectors.json("rfc/rfc9068_example.json");
    let claims = &example["claims"];
    let key = SigningKey::generate(SigningAlgorithm::Rs256).with_key_id(text(&example["header"]["kid"]));
    let signer = Signer::of(claims, &key);
    let token = signer.sign(&example["header"].to_string(), &claims.to_string());

    let taken = signer.judge(Profile::Rfc9068, text(&claims["aud"]), &token).await.unwrap();
    assert_eq!(taken.subject(), claims["sub"].as_str());
    assert!(taken.scopes().eq(text(&claims["scope"]).split(' ')));

    let lifetime = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
    signer.clock.advance(Duration::from_secs(lifetime + 30));
    let late = signer.judge(Profile::Rfc9068, text(&claims["aud"]), &token).await;
    assert_eq!(late.unwrap_err().reason(), Reason::Expired);
}

/// RFC 9701, section 8.1: not to be taken for an access token.
#[tokio::test]
async fn the_introspection_response_of_rfc_9701_is_no_access_token() {
    let Some(vectors) = Vectors::open() else { return };
    let example = vectors.json("rfc/rfc9701_example.json");
    let payload = &example["payload"];
    let key = SigningKey::generate(SigningAlgorithm::Rs256).with_key_id(text(&example["header"]["kid"]));
    let signer = Signer::of(payload, &key);
    let [header, claims] = halves(text(&example["signing_input"]));
    let token = signer.sign(&header, &claims);
    assert!(token.starts_with(text(&example["signing_input"])));

    for (profile, reason) in [
        (Profile::Rfc9068, Reason::WrongType),
        (Profile::Jwt, Reason::WrongType),
        (Profile::Identity, Reason::WrongType),
    ] {
        let judged = signer.judge(profile, text(&payload["aud"]), &token).await;
        assert_eq!(judged.unwrap_err().reason(), reason, "{}", profile.as_str());
    }
}

#[tokio::test]
async fn a_bound_token_is_refused_where_nobody_shows_its_key() {
    let Some(vectors) = Vectors::open() else { return };
    let example = vectors.json("rfc/rfc9068_example.json");
    let claims = &example["claims"];
    let key = SigningKey::generate(SigningAlgorithm::Es256);
    let signer = Signer::of(claims, &key);
    let [_, figure_8] = halves(text(&vectors.json("rfc/rfc9449_dpop.json")["access_token_jwt_figure8"]));
    let by_key = serde_json::from_str::<Value>(&figure_8).unwrap()["cnf"].clone();
    let thumbprint = vectors.json("rfc/rfc8705_thumbprint.json")["x5t#S256"].clone();
    let by_certificate = Value::from_iter([("x5t#S256", thumbprint)]);

    for (confirmation, reason) in [(by_key, Reason::BindingMismatch), (by_certificate, Reason::CertificateMissing)] {
        let token = signer.issuer.token().claim("cnf", confirmation).sign();
        let judged = signer.judge(Profile::Rfc9068, text(&claims["aud"]), &token).await;
        assert_eq!(judged.unwrap_err().reason(), reason);
    }
    let unbound = signer.issuer.token().sign();
    assert!(signer.judge(Profile::Rfc9068, text(&claims["aud"]), &unbound).await.is_ok());
}

/// Whoever the claims name as their issuer, with a key of this test, at the time the claims were issued.
struct Signer {
    issuer: TestIssuer,
    clock: TestClock,
}

impl Signer {
    fn of(claims: &Value, key: &SigningKey) -> Self {
        let clock = TestClock::at_second(claims["iat"].as_u64().unwrap());
        let issuer = TestIssuer::builder()
            .with_issuer(text(&claims["iss"]))
            .with_audience(text(&claims["aud"]))
            .with_key(key.clone())
            .with_clock(clock.clone())
            .in_memory();
        Self { issuer, clock }
    }

    fn sign(&self, header: &str, payload: &str) -> String {
        self.issuer.token().raw_header(header).raw_payload(payload).sign()
    }

    async fn judge(&self, profile: Profile, audience: &str, token: &str) -> Result<VerifiedToken, VerifyError> {
        let issuer = Issuer::new(self.issuer.url(), audience).with_profile(profile).with_jwks(self.issuer.jwks());
        Verifier::builder(issuer).with_clock(self.clock.clone()).build().unwrap().verify(token).await
    }
}

fn halves(compact: &str) -> [String; 2] {
    let mut parts = compact.split('.').map(|part| String::from_utf8(decode(part).unwrap()).unwrap());
    [parts.next().unwrap(), parts.next().unwrap()]
}
