//! Keys that outlive the process: seeded starts, and a store that a fleet shares.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use claviger::Issuer;
use claviger::KeySnapshot;
use claviger::KeyState;
use claviger::KeyStore;
use claviger::StoreFuture;
use claviger::Verifier;
use claviger::VerifierBuilder;
use claviger::clock::Clock;
use claviger::error::Reason;
use claviger_testing::Fault;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;

use crate::support::AUDIENCE;
use crate::support::Documents;
use crate::support::NOW;
use crate::support::new_key;

struct World {
    clock: TestClock,
    issuer: TestIssuer,
}

impl World {
    async fn new() -> Self {
        let clock = TestClock::at_second(NOW);
        Self { issuer: TestIssuer::builder().with_clock(clock.clone()).start().await, clock }
    }

    fn builder(&self) -> VerifierBuilder {
        self.builder_at(self.clock.clone())
    }

    fn builder_at(&self, clock: TestClock) -> VerifierBuilder {
        Verifier::builder(Issuer::new(self.issuer.url(), AUDIENCE)).with_clock(clock)
    }

    /// What a process saves that has just fetched.
    async fn saved(&self) -> Value {
        let verifier = self.builder().build().unwrap();
        verifier.ready().await.unwrap();
        serde_json::to_value(verifier.key_snapshots()).unwrap()
    }

    fn go_down(&self) {
        self.issuer.fail_discovery(Fault::Status(StatusCode::SERVICE_UNAVAILABLE));
    }

    /// Another process: its monotonic clock begins anew.
    fn restarted(&self, saved: &Value) -> (TestClock, Verifier) {
        let clock = TestClock::at(self.clock.unix().unwrap());
        let snapshots: Vec<KeySnapshot> = serde_json::from_value(saved.clone()).unwrap();
        (clock.clone(), self.builder_at(clock).with_key_snapshots(snapshots).build().unwrap())
    }

    async fn verdict(&self, verifier: &Verifier) -> Result<(), Reason> {
        verifier.verify(&self.issuer.token().sign()).await.map(|_| ()).map_err(|error| error.reason())
    }
}

#[tokio::test]
async fn a_service_comes_up_while_its_issuer_is_down() {
    let world = World::new().await;
    let saved = world.saved().await;
    world.go_down();
    world.clock.advance(Duration::from_secs(300));
    let (clock, verifier) = world.restarted(&saved);
    assert_eq!(verifier.status()[0].state, KeyState::Fresh);
    assert_eq!(verifier.status()[0].age, Some(Duration::from_secs(300)));
    assert_eq!(world.verdict(&verifier).await, Ok(()));
    assert_eq!(world.issuer.fetches().discovery(), 1, "half of its lifetime is left");
    clock.advance(Duration::from_secs(299));
    assert_eq!(verifier.status()[0].state, KeyState::Fresh);
    clock.advance(Duration::from_secs(1));
    assert_eq!(verifier.status()[0].state, KeyState::Stale);
    clock.advance(Duration::from_secs(3600));
    assert_eq!(verifier.status()[0].state, KeyState::Expired);
    assert_eq!(world.verdict(&verifier).await, Err(Reason::KeysUnavailable));
}

#[tokio::test]
async fn a_seed_past_its_lifetime_is_replaced_if_the_issuer_is_up_and_serves_if_it_is_not() {
    let world = World::new().await;
    let saved = world.saved().await;
    world.clock.advance(Duration::from_secs(1000));
    let (_, verifier) = world.restarted(&saved);
    assert_eq!(verifier.status()[0].state, KeyState::Stale);
    world.issuer.rotate(new_key("2"));
    assert_eq!(world.verdict(&verifier).await, Ok(()));
    assert_eq!(verifier.status()[0].generation, 2);

    world.go_down();
    let (_, verifier) = world.restarted(&saved);
    assert_eq!(world.verdict(&verifier).await, Err(Reason::KeysUnavailable), "the new key is not in the seed");
}

