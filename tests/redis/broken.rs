//! Connections that break while Redis is well: no request is refused for that, and no proof passes twice.

use std::time::Duration;

use claviger::redis::Redis;
use claviger::redis::redis::Client;
use claviger::redis::redis::Cmd;
use claviger::redis::redis::Pipeline;
use claviger::redis::redis::RedisFuture;
use claviger::redis::redis::Value;
use claviger::redis::redis::aio::ConnectionLike;
use claviger::redis::redis::aio::MultiplexedConnection;
use claviger::redis::redis::cmd;

use crate::api::Api;
use crate::proxy::Proxy;
use crate::server::Server;

/// As Redis does with connections that are idle, where it has a `timeout`.
#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_made_anew() {
    let (server, api) = (Server::start().await, Api::new());
    let instance = api.over(&server.redis());
    let proof = api.proof().sign();
    instance.show(&proof).await.assert_passed();
    for _ in 0..3 {
        server.ask::<u64>(cmd("CLIENT").arg("KILL").arg("TYPE").arg("normal").arg("SKIPME").arg("yes"));
        instance.show(&api.proof().sign()).await.assert_passed();
        server.ask::<u64>(cmd("CLIENT").arg("KILL").arg("TYPE").arg("normal").arg("SKIPME").arg("yes"));
        instance.show(&proof).await.assert_replayed();
    }
}

#[tokio::test]
async fn a_first_use_whose_answer_was_lost_is_the_first_use_still() {
    let (server, api) = (Server::start().await, Api::new());
    let proxy = Proxy::before(&server).await;
    let instance = api.over(&proxy.redis());
    instance.show(&api.proof().sign()).await.assert_passed();
    for _ in 0..3 {
        let proof = api.proof().sign();
        proxy.lose_next_answer();
        instance.show(&proof).await.assert_passed();
        assert!(proxy.has_lost());
        proxy.lose_next_answer();
        instance.show(&proof).await.assert_replayed();
        assert!(proxy.has_lost());
    }
}

/// As a connection of the application's own may: it sends a command again whose answer it has lost.
#[derive(Clone)]
struct Repeating(MultiplexedConnection);

impl ConnectionLike for Repeating {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            self.0.req_packed_command(command).await?;
            self.0.req_packed_command(command).await
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        self.0.req_packed_commands(pipeline, offset, count)
    }

    fn get_db(&self) -> i64 {
        self.0.get_db()
    }
}

#[tokio::test]
async fn a_first_use_that_a_connection_of_the_application_repeats_is_the_first_use_still() {
    let (server, api) = (Server::start().await, Api::new());
    let connection = Client::open(server.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    let redis = Redis::from_connection(Repeating(connection)).with_deadline(Duration::from_secs(10));
    let (one, other) = (api.over(&redis), api.over(&server.redis()));
    let proof = api.proof().sign();
    one.show(&proof).await.assert_passed();
    one.show(&proof).await.assert_replayed();
    other.show(&proof).await.assert_replayed();
}

#[tokio::test]
async fn a_server_that_has_become_a_replica_is_left_for_the_new_primary() {
    let (old, new, api) = (Server::start().await, Server::start().await, Api::new());
    let proxy = Proxy::before(&old).await;
    let instance = api.over(&proxy.redis());
    instance.show(&api.proof().sign()).await.assert_passed();
    old.ask::<()>(cmd("REPLICAOF").arg("127.0.0.1").arg(new.port()));
    instance.show(&api.proof().sign()).await.assert_unavailable();
    proxy.lead_to(&new);
    let proof = api.proof().sign();
    instance.show(&proof).await.assert_passed();
    instance.show(&proof).await.assert_replayed();
}
