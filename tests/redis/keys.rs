//! The issuers' keys, fetched once for all instances.

use std::time::Duration;

use claviger::Issuer;
use claviger::KeySnapshot;
use claviger::KeyStore;
use claviger::Verifier;
use claviger::error::Reason;
use claviger::redis::RedisKeyStore;
use claviger::redis::redis::cmd;
use claviger_testing::Fault;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use http::StatusCode;

use crate::api::NOW;
use crate::api::ORIGIN;
use crate::server::Server;

struct World {
    server: Server,
    clock: TestClock,
    issuer: TestIssuer,
}

impl World {
    async fn new() -> Self {
        let clock = TestClock::at_second(NOW);
        let issuer = TestIssuer::builder().with_clock(clock.clone()).start().await;
        Self { server: Server::start().await, clock, issuer }
    }

    fn store(&self) -> RedisKeyStore {
        self.server.redis().key_store()
    }

    /// Of another instance each time.
    fn verifier(&self) -> Verifier {
        self.verifier_over(self.store())
    }

    fn verifier_over(&self, store: RedisKeyStore) -> Verifier {
        let issuer = Issuer::new(self.issuer.url(), ORIGIN);
        Verifier::builder(issuer).with_clock(self.clock.clone()).with_key_store(store).build().unwrap()
    }

    async fn verdict(&self, verifier: &Verifier) -> Result<(), Reason> {
        verifier.verify(&self.issuer.token().sign()).await.map(|_| ()).map_err(|error| error.reason())
    }

    /// A verifier has answered before it has put away what it has fetched.
    async fn kept(&self) -> KeySnapshot {
        let found = async {
            loop {
                if let Some(snapshot) = self.store().get(self.issuer.url()).await.unwrap() {
                    return snapshot;
                }
            }
        };
        tokio::time::timeout(crate::server::LIMIT, found).await.unwrap()
    }

    fn name(&self) -> String {
        format!("claviger:keys:{}", self.issuer.url())
    }
}

#[tokio::test]
async fn an_instance_starts_while_the_issuer_is_down_with_what_another_has_fetched() {
    let world = World::new().await;
    assert_eq!(world.verdict(&world.verifier()).await, Ok(()));
    world.kept().await;
    world.issuer.fail_discovery(Fault::Status(StatusCode::SERVICE_UNAVAILABLE));
    world.issuer.fail_jwks(Fault::Status(StatusCode::SERVICE_UNAVAILABLE));
    world.clock.advance(Duration::from_secs(60));
    let second = world.verifier();
    assert_eq!(world.verdict(&second).await, Ok(()));
    assert_eq!(second.status()[0].age, Some(Duration::from_secs(60)));
    assert_eq!(world.issuer.fetches().jwks(), 1);

    world.server.ask::<()>(&cmd("FLUSHALL"));
    assert_eq!(world.verdict(&world.verifier()).await, Err(Reason::KeysUnavailable));
}

#[tokio::test]
async fn a_snapshot_comes_back_as_it_was_put_and_does_not_stay_for_ever() {
    let world = World::new().await;
    let verifier = world.verifier();
    assert_eq!(world.verdict(&verifier).await, Ok(()));
    assert_eq!(vec![world.kept().await], verifier.key_snapshots());
    assert_eq!(world.server.keys(), [world.name()]);
    assert_eq!(world.store().get("https://other.example").await.unwrap(), None);

    let snapshot = &verifier.key_snapshots()[0];
    for (store, seconds) in
        [(world.store(), 24 * 60 * 60), (world.store().with_lifetime(Duration::from_secs(100)), 100)]
    {
        let (before, _): (u64, u64) = world.server.ask(&cmd("TIME"));
        store.put(snapshot).await.unwrap();
        let end: u64 = world.server.ask(cmd("PEXPIRETIME").arg(world.name()));
        let (after, _): (u64, u64) = world.server.ask(&cmd("TIME"));
        assert!((before + seconds..=after + 1 + seconds).contains(&end.div_ceil(1000)), "{end}");
    }
}

#[tokio::test]
async fn what_is_too_large_is_neither_put_nor_read() {
    let world = World::new().await;
    let small = || world.store().with_max_bytes(100);
    assert_eq!(world.verdict(&world.verifier_over(small())).await, Ok(()));
    let snapshot = world.verifier();
    assert_eq!(world.verdict(&snapshot).await, Ok(()));
    let snapshot = &snapshot.key_snapshots()[0];
    assert_eq!(small().put(snapshot).await.unwrap_err().to_string(), "a key snapshot has more than 100 bytes");
    world.store().put(snapshot).await.unwrap();
    assert_eq!(
        small().get(world.issuer.url()).await.unwrap_err().to_string(),
        "a key snapshot has more than 100 bytes"
    );

    let exact = serde_json::to_vec(snapshot).unwrap().len();
    let exact = |less: usize| world.store().with_max_bytes(exact - less);
    exact(0).put(snapshot).await.unwrap();
    assert!(exact(0).get(world.issuer.url()).await.unwrap().is_some());
    assert!(exact(1).get(world.issuer.url()).await.is_err());
}

#[tokio::test]
async fn junk_another_type_and_a_redis_that_is_away_are_a_miss() {
    let mut world = World::new().await;
    world.server.ask::<()>(cmd("SET").arg(world.name()).arg("junk"));
    assert_eq!(world.verdict(&world.verifier()).await, Ok(()));
    world.server.ask::<()>(cmd("DEL").arg(world.name()));
    world.server.ask::<()>(cmd("LPUSH").arg(world.name()).arg("junk"));
    assert_eq!(world.verdict(&world.verifier()).await, Ok(()));
    let verifier = world.verifier();
    world.server.kill().await;
    assert_eq!(world.verdict(&verifier).await, Ok(()));
    assert_eq!(world.issuer.fetches().jwks(), 3);
}
