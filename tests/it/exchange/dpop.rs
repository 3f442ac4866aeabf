//! Tokens that are bound to a key, as josekit and a server that wants nonces see it.

use claviger::Algorithm;
use claviger_exchange::CallError;
use claviger_exchange::ExchangeError;
use claviger_exchange::PrivateKey;
use josekit::jwk::Jwk;
use josekit::jws::ES256;
use josekit::jwt::JwtPayload;
use reqwest::Client;
use reqwest::Request;
use secrecy::ExposeSecret;
use serde_json::Value;
use serde_json::json;

use super::INVENTORY;
use super::World;
use super::base64url;
use super::from_base64url;
use super::unguessable;
use crate::support::NOW;

async fn bound() -> World {
    World::with(|exchanger| exchanger.with_dpop(PrivateKey::generate(Algorithm::Es256).unwrap())).await
}

/// The claims of a proof, verified with the key that it names.
fn proof(proof: &str) -> (JwtPayload, Jwk) {
    let header = josekit::jwt::decode_header(proof).unwrap();
    assert_eq!(header.claim("typ"), Some(&json!("dpop+jwt")));
    assert_eq!(header.claim("alg"), Some(&json!("ES256")));
    let jwk = Jwk::from_map(header.claim("jwk").unwrap().as_object().unwrap().clone()).unwrap();
    assert_eq!(jwk.as_ref().keys().collect::<Vec<_>>(), ["kty", "crv", "x", "y"], "and nothing private");
    let (payload, _) = josekit::jwt::decode_with_verifier(proof, &ES256.verifier_from_jwk(&jwk).unwrap()).unwrap();
    (payload, jwk)
}

fn get(url: &str) -> Request {
    Client::new().get(url).build().unwrap()
}

#[tokio::test]
async fn the_token_endpoint_gets_a_proof_for_itself() {
    let world = bound().await;
    world.exchange().await.unwrap();
    let sent = world.sent();
    let (claims, _) = proof(sent.headers()["dpop"].to_str().unwrap());
    assert_eq!(claims.claim("htm"), Some(&json!("POST")));
    assert_eq!(claims.claim("htu"), Some(&json!(world.issuer.token_endpoint())));
    assert_eq!(claims.claim("iat"), Some(&json!(NOW)));
    assert!(claims.claim("jti").unwrap().as_str().unwrap().len() >= 16);
    assert_eq!((claims.claim("ath"), claims.claim("nonce")), (None, None));
}

#[tokio::test]
async fn the_nonce_that_a_server_wants_is_given_once_more_and_from_then_on() {
    let world = bound().await;
    world.issuer.demand_dpop_nonce("first");
    world.exchange().await.unwrap();
    world.exchange().await.unwrap();
    let requests = world.issuer.token_requests();
    let proofs: Vec<_> = requests.iter().map(|sent| proof(sent.headers()["dpop"].to_str().unwrap()).0).collect();
    let nonces: Vec<_> = proofs.iter().map(|claims| claims.claim("nonce").cloned()).collect();
    assert_eq!(nonces, [None, Some(json!("first")), Some(json!("first"))]);
    assert_ne!(proofs[0].claim("jti"), proofs[1].claim("jti"));
    world.issuer.demand_dpop_nonce("second");
    world.exchange().await.unwrap();
    assert_eq!(world.issuer.token_requests().len(), 5);
}

