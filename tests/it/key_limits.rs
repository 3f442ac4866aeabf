//! Section 3 of the contract, "limits" and "static keys": what a fetch may cost, and what needs none.

use std::fs;
use std::time::Duration;

use claviger::Issuer;
use claviger::KeyErrorKind;
use claviger::Verifier;
use claviger_testing::Fault;
use claviger_testing::TestIssuer;
use tempfile::NamedTempFile;
use tokio::net::TcpSocket;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio::time::timeout;

use crate::support::AUDIENCE;
use crate::support::Documents;
use crate::support::new_key;

#[tokio::test]
async fn a_set_may_have_128_keys() {
    let issuer = TestIssuer::builder().with_key(new_key("0")).start().await;
    let verifier = Verifier::builder(Issuer::new(issuer.url(), AUDIENCE)).build().unwrap();
    for number in 1..128 {
        issuer.publish(new_key(&format!("{number}")));
    }
    verifier.refresh_now().await.unwrap();
    assert_eq!(verifier.status()[0].key_ids.len(), 128);
    issuer.publish(new_key("one too many"));
    assert!(verifier.refresh_now().await.is_err());
    let status = verifier.status().remove(0);
    assert_eq!((status.key_ids.len(), status.last_error.unwrap().kind()), (128, KeyErrorKind::KeySet));
}

/// Each document alone would come in time.
#[tokio::test(start_paused = true)]
async fn five_seconds_are_for_metadata_and_keys_together() {
    let issuer = TestIssuer::start().await;
    let verifier = Verifier::builder(Issuer::new(issuer.url(), AUDIENCE)).build().unwrap();
    let bytes = u32::try_from(issuer.jwks().len()).unwrap();
    let slow = || Fault::Drip { pause: Duration::from_secs(3) / bytes };
    issuer.fail_jwks(slow());
    assert!(verifier.refresh_now().await.is_ok());
    issuer.fail_discovery(slow());
    let began = Instant::now();
    assert!(verifier.refresh_now().await.is_err());
    assert_eq!(began.elapsed().as_secs(), 5);
    assert_eq!(verifier.status()[0].last_error.as_ref().unwrap().kind(), KeyErrorKind::Deadline);
}

/// Where nobody takes a connection, as behind a firewall that drops packets.
#[tokio::test(start_paused = true)]
async fn two_seconds_are_for_a_connection() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let full = socket.listen(1).unwrap();
    let address = full.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(connected) = timeout(Duration::from_secs(1), TcpStream::connect(address)).await {
        waiting.push(connected.unwrap());
        assert!(waiting.len() < 100, "the queue has a place for one or two");
    }
    let issuer = Issuer::new("my-iss", AUDIENCE).with_jwks_uri(format!("http://{address}/jwks"));
    let verifier = Verifier::builder(issuer).build().unwrap();
    let began = Instant::now();
    assert!(verifier.refresh_now().await.is_err());
    assert_eq!(began.elapsed().as_secs(), 2);
    assert_eq!(verifier.status()[0].last_error.as_ref().unwrap().kind(), KeyErrorKind::Deadline);
}

#[tokio::test]
async fn static_keys_need_no_network_and_never_change() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), issuer.jwks()).unwrap();
    let trusted = || Issuer::new(issuer.url(), AUDIENCE);
    for trusted in [
        trusted().with_jwks(issuer.jwks()),
        trusted().with_jwks_file(file.path()),
        trusted().with_pem(issuer.current_key().public_pem()),
    ] {
        let documents = Documents::default();
        let verifier = Verifier::builder(trusted).with_fetch(documents.clone()).build().unwrap();
        assert!(verifier.verify(&issuer.token().sign()).await.is_ok());
        fs::write(file.path(), "{}").unwrap();
        verifier.refresh_now().await.unwrap();
        assert!(verifier.verify(&issuer.token().sign()).await.is_ok());
        assert!(verifier.verify(&issuer.token().signed_by(&new_key("unknown")).sign()).await.is_err());
        assert!(documents.asked().is_empty());
        fs::write(file.path(), issuer.jwks()).unwrap();
    }
}
