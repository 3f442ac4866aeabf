//! The key lists of real issuers as they changed, replayed: a token signed by a published key is never refused.
//!
//! Nobody has the issuers' private keys, so each of their key ids stands for a key that is generated here.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;

use claviger_core::Issuer;
use claviger_core::KeySettings;
use claviger_core::Verifier;
use claviger_core::error::Reason;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use http::HeaderMap;
use http::HeaderValue;
use http::header;
use openssl::asn1::Asn1Time;
use serde_json::Value;
use serde_json::json;

use crate::publication::Publication;
use crate::source::Vectors;
use crate::source::list;
use crate::source::text;

#[tokio::test]
async fn a_token_signed_by_a_published_key_is_never_refused() {
    let Some(vectors) = Vectors::open() else { return };
    let history = vectors.json("jwks/rotation_history.json");
    let mut judged = Judged::default();
    for (name, changes) in history["issuers"].as_object().unwrap() {
        let changes: Vec<_> = list(changes).iter().map(Change::read).collect();
        let mut replay = Replay::new(&changes);
        for (at, change) in changes.iter().enumerate() {
            let next = changes.get(at + 1).map_or(Duration::MAX, |next| next.observed);
            replay.step(name, change, next, &mut judged).await;
        }
    }
    assert_eq!(judged, Judged { changes: 412, taken: 4_662, refused: 6_760 });
}

#[derive(Debug, Default, Eq, PartialEq)]
struct Judged {
    changes: usize,
    taken: usize,
    refused: usize,
}

/// A key list, and when it was seen.
struct Change {
    observed: Duration,
    key_ids: Vec<String>,
}

impl Change {
    fn read(change: &Value) -> Self {
        let key_ids: Vec<_> = list(&change["kids"]).iter().map(|key_id| text(key_id).to_owned()).collect();
        assert_eq!(change["n_keys"], key_ids.len());
        Self { observed: unix(text(&change["observed"])), key_ids }
    }
}

/// An issuer that lives its history again, and an API that believes it.
struct Replay {
    clock: TestClock,
    now: Duration,
    publication: Publication,
    verifier: Verifier,
    keys: BTreeMap<String, Signed>,
}

/// A key and a token by it, signed once: it is valid through the whole history.
struct Signed {
    jwk: Value,
    token: String,
}

impl Replay {
    fn new(changes: &[Change]) -> Self {
        let now = changes[0].observed;
        let clock = TestClock::at(now);
        let issuer = TestIssuer::builder().with_audience(AUDIENCE).with_clock(clock.clone()).in_memory();
        let key_ids: BTreeSet<_> = changes.iter().flat_map(|change| &change.key_ids).collect();
        let publication = Publication::default();
        let verifier = Verifier::builder(Issuer::new(issuer.url(), AUDIENCE).with_jwks_uri(JWKS_URI))
            .with_fetch(publication.clone())
            .with_clock(clock.clone())
            .build()
            .unwrap();
        let keys = key_ids.into_iter().map(|key_id| (key_id.clone(), Signed::new(&issuer, key_id))).collect();
        Self { clock, now, publication, verifier, keys }
    }

    /// Publishes the list, asks at once, and asks again when every older list must be forgotten, if there is time.
    ///
    /// Tokens by withdrawn keys use up what unknown keys may cost, so they come only where that is given back in time.
    async fn step(&mut self, name: &str, change: &Change, next: Duration, judged: &mut Judged) {
        self.advance_to(change.observed);
        let jwks: Vec<_> = change.key_ids.iter().map(|key_id| &self.keys[key_id].jwk).collect();
        let headers = HeaderMap::from_iter([(header::CACHE_CONTROL, HeaderValue::from_static("max-age=86400"))]);
        self.publication.put(JWKS_URI, json!({ "keys": jwks }).to_string(), headers);
        self.take_published(name, change, judged).await;

        let settings = KeySettings::default();
        let forgotten = change.observed + settings.max_lifetime;
        if forgotten < next {
            self.advance_to(forgotten);
            self.take_published(name, change, judged).await;
        }
        if forgotten + settings.refetch_interval * settings.refetch_budget < next {
            self.refuse_withdrawn(name, change, judged).await;
        }
        judged.changes += 1;
    }

    async fn take_published(&self, name: &str, change: &Change, judged: &mut Judged) {
        for key_id in &change.key_ids {
            let verdict = self.verifier.verify(&self.keys[key_id].token).await;
            assert!(verdict.is_ok(), "{name}, {:?}, {key_id}: {verdict:?}", change.observed);
            judged.taken += 1;
        }
    }

    async fn refuse_withdrawn(&self, name: &str, change: &Change, judged: &mut Judged) {
        for (key_id, signed) in self.keys.iter().filter(|(key_id, _)| !change.key_ids.contains(key_id)) {
            let reason = self.verifier.verify(&signed.token).await.unwrap_err().reason();
            assert_eq!(reason, Reason::UnknownKey, "{name}, {:?}, {key_id}", change.observed);
            judged.refused += 1;
        }
    }

    fn advance_to(&mut self, moment: Duration) {
        self.clock.advance(moment - self.now);
        self.now = moment;
    }
}

impl Signed {
    fn new(issuer: &TestIssuer, key_id: &str) -> Self {
        let key = SigningKey::generate(SigningAlgorithm::Es256).with_key_id(key_id);
        let token = issuer.token().signed_by(&key).expires_in(DECADES).sign();
        Self { jwk: key.public_jwk(), token }
    }
}

/// The time since 1970 of a date as RFC 3339 writes it, in UTC and whole seconds.
fn unix(date: &str) -> Duration {
    let digits: String = date.chars().filter(char::is_ascii_digit).collect();
    let date = Asn1Time::from_str_x509(&format!("{digits}Z")).unwrap();
    let since = Asn1Time::from_unix(0).unwrap().diff(&date).unwrap();
    Duration::from_secs(u64::try_from(i64::from(since.days) * 86_400 + i64::from(since.secs)).unwrap())
}

const AUDIENCE: &str = "https://api.example.com";
const JWKS_URI: &str = "https://issuer.example.com/jwks";
const DECADES: Duration = Duration::from_secs(20 * 365 * 86_400);
