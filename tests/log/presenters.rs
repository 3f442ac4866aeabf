//! What the log hears of proofs, certificates and proxies.

use claviger::CertificateSettings;
use claviger::DpopSettings;
use claviger::NonceSecret;
use claviger::PeerAddress;
use claviger::ProofUse;
use claviger::ReplayFuture;
use claviger::ReplayStore;
use claviger::ReplayVerdict;
use claviger::error::Reason;
use claviger_testing::DpopClient;
use http::Method;

use crate::Log;
use crate::support::Api;
use crate::support::bearer;

#[tokio::test]
async fn neither_a_proof_nor_a_claim_of_it_nor_a_nonce_is_ever_logged() {
    let log = Log::listen();
    let api = Api::with_settings(|settings| {
        settings.with_public_url("https://api.example.com").with_dpop(DpopSettings::default().require_nonce([]))
    });
    assert_eq!(log.text(), "", "an address is configured");
    let client = DpopClient::new().with_clock(api.clock.clone());
    let token = api.token().claim("cnf", client.confirmation()).sign();
    let proof = || client.proof(&Method::GET, "https://api.example.com/", &token).claim("jti", "marker-jti");
    let mut nonces = Vec::new();
    for proof in [
        proof().sign(),
        proof().claim("nonce", "marker-nonce").sign(),
        proof().claim("htu", "https://marker.example.com/").sign(),
        proof().claim("htm", "MARKER").sign(),
        proof().claim("iat", 1_234_567_890).sign(),
        proof().header("typ", "marker").sign(),
        "marker".to_owned(),
    ] {
        let mut asking = bearer("/", "");
        asking.headers_mut().insert("authorization", format!("DPoP {token}").parse().unwrap());
        asking.headers_mut().insert("dpop", proof.parse().unwrap());
        let answer = api.send(asking).await;
        nonces.extend(answer.headers.get("dpop-nonce").map(|nonce| nonce.to_str().unwrap().to_owned()));
    }
    let text = log.text();
    assert!(
        text.contains("reason=\"nonce_required\"") && text.contains("which is below https://api.example.com"),
        "{text}"
    );
    assert_eq!(nonces.len(), 2);
    for secret in ["marker", "MARKER", "1234567890"].into_iter().chain(nonces.iter().map(String::as_str)) {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

#[tokio::test]
async fn what_tells_no_certificate_is_told_by_its_fault_alone() {
    let log = Log::listen();
    let api = Api::with_settings(|settings| {
        let certificate = CertificateSettings::new().with_header("x-forwarded-client-cert");
        settings.with_trusted_proxies(["10.0.0.1"]).with_certificate(certificate)
    });
    let mut asking = bearer("/", &api.token().bound_to_certificate(b"der").sign());
    asking.extensions_mut().insert(PeerAddress([10, 0, 0, 1].into()));
    asking.headers_mut().insert("x-forwarded-client-cert", "Subject=marker;Hash=marker".parse().unwrap());
    api.send(asking).await.assert_invalid_token(Reason::CertificateMismatch);
    let text = log.text();
    assert!(
        text.contains("reason=\"certificate_mismatch\"") && text.contains("not a SHA-256 digest in hexadecimal"),
        "{text}"
    );
    assert!(!text.contains("marker"), "{text}");
}

/// A client that is sent from one instance to the other would be told a new nonce by each.
#[test]
fn nonces_that_no_other_instance_knows_are_told_where_there_are_others() {
    let log = Log::listen();
    let shared = || DpopSettings::default().with_replay_store(Nowhere);
    let secret = || NonceSecret::new("s".repeat(32));
    for (dpop, told) in [
        (shared().require_nonce([]), 1),
        (shared().require_nonce([secret()]), 0),
        (shared(), 0),
        (DpopSettings::default().require_nonce([]), 0),
    ] {
        Api::with_settings(|settings| settings.with_dpop(dpop));
        assert_eq!(log.text().matches("nonces are known to this process alone").count(), told);
    }
}

#[derive(Debug)]
struct Nowhere;

impl ReplayStore for Nowhere {
    fn record<'a>(&'a self, _: &'a ProofUse) -> ReplayFuture<'a> {
        Box::pin(std::future::ready(Ok(ReplayVerdict::Replayed)))
    }
}

#[tokio::test]
async fn proxies_that_nobody_could_recognise_are_told_once() {
    let log = Log::listen();
    let api = Api::with_settings(|settings| {
        let certificate = CertificateSettings::new().with_header("x-forwarded-client-cert");
        settings.with_trusted_proxies(["10.0.0.1"]).with_certificate(certificate)
    });
    for told in [1, 0] {
        api.show(&api.token().sign()).await.assert_passed();
        assert_eq!(log.text().matches("`trusted_proxies` has no effect").count(), told);
    }
}
