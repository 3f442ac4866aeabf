//! Section 3 of the contract, "connections to issuers": none that gave no answer, was reset or was closed serves again.

use std::time::Duration;

use claviger::Issuer;
use claviger::KeyErrorKind;
use claviger::KeySettings;
use claviger::Verifier;
use claviger_testing::Fault;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;

use crate::support::AUDIENCE;
use crate::support::NOW;
use crate::support::Relay;
use crate::support::new_key;

/// A verifier that reaches its issuer through a relay, with metadata and keys.
struct World {
    clock: TestClock,
    issuer: TestIssuer,
    relay: Relay,
    verifier: Verifier,
}

impl World {
    async fn with_deadline(timeout: Duration) -> Self {
        let clock = TestClock::at_second(NOW);
        let issuer = TestIssuer::builder().with_clock(clock.clone()).start().await;
        let relay = Relay::to(issuer.address()).await;
        let mut keys = KeySettings::default();
        keys.timeout = timeout;
        let trusted = Issuer::new(issuer.url(), AUDIENCE).with_fetch_base_url(relay.origin());
        let verifier = Verifier::builder(trusted).with_clock(clock.clone()).with_keys(keys).build().unwrap();
        Self { clock, issuer, relay, verifier }
    }

    async fn new() -> Self {
        Self::with_deadline(Duration::from_secs(60)).await
    }

    async fn assert_accepted(&self) {
        let verified = self.verifier.verify(&self.issuer.token().sign()).await;
        assert!(verified.is_ok(), "{verified:?} {:?}", self.verifier.status());
    }

    fn failures(&self) -> u64 {
        self.verifier.status()[0].counters.failures
    }
}

/// TCP acknowledges what is sent, and nothing ever comes back.
#[tokio::test]
async fn a_connection_that_went_deaf_is_not_used_again() {
    let world = World::new().await;
    world.assert_accepted().await;
    for rotations in 1..4 {
        let before = world.relay.connections();
        world.relay.go_deaf();
        world.issuer.rotate(new_key(&format!("{rotations}")));
        world.assert_accepted().await;
        assert_eq!(world.relay.connections(), before + 2, "one for the metadata, one for the keys");
        world.clock.advance(Duration::from_secs(30));
    }
    assert_eq!(world.failures(), 0);
}

#[tokio::test]
async fn each_document_comes_over_a_connection_of_its_own_that_is_then_closed() {
    let world = World::new().await;
    for fetches in 1..4 {
        world.verifier.refresh_now().await.unwrap();
        assert_eq!(world.relay.connections(), 2 * fetches);
        assert_eq!(world.issuer.fetches().jwks(), fetches);
    }
    world.relay.closed().await;
}

/// A fetch that gets no answer costs its deadline, and the next one is not held up by its connection.
#[tokio::test]
async fn after_a_fetch_without_an_answer_the_next_is_on_a_fresh_connection() {
    let world = World::with_deadline(Duration::from_millis(500)).await;
    world.verifier.ready().await.unwrap();
    world.relay.answer_nobody(true);
    for failures in 1..3 {
        assert!(world.verifier.refresh_now().await.is_err());
        let error = world.verifier.status().remove(0).last_error.unwrap();
        assert_eq!((error.kind(), world.failures()), (KeyErrorKind::Deadline, failures));
    }
    world.relay.closed().await;
    let before = world.relay.connections();
    assert_eq!(before, 4, "two for what was answered, one for each that was not");
    world.relay.answer_nobody(false);
    world.issuer.rotate(new_key("2"));
    world.clock.advance(Duration::from_secs(72));
    world.assert_accepted().await;
    assert_eq!(world.relay.connections(), before + 2);
}

/// As a server may at any moment with one that was kept alive, just when the next request is on its way.
#[tokio::test]
async fn a_connection_that_was_closed_or_reset_meanwhile_costs_nobody_a_503() {
    for fault in [Fault::Close, Fault::Reset] {
        let world = World::new().await;
        world.assert_accepted().await;
        world.issuer.fail_jwks(fault);
        assert!(world.verifier.refresh_now().await.is_err());
        world.issuer.recover();
        world.issuer.rotate(new_key("2"));
        world.clock.advance(Duration::from_secs(72));
        world.assert_accepted().await;
        assert_eq!(world.failures(), 1);
    }
}