#[tokio::test]
async fn a_seed_is_never_fresher_than_it_says_nor_fresher_than_now() {
    let world = World::new().await;
    let saved = world.saved().await;
    world.go_down();
    world.clock.advance(Duration::from_secs(600 + 3600));
    let (_, too_old) = world.restarted(&saved);
    assert_eq!(
        (too_old.status()[0].state, world.verdict(&too_old).await),
        (KeyState::Empty, Err(Reason::KeysUnavailable))
    );

    let mut from_the_future = saved.clone();
    from_the_future[0]["fetched_at"] = json!(NOW + 1_000_000);
    let (clock, verifier) = world.restarted(&from_the_future);
    assert_eq!(verifier.status()[0].state, KeyState::Fresh);
    clock.step_wall(-86_400);
    clock.advance(Duration::from_secs(600));
    assert_eq!(verifier.status()[0].state, KeyState::Stale, "it ages by the monotonic clock");

    let mut for_ever = saved;
    for_ever[0]["lifetime"] = json!(u64::MAX);
    for_ever[0]["fetched_at"] = json!(world.clock.unix().unwrap().as_secs());
    let (clock, verifier) = world.restarted(&for_ever);
    clock.advance(Duration::from_secs(3600));
    assert_eq!(verifier.status()[0].state, KeyState::Stale, "no longer than the longest lifetime");
}

#[tokio::test]
async fn a_seed_passes_every_check_or_is_not_used() {
    let world = World::new().await;
    let saved = world.saved().await;
    world.go_down();
    for (name, value) in [
        ("issuer", json!("https://other.example")),
        ("jwks", json!("{}")),
        ("jwks", json!("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}")),
        ("jwks", json!("junk")),
    ] {
        let mut wrong = saved.clone();
        wrong[0][name] = value;
        let (_, verifier) = world.restarted(&wrong);
        assert_eq!(verifier.status()[0].state, KeyState::Empty, "{wrong}");
    }
}

#[tokio::test]
async fn what_must_not_be_stored_is_in_no_snapshot() {
    let world = World::new().await;
    world.issuer.set_cache_control("no-store");
    assert_eq!(world.saved().await, json!([]));
    let verifier =
        Verifier::builder(Issuer::new("https://i.example", "a").with_jwks(world.issuer.jwks())).build().unwrap();
    assert!(verifier.key_snapshots().is_empty());
}

/// A store in memory that can be made to fail or to hang.
#[derive(Clone, Debug, Default)]
struct Shared {
    kept: Arc<Mutex<HashMap<String, KeySnapshot>>>,
    asked: Arc<AtomicUsize>,
    mode: Arc<Mutex<Mode>>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Mode {
    #[default]
    Serve,
    Fail,
    Hang,
}

impl KeyStore for Shared {
    fn get<'a>(&'a self, issuer: &'a str) -> StoreFuture<'a, Option<KeySnapshot>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let (mode, kept) = (*self.mode.lock().unwrap(), self.kept.lock().unwrap().get(issuer).cloned());
        Box::pin(async move {
            match mode {
                Mode::Serve => Ok(kept),
                Mode::Fail => Err("the store is away".into()),
                Mode::Hang => std::future::pending().await,
            }
        })
    }

    fn put<'a>(&'a self, snapshot: &'a KeySnapshot) -> StoreFuture<'a, ()> {
        self.kept.lock().unwrap().insert(snapshot.issuer().to_owned(), snapshot.clone());
        Box::pin(std::future::ready(Ok(())))
    }
}

#[tokio::test]
async fn one_fetch_serves_a_fleet() {
    let (world, store) = (World::new().await, Shared::default());
    let member = || world.builder().with_key_store(store.clone()).build().unwrap();
    let (first, second) = (member(), member());
    assert_eq!(world.verdict(&first).await, Ok(()));
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(world.verdict(&second).await, Ok(()));
    assert_eq!(world.issuer.fetches().jwks(), 1);
    assert_eq!((second.status()[0].age, second.status()[0].counters.fetches), (Some(Duration::from_secs(60)), 0));

    world.clock.advance(Duration::from_secs(541));
    assert_eq!(world.verdict(&first).await, Ok(()));
    assert_eq!(world.verdict(&second).await, Ok(()));
    assert_eq!(world.issuer.fetches().jwks(), 2, "what the first has fetched anew serves the second");
}

