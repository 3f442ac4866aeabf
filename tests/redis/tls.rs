//! A Redis that is reached over TLS.

use std::time::Duration;

use claviger::redis::Redis;
use claviger::redis::redis::Client;
use claviger::redis::redis::TlsCertificates;

use crate::api::Api;
use crate::identity::Identity;
use crate::server::Server;

#[tokio::test]
async fn only_a_certificate_that_is_trusted_will_do() {
    let authority = Identity::new("authority", None);
    let own = Identity::new("redis", Some(&authority));
    let (certificate, key) = (own.certificate.to_pem().unwrap(), own.key.private_key_to_pem_pkcs8().unwrap());
    let (server, port) = Server::start_with_tls(&certificate, &key).await;
    let (url, api) = (format!("rediss://127.0.0.1:{port}"), Api::new());
    let patient = |redis: Redis| redis.with_deadline(Duration::from_secs(10));
    let trusting = |authority: &Identity| {
        let root_cert = Some(authority.certificate.to_pem().unwrap());
        let client = Client::build_with_tls(&*url, TlsCertificates { client_tls: None, root_cert }).unwrap();
        patient(Redis::from_client(client))
    };

    let proof = api.proof().sign();
    api.over(&trusting(&authority)).show(&proof).await.assert_passed();
    api.over(&server.redis()).show(&proof).await.assert_replayed();
    for untrusting in [patient(Redis::open(&url).unwrap()), trusting(&Identity::new("stranger", None))] {
        api.over(&untrusting).show(&api.proof().sign()).await.assert_unavailable();
    }
}
