//! Strangers who invent tenants, 500 a second: what it costs those that there are (section 3 of the contract).

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger::Issuer;
use claviger::KeySnapshot;
use claviger::KeyStore;
use claviger::StoreFuture;
use claviger::Verifier;
use claviger::VerifierBuilder;
use claviger::clock::Clock;
use claviger::error::Reason;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use serde_json::json;

use crate::support::AUDIENCE;
use crate::support::Documents;
use crate::support::NOW;
use crate::support::new_key;

fn name(tenant: &str) -> String {
    format!("https://login.example/{tenant}/v2.0")
}

struct World {
    clock: TestClock,
    documents: Documents,
    tenants: Vec<TestIssuer>,
    verifier: Verifier,
    invented: usize,
}

impl World {
    fn of(tenants: usize) -> Self {
        Self::with(tenants, |builder| builder)
    }

    fn with(tenants: usize, change: impl FnOnce(VerifierBuilder) -> VerifierBuilder) -> Self {
        let (clock, documents, key) = (TestClock::at_second(NOW), Documents::default(), new_key("1"));
        let tenant = |at: usize| {
            let issuer = TestIssuer::builder().with_issuer(name(&format!("ours-{at}"))).with_key(key.clone());
            let issuer = issuer.with_clock(clock.clone()).in_memory();
            let keys = format!("{}/keys", issuer.url());
            documents.serve_metadata(issuer.url(), issuer.url(), &keys);
            documents.serve(keys, issuer.jwks());
            issuer
        };
        let tenants = (0..tenants).map(tenant).collect();
        let verifier = Self::verifier(&clock, &documents, change);
        Self { clock, documents, tenants, verifier, invented: 0 }
    }

    fn verifier(
        clock: &TestClock,
        documents: &Documents,
        change: impl FnOnce(VerifierBuilder) -> VerifierBuilder,
    ) -> Verifier {
        let template = Issuer::new(name("{tenant}"), AUDIENCE).with_tenant_claim("tid");
        let builder = Verifier::builder(template).with_clock(clock.clone()).with_fetch(documents.clone());
        change(builder).build().unwrap()
    }

    async fn verdict(&self, at: usize) -> Result<(), Reason> {
        let token = self.tenants[at].token().claim("tid", format!("ours-{at}")).sign();
        self.verifier.verify(&token).await.map(drop).map_err(|error| error.reason())
    }

    fn rotate(&self, at: usize, key_id: &str) {
        let tenant = &self.tenants[at];
        tenant.rotate(new_key(key_id));
        self.documents.serve(format!("{}/keys", tenant.url()), tenant.jwks());
    }

    /// One request of a stranger, whose tenant nobody has heard of; 2 ms pass.
    async fn stranger(&mut self) {
        self.invented += 1;
        let token = invented(&format!("t{}", self.invented), self.clock.unix().unwrap().as_secs());
        let refused = self.verifier.verify(&token).await.unwrap_err();
        assert_eq!(refused.reason(), Reason::KeysUnavailable);
        self.pass_two_milliseconds().await;
    }

    async fn pass_two_milliseconds(&self) {
        self.clock.advance(Duration::from_millis(2));
        tokio::task::yield_now().await;
    }
}

/// Not signed by anybody: nothing is known of its tenant that it could be judged by.
fn invented(tenant: &str, now: u64) -> String {
    let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": "1" });
    let payload = json!({
        "iss": name(tenant), "tid": tenant, "aud": AUDIENCE, "sub": "s", "client_id": "c", "jti": "j",
        "iat": now, "exp": now + 600,
    });
    let [header, payload] = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    format!("{header}.{payload}.{}", URL_SAFE_NO_PAD.encode([1; 64]))
}

const CONFIRMED: usize = 10;
const OURS: usize = 20;

/// What became of each request for the tenants that have verified a signature, and when each of the others was served
/// first, in milliseconds.
async fn a_minute(has_strangers: bool) -> (Vec<Result<(), Reason>>, Vec<Option<usize>>) {
    let mut world = World::of(OURS);
    for at in 0..CONFIRMED {
        assert_eq!(world.verdict(at).await, Ok(()));
        world.clock.advance(Duration::from_secs(1));
    }
    let (mut confirmed, mut served_at) = (Vec::new(), vec![None; OURS - CONFIRMED]);
    for tick in 0..30_000 {
        if has_strangers {
            world.stranger().await;
        } else {
            world.pass_two_milliseconds().await;
        }
        // Some rotate, so that they need a fetch.
        if tick % 5000 == 4000 {
            (0..3).for_each(|at| world.rotate((3 * (tick / 5000) + at) % CONFIRMED, &tick.to_string()));
        }
        // Each comes once a second.
        if tick % 25 == 0 {
            let at = tick / 25 % OURS;
            let verdict = world.verdict(at).await;
            match at.checked_sub(CONFIRMED) {
                None => confirmed.push(verdict),
                Some(new) => served_at[new] = served_at[new].or_else(|| verdict.is_ok().then_some(2 * tick)),
            }
        }
    }
    let asked = world.documents.asked().iter().filter(|url| url.contains("/t")).count();
    // Metadata are looked for at both places.
    assert!(asked <= 2 * (10 + 60), "{asked} fetches for strangers");
    (confirmed, served_at)
}

#[tokio::test]
async fn invented_tenants_cost_those_that_have_signed_nothing_and_new_ones_less_than_a_minute() {
    let (without, _) = a_minute(false).await;
    let (confirmed, served_at) = a_minute(true).await;
    assert_eq!(confirmed, without);
    assert!(confirmed.iter().all(Result::is_ok));
    for (new, served_at) in served_at.into_iter().enumerate() {
        assert!(served_at.is_some_and(|at| at < 60_000), "new tenant {new}: {served_at:?}");
    }
}

/// Whose name was used up by strangers has its keys nevertheless after a restart.
#[tokio::test]
async fn tenants_of_a_snapshot_or_the_key_store_have_signed_before() {
    #[derive(Clone, Debug, Default)]
    struct Store(Arc<Mutex<Vec<KeySnapshot>>>);

    impl KeyStore for Store {
        fn get<'a>(&'a self, issuer: &'a str) -> StoreFuture<'a, Option<KeySnapshot>> {
            let found = self.0.lock().unwrap().iter().find(|snapshot| snapshot.issuer() == issuer).cloned();
            Box::pin(async move { Ok(found) })
        }

        fn put<'a>(&'a self, snapshot: &'a KeySnapshot) -> StoreFuture<'a, ()> {
            self.0.lock().unwrap().push(snapshot.clone());
            Box::pin(async { Ok(()) })
        }
    }

    let world = World::of(3);
    for at in 0..3 {
        assert_eq!(world.verdict(at).await, Ok(()));
    }
    let saved = world.verifier.key_snapshots();
    let stored = Store(Arc::new(Mutex::new(saved.clone())));
    for is_stored in [false, true] {
        let (saved, stored) = (saved.clone(), stored.clone());
        let mut restarted =
            World::with(
                4,
                |builder| {
                    if is_stored { builder.with_key_store(stored) } else { builder.with_key_snapshots(saved) }
                },
            );
        // Past all use, so that all of them have to be fetched.
        restarted.clock.advance(Duration::from_secs(600 + 3600));
        for _ in 0..500 {
            restarted.stranger().await;
        }
        for at in 0..3 {
            assert_eq!(restarted.verdict(at).await, Ok(()), "tenant {at}, stored: {is_stored}");
        }
        assert_eq!(restarted.verdict(3).await, Err(Reason::KeysUnavailable), "nobody has heard of it");
    }
}
