//! Addresses that lead to a server that is of no use, or only of some: said in words when it is connected to.

use claviger::ProofUse;
use claviger::ReplayStore;
use claviger::redis::Redis;
use claviger::redis::redis::cmd;

use crate::api::Api;
use crate::listen::Log;
use crate::server::Sentinel;
use crate::server::Server;

/// What is logged of a request that needs it, and the error itself.
async fn failure(redis: &Redis) -> String {
    let (log, api) = (Log::listen(), Api::new());
    log.text();
    api.over(redis).show(&api.proof().sign()).await.assert_unavailable();
    let proof = ProofUse::new(&[7; 32], "jti", std::time::Duration::from_secs(1));
    let error = redis.replay_store().record(&proof).await.unwrap_err();
    let text = log.text();
    assert!(text.contains(&error.to_string()), "{error} is not in {text}");
    error.to_string()
}

#[tokio::test]
async fn a_replica_is_told_as_one() {
    let (primary, replica) = (Server::start().await, Server::start().await);
    replica.ask::<()>(cmd("REPLICAOF").arg("127.0.0.1").arg(primary.port()));
    let told = failure(&replica.redis()).await;
    assert_eq!(told, "the address of Redis is that of a replica, which takes no writes; give that of its primary");
    replica.ask::<()>(cmd("REPLICAOF").arg("NO").arg("ONE"));
    let api = Api::new();
    api.over(&replica.redis()).show(&api.proof().sign()).await.assert_passed();
}

#[tokio::test]
async fn a_sentinel_is_told_as_one() {
    let primary = Server::start().await;
    let sentinel = Sentinel::watching(&primary).await;
    let told = failure(&sentinel.redis()).await;
    assert_eq!(
        told,
        "the address of Redis is that of a Sentinel, which holds no data; give that of the primary it watches"
    );
}

/// The only node of a cluster has all keys, so it is taken; the log says what would be wrong with one of several.
#[tokio::test]
async fn a_node_of_a_cluster_is_told_as_one() {
    let (log, server, api) = (Log::listen(), Server::start_as_cluster().await, Api::new());
    log.text();
    api.over(&server.redis()).show(&api.proof().sign()).await.assert_passed();
    let text = log.text();
    let line = text.lines().find(|line| line.contains("one node of a cluster")).unwrap_or_else(|| panic!("{text}"));
    assert!(line.contains("WARN") && line.contains(&format!("127.0.0.1:{}", server.port())), "{line}");
    assert!(line.contains("`Redis::from_connection`"), "{line}");
}

#[tokio::test]
async fn a_database_that_it_lacks_is_told() {
    let server = Server::start().await;
    let of = |database: u32| {
        let redis = Redis::open(&format!("{}/{database}", server.url())).unwrap();
        redis.with_deadline(std::time::Duration::from_secs(10))
    };
    let told = failure(&of(16)).await;
    assert_eq!(told, "Redis answered with an error: it has no database of this number");
    let api = Api::new();
    let proof = api.proof().sign();
    api.over(&of(15)).show(&proof).await.assert_passed();
    api.over(&server.redis()).show(&proof).await.assert_passed();
    assert_eq!(server.keys().len(), 1, "one is in another database");
}

/// A user who may set and get, and ask nothing else.
#[tokio::test]
async fn a_user_who_may_not_ask_what_it_is_uses_it_all_the_same() {
    let (server, api) = (Server::start().await, Api::new());
    let user = ["SETUSER", "api", "on", ">secret", "~claviger:*", "+set", "+get"];
    server.ask::<()>(cmd("ACL").arg(&user[..]));
    let redis = Redis::open(&format!("redis://api:secret@127.0.0.1:{}", server.port())).unwrap();
    let redis = redis.with_deadline(std::time::Duration::from_secs(10));
    api.over(&redis).show(&api.proof().sign()).await.assert_passed();
    let told = failure(&redis.with_prefix("another:")).await;
    assert!(told.contains("its user may not run a command") && told.contains("`NOPERM`"), "{told}");
}
