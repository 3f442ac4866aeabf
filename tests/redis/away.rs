//! While Redis is away, and after it has come back.

use std::net::TcpListener;
use std::time::Duration;

use claviger::DpopSettings;
use claviger::ReplayStore;
use claviger::StoreFailure;
use claviger::redis::Redis;
use claviger::redis::redis::cmd;
use metrics::set_default_local_recorder;
use metrics_util::debugging::DebugValue;
use metrics_util::debugging::DebuggingRecorder;
use metrics_util::debugging::Snapshotter;
use tokio::time::Instant;

use crate::api::Api;
use crate::api::Instance;
use crate::server::Server;

fn accepting(api: &Api, redis: &Redis) -> Instance {
    let dpop = DpopSettings::default().with_replay_store(redis.replay_store());
    api.with(dpop.with_store_failure(StoreFailure::Accept))
}

/// Failures since it was asked last.
fn failures(snapshotter: &Snapshotter) -> u64 {
    let all = snapshotter.snapshot().into_vec().into_iter();
    let found = all.filter(|(key, ..)| key.key().name() == "claviger_replay_store_failures_total");
    found.map(|(_, _, _, value)| if let DebugValue::Counter(count) = value { count } else { 0 }).sum()
}

#[tokio::test]
async fn while_it_is_down_requests_are_refused_or_accepted_and_counted_and_then_no_proof_passes_twice() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _guard = set_default_local_recorder(&recorder);
    let (mut server, api) = (Server::start().await, Api::new());
    let (refusing, accepting) = (api.over(&server.redis()), accepting(&api, &server.redis()));
    let [before, refused] = [0, 1].map(|_| api.proof().sign());
    refusing.show(&before).await.assert_passed();
    accepting.show(&before).await.assert_replayed();
    assert_eq!(failures(&snapshotter), 0);

    server.kill().await;
    for _ in 0..3 {
        refusing.show(&refused).await.assert_unavailable();
    }
    assert_eq!(failures(&snapshotter), 3);
    accepting.show(&api.proof().sign()).await.assert_passed();
    assert_eq!(failures(&snapshotter), 1);

    server.run().await;
    for instance in [&refusing, &accepting] {
        instance.show(&before).await.assert_replayed();
    }
    refusing.show(&refused).await.assert_passed();
    for instance in [&refusing, &accepting] {
        instance.show(&refused).await.assert_replayed();
    }
    assert_eq!(failures(&snapshotter), 0);
}

/// What was sent to it meanwhile is recorded when it goes on. The connection on which there was no answer was closed, and
/// another one could not be made, so the second proof never got there.
#[tokio::test]
async fn while_it_is_paused_a_request_waits_for_the_deadline_and_what_was_sent_does_not_pass_again() {
    let (server, api) = (Server::start().await, Api::new());
    let redis = server.redis().with_deadline(Duration::from_secs(1));
    let (refusing, accepting) = (api.over(&redis), accepting(&api, &redis));
    let [before, refused, accepted] = [0, 1, 2].map(|_| api.proof().sign());
    refusing.show(&before).await.assert_passed();

    server.pause().await;
    refusing.show(&refused).await.assert_unavailable();
    accepting.show(&accepted).await.assert_passed();

    server.resume().await;
    for proof in [&before, &refused] {
        refusing.show(proof).await.assert_replayed();
        accepting.show(proof).await.assert_replayed();
    }
    refusing.show(&accepted).await.assert_passed();
    refusing.show(&accepted).await.assert_replayed();
}

/// It is the only limit there is: the client library has a shorter one of its own.
#[tokio::test]
async fn an_answer_is_waited_for_until_the_deadline() {
    let (server, api) = (Server::start().await, Api::new());
    let instance = api.over(&server.redis().with_deadline(Duration::from_secs(60)));
    instance.show(&api.proof().sign()).await.assert_passed();
    server.pause().await;
    tokio::time::pause();
    let before = Instant::now();
    instance.show(&api.proof().sign()).await.assert_unavailable();
    assert!(before.elapsed() >= Duration::from_secs(60), "{:?}", before.elapsed());
}

