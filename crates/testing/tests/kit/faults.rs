//! Every fault, as a client meets it.

use std::io::ErrorKind;
use std::time::Duration;

use bytes::Bytes;
use claviger_testing::Fault;
use claviger_testing::Gate;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestIssuer;
use http::Response;
use reqwest::StatusCode;
use serde_json::Value;

use crate::client::get;
use crate::client::raw_jwks;

async fn failing(fault: Fault) -> TestIssuer {
    let issuer = TestIssuer::start().await;
    issuer.fail_jwks(fault);
    issuer
}

#[tokio::test]
async fn discovery_and_keys_fail_apart_and_recover_together() {
    let issuer = TestIssuer::start().await;
    let statuses = async || {
        let urls = [issuer.discovery_url(), issuer.server_metadata_url(), issuer.jwks_uri()];
        let mut statuses = Vec::new();
        for url in urls {
            statuses.push(get(url).await.unwrap().status().as_u16());
        }
        statuses
    };

    issuer.fail_discovery(Fault::Status(StatusCode::INTERNAL_SERVER_ERROR));
    assert_eq!(statuses().await, [500, 500, 200]);
    issuer.fail_jwks(Fault::Status(StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(statuses().await, [500, 500, 429]);
    issuer.recover();
    assert_eq!(statuses().await, [200, 200, 200]);
    assert_eq!(issuer.fetches().jwks(), 3);
}

#[tokio::test]
async fn an_answer_is_sent_as_it_is() {
    let mut answer = Response::new(Bytes::from_static(b"no"));
    *answer.status_mut() = StatusCode::FORBIDDEN;
    answer.headers_mut().insert("retry-after", "7".parse().unwrap());

    let issuer = failing(Fault::Answer(answer)).await;
    let received = get(issuer.jwks_uri()).await.unwrap();
    assert_eq!(received.status(), StatusCode::FORBIDDEN);
    assert_eq!(received.headers()["retry-after"], "7");
    assert_eq!(received.text().await.unwrap(), "no");
}

#[tokio::test]
async fn a_page_is_html_with_200() {
    let issuer = failing(Fault::Html).await;
    let received = get(issuer.jwks_uri()).await.unwrap();
    assert_eq!(received.status(), StatusCode::OK);
    assert_eq!(received.headers()["content-type"], "text/html; charset=utf-8");
    assert!(received.text().await.unwrap().starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn a_redirect_names_its_target() {
    let target = "http://169.254.169.254/latest";
    let issuer = failing(Fault::Redirect(target.to_owned())).await;
    let received = get(issuer.jwks_uri()).await.unwrap();
    assert_eq!(received.status(), StatusCode::FOUND);
    assert_eq!(received.headers()["location"], target);
}

#[tokio::test]
async fn a_closed_connection_ends_without_a_byte() {
    let issuer = failing(Fault::Close).await;
    assert_eq!(raw_jwks(&issuer).await.unwrap(), b"");
}

#[tokio::test]
async fn a_reset_connection_is_reset() {
    let issuer = failing(Fault::Reset).await;
    assert_eq!(raw_jwks(&issuer).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn raw_bytes_arrive_alone() {
    let issuer = failing(Fault::Raw(Bytes::from_static(b"SSH-2.0-x\r\n"))).await;
    assert_eq!(raw_jwks(&issuer).await.unwrap(), b"SSH-2.0-x\r\n");
}

#[tokio::test]
async fn a_length_too_long_leaves_the_body_incomplete() {
    let issuer = failing(Fault::WrongLength { declared: 100_000 }).await;
    let received = get(issuer.jwks_uri()).await.unwrap();
    assert_eq!(received.content_length(), Some(100_000));
    assert!(received.bytes().await.is_err());
}

#[tokio::test]
async fn a_length_too_short_cuts_the_body() {
    let issuer = failing(Fault::WrongLength { declared: 5 }).await;
    let received = get(issuer.jwks_uri()).await.unwrap();
    assert_eq!(received.text().await.unwrap(), issuer.jwks()[..5]);
}

#[tokio::test]
async fn a_drip_ends_with_the_whole_body() {
    let issuer = failing(Fault::Drip { pause: Duration::ZERO }).await;
    let received = get(issuer.jwks_uri()).await.unwrap();
    assert_eq!(received.headers()["content-type"], "application/jwk-set+json");
    assert_eq!(received.text().await.unwrap(), issuer.jwks());
}

#[tokio::test]
async fn a_drip_sends_its_head_at_once() {
    let issuer = failing(Fault::Drip { pause: Duration::MAX }).await;
    let received = get(issuer.jwks_uri()).await.unwrap();
    assert_eq!(received.content_length(), Some(issuer.jwks().len() as u64));
}

#[tokio::test]
async fn a_hanging_request_outlives_the_recovery_and_ends_with_the_issuer() {
    let issuer = failing(Fault::Hang).await;
    let hanging = tokio::spawn(get(issuer.jwks_uri()));
    issuer.wait_for_jwks(1).await;

    issuer.recover();
    assert_eq!(get(issuer.jwks_uri()).await.unwrap().status(), StatusCode::OK);
    assert!(!hanging.is_finished());

    issuer.stop().await;
    assert!(hanging.await.unwrap().is_err());
}

#[tokio::test]
async fn a_held_answer_is_the_one_of_its_request() {
    let gate = Gate::new();
    let issuer = failing(Fault::Held(gate.clone())).await;
    let before = issuer.jwks();
    let held = tokio::spawn(get(issuer.jwks_uri()));
    issuer.wait_for_jwks(1).await;

    issuer.recover();
    issuer.rotate(SigningKey::generate(SigningAlgorithm::Es256));
    let newer = get(issuer.jwks_uri()).await.unwrap().text().await.unwrap();
    assert_eq!(newer, issuer.jwks());
    assert!(!held.is_finished());

    gate.open();
    assert_eq!(held.await.unwrap().unwrap().text().await.unwrap(), before);
}

#[tokio::test]
async fn an_open_gate_holds_nothing() {
    let gate = Gate::new();
    gate.open();
    let issuer = failing(Fault::Held(gate)).await;
    assert_eq!(get(issuer.jwks_uri()).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_bomb_is_small_on_the_wire_and_large_in_memory() {
    let decoded = 4 << 20;
    let issuer = failing(Fault::GzipBomb { decoded }).await;

    let wire = raw_length(&issuer).await;
    assert!(wire < decoded / 100, "{wire}");

    let body = get(issuer.jwks_uri()).await.unwrap().bytes().await.unwrap();
    assert_eq!(body.len(), decoded);
    let document: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(document.to_string(), issuer.jwks());
}

#[tokio::test]
async fn bombs_of_every_size_decode() {
    let issuer = TestIssuer::start().await;
    for document in [2, 65_535, 65_536, 200_000] {
        let text = "x".repeat(document);
        issuer.set_jwks(text.clone());
        for blanks in [0, 1, 257, 258, 259, 516, 517, 5_000] {
            let decoded = document + blanks;
            issuer.fail_jwks(Fault::GzipBomb { decoded });
            let body = get(issuer.jwks_uri()).await.unwrap().text().await.unwrap();
            assert_eq!(body.len(), decoded, "{document} + {blanks}");
            assert_eq!(body.trim_end(), text, "{document} + {blanks}");
        }
    }
}

async fn raw_length(issuer: &TestIssuer) -> usize {
    let undecoded = reqwest::Client::builder().no_proxy().no_gzip().build().unwrap();
    let received = undecoded.get(issuer.jwks_uri()).send().await.unwrap();
    assert_eq!(received.headers()["content-encoding"], "gzip");
    received.bytes().await.unwrap().len()
}
