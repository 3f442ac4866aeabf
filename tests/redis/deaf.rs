//! Connections on which everything is acknowledged and nothing answered: each costs one deadline, and none is kept.

use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::Instant;

use crate::api::Api;
use crate::api::Instance;
use crate::proxy::Proxy;
use crate::server::Server;

struct World {
    api: Api,
    proxy: Proxy,
    instance: Instance,
    _server: Server,
}

impl World {
    /// With a deadline that a busy machine keeps, and that a test can wait for.
    async fn new() -> Self {
        let (server, api) = (Server::start().await, Api::new());
        let proxy = Proxy::before(&server).await;
        let instance = api.over(&proxy.redis().with_deadline(DEADLINE));
        instance.show(&api.proof().sign()).await.assert_passed();
        assert_eq!(proxy.connections(), 1);
        Self { api, proxy, instance, _server: server }
    }
}

#[tokio::test]
async fn a_connection_that_went_deaf_is_closed_and_replaced() {
    let world = World::new().await;
    for replaced in 1..3 {
        world.proxy.go_deaf();
        let proof = world.api.proof().sign();
        world.instance.show(&proof).await.assert_unavailable();
        world.proxy.open(0).await;
        world.instance.show(&proof).await.assert_passed();
        world.instance.show(&proof).await.assert_replayed();
        assert_eq!(world.proxy.connections(), 1 + replaced);
    }
}

/// All that wait give it up together, and it is replaced once.
#[tokio::test]
async fn a_crowd_on_a_deaf_connection_makes_one_new_one() {
    let world = World::new().await;
    world.proxy.go_deaf();
    let show = || {
        let (instance, proof) = (world.instance.clone(), world.api.proof().sign());
        tokio::spawn(async move { instance.show(&proof).await })
    };
    for answer in Vec::from_iter((0..100).map(|_| show())) {
        answer.await.unwrap().assert_unavailable();
    }
    for answer in Vec::from_iter((0..100).map(|_| show())) {
        answer.await.unwrap().assert_passed();
    }
    assert_eq!(world.proxy.connections(), 2);
    world.proxy.open(1).await;
}

/// Also where nobody waits for the answer any more: clients that went away would otherwise have left a connection that
/// swallows each command, and remembers it.
#[tokio::test]
async fn a_deaf_connection_is_found_when_every_client_has_gone_away() {
    let world = World::new().await;
    world.proxy.go_deaf();
    let (instance, proof) = (world.instance.clone(), world.api.proof().sign());
    tokio::select! {
        biased;
        answer = instance.show(&proof) => panic!("{answer:?}"),
        () = yield_now() => {}
    }
    world.proxy.open(0).await;
    world.instance.show(&world.api.proof().sign()).await.assert_passed();
    assert_eq!(world.proxy.connections(), 2);
}

/// New connections are deaf too, so that none can be made: attempts follow each other slowly, however many ask.
#[tokio::test]
async fn while_nobody_answers_there_are_few_attempts_and_the_first_that_is_answered_serves() {
    let world = World::new().await;
    world.proxy.answer_nobody(true);
    for _ in 0..2 {
        let crowd = (0..50).map(|_| {
            let (instance, proof) = (world.instance.clone(), world.api.proof().sign());
            tokio::spawn(async move { instance.show(&proof).await })
        });
        for answer in Vec::from_iter(crowd) {
            answer.await.unwrap().assert_unavailable();
        }
    }
    let attempts = world.proxy.connections() - 1;
    assert!(attempts <= 2, "{attempts}");
    world.proxy.answer_nobody(false);
    let began = Instant::now();
    loop {
        let answer = world.instance.show(&world.api.proof().sign()).await;
        if answer.status.is_success() {
            break;
        }
        answer.assert_unavailable();
        assert!(began.elapsed() < Duration::from_secs(15), "{answer:?}");
    }
    assert!(world.proxy.connections() <= attempts + 3, "{}", world.proxy.connections());
}

const DEADLINE: Duration = Duration::from_millis(500);