/// Somebody accepts the connection and says nothing.
#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_costs_no_more_than_the_deadline() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", silent.local_addr().unwrap());
    let api = Api::new();
    for (redis, milliseconds) in
        [(Redis::open(&url).unwrap(), 100), (Redis::open(&url).unwrap().with_deadline(Duration::from_millis(700)), 700)]
    {
        assert_eq!(redis.replay_store().deadline(), Duration::from_millis(milliseconds));
        let (refusing, accepting) = (api.over(&redis), accepting(&api, &redis));
        for _ in 0..3 {
            let before = Instant::now();
            refusing.show(&api.proof().sign()).await.assert_unavailable();
            accepting.show(&api.proof().sign()).await.assert_passed();
            let twice = Duration::from_millis(2 * milliseconds);
            assert!(before.elapsed() <= twice + Duration::from_millis(10), "{:?}", before.elapsed());
        }
    }
}

#[tokio::test]
async fn a_service_starts_without_it_and_finds_it_when_it_comes() {
    let (mut server, api) = (Server::absent(), Api::new());
    let instance = api.over(&server.redis());
    let proof = api.proof().sign();
    instance.show(&proof).await.assert_unavailable();
    server.run().await;
    instance.show(&proof).await.assert_passed();
    instance.show(&proof).await.assert_replayed();
}

#[test]
fn a_service_is_configured_outside_of_a_runtime_and_outlives_one() {
    let run = |future| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future);
    let (server, api) = (tokio::runtime::Runtime::new().unwrap(), Api::new());
    let redis = server.block_on(Server::start());
    let instance = api.over(&redis.redis());
    let show = |instance: &Instance, proof: String| {
        let instance = instance.clone();
        async move { instance.show(&proof).await }
    };
    let proof = api.proof().sign();
    run(show(&instance, proof.clone())).assert_passed();
    run(show(&instance, proof)).assert_replayed();
    run(show(&instance, api.proof().sign())).assert_passed();
}

/// The runtime ends while an answer to the first word is still waited for.
#[test]
fn an_attempt_to_connect_that_died_with_its_runtime_is_nobodys_end() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let (mut server, api) = (Server::absent(), Api::new());
    let silent = TcpListener::bind(("127.0.0.1", server.port())).unwrap();
    let instance = api.over(&server.redis().with_deadline(Duration::from_secs(1)));
    let proof = api.proof().sign();
    runtime().block_on(instance.show(&proof)).assert_unavailable();
    drop(silent);
    let servers = tokio::runtime::Runtime::new().unwrap();
    servers.block_on(server.run());
    servers.block_on(instance.show(&proof)).assert_unavailable();
    servers.block_on(instance.show(&proof)).assert_passed();
}

/// `noeviction`, which is the default of Redis.
#[tokio::test]
async fn a_full_one_refuses_and_forgets_nothing() {
    let (server, api) = (Server::start().await, Api::new());
    let instance = api.over(&server.redis());
    let proof = api.proof().sign();
    instance.show(&proof).await.assert_passed();
    server.ask::<()>(cmd("CONFIG").arg("SET").arg("maxmemory").arg(1));
    instance.show(&api.proof().sign()).await.assert_unavailable();
    server.ask::<()>(cmd("CONFIG").arg("SET").arg("maxmemory").arg(0));
    instance.show(&proof).await.assert_replayed();
}

#[tokio::test]
async fn a_wrong_password_is_a_failure_that_does_not_tell_it() {
    let (server, api) = (Server::start().await, Api::new());
    server.ask::<()>(cmd("CONFIG").arg("SET").arg("requirepass").arg("right-marker"));
    let with = |password: &str| {
        let url = format!("redis://{password}127.0.0.1:{}", server.port());
        Redis::open(&url).unwrap().with_deadline(Duration::from_secs(10))
    };
    for password in ["", ":wrong-marker@", "nobody-marker:wrong-marker@"] {
        let redis = with(password);
        api.over(&redis).show(&api.proof().sign()).await.assert_unavailable();
        let proof = claviger::ProofUse::new(&[7; 32], "jti", Duration::from_secs(1));
        let error = redis.replay_store().record(&proof).await.unwrap_err();
        assert!(!format!("{error} {error:?} {redis:?}").contains("marker"), "{error}");
    }
    api.over(&with(":right-marker@")).show(&api.proof().sign()).await.assert_passed();
}