#[tokio::test]
async fn what_the_store_has_is_not_taken_if_it_is_older_than_what_is_held() {
    let (world, store) = (World::new().await, Shared::default());
    let mut older = world.saved().await[0].clone();
    older["fetched_at"] = json!(NOW - 100);
    older["lifetime"] = json!(3600);
    world.issuer.replace_keys(vec![new_key("2")]);
    let verifier = world.builder().with_key_store(store.clone()).build().unwrap();
    assert_eq!(world.verdict(&verifier).await, Ok(()));
    store.kept.lock().unwrap().insert(world.issuer.url().to_owned(), serde_json::from_value(older).unwrap());
    world.clock.advance(Duration::from_secs(601));
    assert_eq!(world.verdict(&verifier).await, Ok(()));
    assert_eq!((verifier.status()[0].generation, world.issuer.fetches().jwks()), (1, 3));
}

#[tokio::test]
async fn an_unknown_key_is_asked_of_the_issuer_and_not_of_the_store() {
    let (world, store) = (World::new().await, Shared::default());
    let verifier = world.builder().with_key_store(store.clone()).build().unwrap();
    assert_eq!(world.verdict(&verifier).await, Ok(()));
    let asked = store.asked.load(Ordering::SeqCst);
    world.issuer.rotate(new_key("2"));
    assert_eq!(world.verdict(&verifier).await, Ok(()));
    assert_eq!((store.asked.load(Ordering::SeqCst), world.issuer.fetches().jwks()), (asked, 2));
}

#[tokio::test]
async fn a_store_that_fails_hangs_or_lies_is_a_miss() {
    for mode in [Mode::Fail, Mode::Hang] {
        let (world, store) = (World::new().await, Shared::default());
        *store.mode.lock().unwrap() = mode;
        let verifier = world.builder().with_key_store(store).build().unwrap();
        assert_eq!(world.verdict(&verifier).await, Ok(()), "{mode:?}");
    }
    let (world, store) = (World::new().await, Shared::default());
    let mut lie: Vec<KeySnapshot> = serde_json::from_value(world.saved().await).unwrap();
    let text = serde_json::to_string(&lie[0]).unwrap().replace(world.issuer.url(), "https://other.example");
    lie[0] = serde_json::from_str(&text).unwrap();
    store.kept.lock().unwrap().insert(world.issuer.url().to_owned(), lie.remove(0));
    let verifier = world.builder().with_key_store(store).build().unwrap();
    assert_eq!(world.verdict(&verifier).await, Ok(()));
    assert_eq!(world.issuer.fetches().jwks(), 2);
}

/// Whoever may say where the keys of an issuer are must not get them into the hands of those who are told otherwise: an
/// issuer of that name that another customer has, or the operator.
#[tokio::test]
async fn what_came_from_one_address_is_not_taken_for_what_is_at_another() {
    const NAME: &str = "https://login.example";
    let clock = TestClock::at_second(NOW);
    let of = |key: &str| TestIssuer::builder().with_issuer(NAME).with_key(new_key(key)).with_clock(clock.clone());
    let (owner, mallory) = (of("1").in_memory(), of("1").in_memory());
    let documents = Documents::default();
    documents.serve_metadata(NAME, NAME, "https://login.example/keys");
    documents.serve("https://login.example/keys", owner.jwks());
    documents.serve("https://mallory.example/keys", mallory.jwks());
    let metadata = json!({ "issuer": NAME, "jwks_uri": "https://mallory.example/keys" }).to_string();
    documents.serve("https://mallory.example/metadata", metadata);
    let honest = || Issuer::new(NAME, AUDIENCE);
    let by_keys = honest().with_jwks_uri("https://mallory.example/keys").found_at_run_time();
    let by_metadata = honest().with_discovery_url("https://mallory.example/metadata").found_at_run_time();
    for wrong in [by_keys, by_metadata] {
        let store = Shared::default();
        let build = |issuer: Issuer, saved: Vec<KeySnapshot>| {
            let builder = Verifier::builder(issuer).with_clock(clock.clone()).with_fetch(documents.clone());
            builder.with_key_store(store.clone()).with_key_snapshots(saved).build().unwrap()
        };
        let deceived = build(wrong, Vec::new());
        assert!(deceived.verify(&mallory.token().sign()).await.is_ok());
        for saved in [Vec::new(), deceived.key_snapshots()] {
            let verifier = build(honest(), saved);
            let forged = verifier.verify(&mallory.token().sign()).await.unwrap_err();
            assert_eq!(forged.reason(), Reason::BadSignature);
            assert!(verifier.verify(&owner.token().sign()).await.is_ok());
        }
    }
}
