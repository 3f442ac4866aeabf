//! A proof is good for one use, whichever instance it is shown to.

use std::time::Duration;

use claviger::ProofUse;
use claviger::ReplayStore;
use claviger::ReplayVerdict;
use claviger::redis::Redis;
use claviger::redis::redis::Client;
use claviger::redis::redis::cluster::ClusterClient;
use claviger::redis::redis::cmd;
use http::StatusCode;

use crate::api::Api;
use crate::server::Server;

#[tokio::test]
async fn the_first_use_is_recorded_and_every_other_refused_also_by_other_instances() {
    let (server, api) = (Server::start().await, Api::new());
    let (one, other) = (api.over(&server.redis()), api.over(&server.redis()));
    let proof = api.proof().sign();
    one.show(&proof).await.assert_passed();
    one.show(&proof).await.assert_replayed();
    other.show(&proof).await.assert_replayed();
    other.show(&api.proof().sign()).await.assert_passed();
    assert_eq!(server.keys().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_equal_proofs_at_once_one_passes() {
    let (server, api) = (Server::start().await, Api::new());
    let (one, other) = (api.over(&server.redis()), api.over(&server.redis()));
    let proof = api.proof().sign();
    let sent = (0..100).map(|at| {
        let (instance, proof) = ([&one, &other][at % 2].clone(), proof.clone());
        tokio::spawn(async move { instance.show(&proof).await })
    });
    let mut passed = 0;
    for answer in sent.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        if answer.status == StatusCode::OK {
            passed += 1;
        } else {
            answer.assert_replayed();
        }
    }
    assert_eq!(passed, 1);
}

/// From the future, so that it can be accepted for as long as any can: 330 s (RFC 9449, section 11.1).
#[tokio::test]
async fn redis_remembers_a_use_for_as_long_as_the_proof_could_be_accepted() {
    let (server, api) = (Server::start().await, Api::new());
    let instance = api.over(&server.redis());
    for (issued, seconds) in [(30, 330), (0, 300), (-300, 0)] {
        server.ask::<()>(&cmd("FLUSHALL"));
        let (before, _): (u64, u64) = server.ask(&cmd("TIME"));
        instance.show(&api.proof().issued(issued).sign()).await.assert_passed();
        let end: u64 = server.ask(cmd("PEXPIRETIME").arg(&server.keys()[0]));
        let (after, _): (u64, u64) = server.ask(&cmd("TIME"));
        assert!(end >= (before + seconds) * 1000, "{issued}");
        assert!(end <= (after + 1 + seconds + 30) * 1000, "{issued}: and not for ever");
    }
}

#[tokio::test]
async fn a_lifetime_is_rounded_up() {
    let server = Server::start().await;
    let store = server.redis().replay_store();
    for lifetime in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
        let proof = ProofUse::new(&[7; 32], &format!("{lifetime:?}"), lifetime);
        assert_eq!(store.record(&proof).await.unwrap(), ReplayVerdict::FirstUse, "{lifetime:?}");
    }
}

#[tokio::test]
async fn apis_with_other_prefixes_know_nothing_of_each_other() {
    let (server, api) = (Server::start().await, Api::new());
    let (orders, reports) = (server.redis().with_prefix("orders:"), server.redis().with_prefix("reports:"));
    let proof = api.proof().sign();
    api.over(&orders).show(&proof).await.assert_passed();
    api.over(&reports).show(&proof).await.assert_passed();
    api.over(&orders).show(&proof).await.assert_replayed();
    let [first, second]: [String; 2] = server.keys().try_into().unwrap();
    assert_eq!(first.strip_prefix("orders:dpop:").unwrap(), second.strip_prefix("reports:dpop:").unwrap());
}

#[tokio::test]
async fn neither_token_nor_proof_nor_jti_is_in_redis() {
    let (server, api) = (Server::start().await, Api::new());
    api.over(&server.redis()).show(&api.proof().claim("jti", "marker").sign()).await.assert_passed();
    let [key]: [String; 1] = server.keys().try_into().unwrap();
    let value: String = server.ask(cmd("GET").arg(&key));
    assert!(!format!("{key}{value}").contains("marker"));
    assert_eq!(key.len(), "claviger:dpop:".len() + 43, "a digest of 256 bits");
    assert!(value.len() < 40);
}

#[tokio::test]
async fn a_connection_of_the_application_will_do_as_well() {
    let (server, api) = (Server::start().await, Api::new());
    let client = Client::open(server.url()).unwrap();
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    let proof = api.proof().sign();
    let given = api.over(&Redis::from_connection(connection).with_deadline(PATIENCE));
    given.show(&proof).await.assert_passed();
    given.show(&proof).await.assert_replayed();
    let made = api.over(&Redis::from_client(client).with_deadline(PATIENCE));
    made.show(&proof).await.assert_replayed();
}

#[tokio::test]
async fn a_cluster_will_do_as_well() {
    let (server, api) = (Server::start_as_cluster().await, Api::new());
    let connection = ClusterClient::new([server.url()]).unwrap().get_async_connection().await.unwrap();
    let instance = api.over(&Redis::from_connection(connection).with_deadline(PATIENCE));
    for _ in 0..10 {
        let proof = api.proof().sign();
        instance.show(&proof).await.assert_passed();
        instance.show(&proof).await.assert_replayed();
    }
}

/// A busy machine keeps it.
const PATIENCE: Duration = Duration::from_secs(10);