#[tokio::test]
async fn a_server_that_is_never_satisfied_is_asked_twice() {
    let world = bound().await;
    let refused = http::Response::builder().status(400).header("dpop-nonce", "again");
    let refused = refused.header("content-type", "application/json");
    let refused = refused.body(r#"{"error":"use_dpop_nonce"}"#.into()).unwrap();
    world.issuer.fail_token(claviger_testing::Fault::Answer(refused));
    let error = world.exchange().await.unwrap_err();
    assert!(matches!(error, ExchangeError::Refused { code, .. } if code == "use_dpop_nonce"));
    assert_eq!(world.issuer.token_requests().len(), 2);
}

#[tokio::test]
async fn a_token_that_is_not_bound_is_not_taken() {
    let world = bound().await;
    for answer in [json!({ "access_token": "a" }), json!({ "access_token": "a", "token_type": "Bearer" })] {
        world.issuer.answer_token(answer);
        let error = world.exchange().await.unwrap_err();
        assert!(matches!(error, ExchangeError::Malformed(why) if why.contains("not bound")), "{error}");
    }
    world.issuer.answer_token(json!({ "access_token": "a", "token_type": "dpop" }));
    assert!(world.exchange().await.is_ok());
}

#[tokio::test]
async fn a_call_presents_the_bound_token_with_a_proof_for_it() {
    let world = bound().await;
    let token = world.on_behalf_of().await.unwrap();
    let call = token.authorize(get(&format!("{INVENTORY}/items?page=2#top"))).unwrap();
    let secret = token.secret().expose_secret();
    assert_eq!(call.headers()["authorization"], format!("DPoP {secret}").as_str());
    assert!(call.headers()["authorization"].is_sensitive() && call.headers()["dpop"].is_sensitive());
    let (claims, jwk) = proof(call.headers()["dpop"].to_str().unwrap());
    assert_eq!(claims.claim("htm"), Some(&json!("GET")));
    assert_eq!(claims.claim("htu"), Some(&json!(format!("{INVENTORY}/items"))));
    assert_eq!(claims.claim("ath"), Some(&json!(base64url(&openssl::sha::sha256(secret.as_bytes())))));

    // The token names the thumbprint of the key in the proof (RFC 7638).
    let payload = secret.split('.').nth(1).unwrap();
    let payload: Value = serde_json::from_slice(&from_base64url(payload)).unwrap();
    let member = |name| jwk.parameter(name).unwrap().to_string();
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, member("x"), member("y"));
    assert_eq!(payload["cnf"]["jkt"], base64url(&openssl::sha::sha256(canonical.as_bytes())));
}

#[tokio::test]
async fn a_bearer_token_is_put_on_secure_calls_alone() {
    let world = World::new().await;
    let token = world.on_behalf_of().await.unwrap();
    for url in ["https://inventory.example.com/", "http://127.0.0.1:1/", "http://localhost/"] {
        let mut call = get(url);
        call.headers_mut().insert("authorization", "Bearer of-the-caller".parse().unwrap());
        call.headers_mut().insert("dpop", "of-the-caller".parse().unwrap());
        let call = token.authorize(call).unwrap();
        assert_eq!(call.headers().get_all("authorization").iter().count(), 1);
        assert_eq!(call.headers()["authorization"], format!("Bearer {}", token.secret().expose_secret()).as_str());
        assert!(!call.headers().contains_key("dpop"));
    }
    assert!(matches!(token.authorize(get("http://inventory.example.com/")), Err(CallError::Insecure)));
}

#[tokio::test]
async fn a_token_of_another_type_is_not_presented() {
    let world = World::new().await;
    for kind in ["N_A", "DPoP", "mac", ""] {
        world.issuer.answer_token(json!({ "access_token": "a", "token_type": kind }));
        let token = world.on_behalf_of().await.unwrap();
        let error = token.authorize(get(INVENTORY)).unwrap_err();
        assert!(matches!(&error, CallError::UnknownType(told) if told == kind), "{error}");
    }
    let unpresentable = unguessable();
    world.issuer.answer_token(json!({ "access_token": format!("{unpresentable}\n"), "token_type": "Bearer" }));
    let error = world.on_behalf_of().await.unwrap().authorize(get(INVENTORY)).unwrap_err();
    assert!(matches!(error, CallError::Unpresentable));
    assert!(!format!("{error:?} {error}").contains(&unpresentable));
}
