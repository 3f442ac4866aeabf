//! How this client authenticates: in one way, never in two.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::thread;

use claviger::Algorithm;
use claviger_exchange::ClientAuthentication;
use claviger_exchange::ExchangeError;
use claviger_exchange::Exchanger;
use claviger_exchange::PrivateKey;
use claviger_exchange::TokenEndpoint;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestIssuer;
use josekit::jwk::Jwk;
use josekit::jws;
use josekit::jws::JwsVerifier;
use openssl::nid::Nid;
use openssl::ssl::SslAcceptor;
use openssl::ssl::SslMethod;
use openssl::ssl::SslVerifyMode;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use serde_json::Value;
use serde_json::json;

use super::World;
use super::request;
use crate::support::Identity;
use crate::support::NOW;

#[tokio::test]
async fn a_secret_is_sent_form_encoded_in_basic_and_nowhere_else() {
    let world = World::of(ClientAuthentication::basic("reports:1 é", "a b+c:%&"), |exchanger| exchanger).await;
    world.exchange().await.unwrap();
    let sent = world.sent();
    // RFC 6749, section 2.3.1 and appendix B; RFC 7617.
    let field = sent.headers()["authorization"].to_str().unwrap().strip_prefix("Basic ").unwrap();
    assert_eq!(decoded(field), "reports%3A1+%C3%A9:a+b%2Bc%3A%25%26");
    assert_eq!(sent.headers().get_all("authorization").iter().count(), 1);
    assert!(sent.names().all(|name| !name.starts_with("client_")), "{sent:?}");
}

#[tokio::test]
async fn a_public_client_says_its_name_and_nothing_else() {
    let world = World::of(ClientAuthentication::none("reports"), |exchanger| exchanger).await;
    world.exchange().await.unwrap();
    let sent = world.sent();
    assert!(!sent.headers().contains_key("authorization"));
    let credentials: Vec<_> = sent.names().filter(|name| name.starts_with("client_")).collect();
    assert_eq!((credentials, sent.field("client_id")), (vec!["client_id"], Some("reports")));
}

#[tokio::test]
async fn an_assertion_is_made_for_each_request_and_judged_by_another_library() {
    let algorithms: [(SigningAlgorithm, Algorithm, VerifierOf); 4] = [
        (SigningAlgorithm::Es256, Algorithm::Es256, |jwk| Box::new(jws::ES256.verifier_from_jwk(jwk).unwrap())),
        (SigningAlgorithm::Rs256, Algorithm::Rs256, |jwk| Box::new(jws::RS256.verifier_from_jwk(jwk).unwrap())),
        (SigningAlgorithm::Ps256, Algorithm::Ps256, |jwk| Box::new(jws::PS256.verifier_from_jwk(jwk).unwrap())),
        (SigningAlgorithm::Ed25519, Algorithm::Ed25519, |jwk| Box::new(jws::EdDSA.verifier_from_jwk(jwk).unwrap())),
    ];
    for (signing, algorithm, verifier) in algorithms {
        let pair = SigningKey::generate(signing).with_key_id("client-key");
        let key = PrivateKey::from_jwk(algorithm, &SecretString::from(pair.private_jwk().to_string())).unwrap();
        let client = ClientAuthentication::private_key_jwt("reports", key);
        let world = World::of(client, |exchanger| exchanger).await;
        world.exchange().await.unwrap();
        world.exchange().await.unwrap();

        let public = Jwk::from_bytes(pair.public_jwk().to_string()).unwrap();
        let mut identifiers = Vec::new();
        for sent in world.issuer.token_requests() {
            assert!(!sent.headers().contains_key("authorization"));
            assert_eq!(
                sent.field("client_assertion_type"),
                Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            );
            assert!(sent.field("client_id").is_none() && sent.field("client_secret").is_none());
            let assertion = sent.field("client_assertion").unwrap();
            let (payload, header) = jws::deserialize_compact(assertion, &*verifier(&public)).unwrap();
            assert_eq!(header.claim("kid"), Some(&json!("client-key")), "{algorithm:?}");
            let claims: Value = serde_json::from_slice(&payload).unwrap();
            assert_eq!((&claims["iss"], &claims["sub"]), (&json!("reports"), &json!("reports")));
            assert_eq!(claims["aud"], world.issuer.url());
            assert_eq!((claims["iat"].as_u64(), claims["exp"].as_u64()), (Some(NOW), Some(NOW + 60)));
            identifiers.push(claims["jti"].as_str().unwrap().to_owned());
        }
        assert_ne!(identifiers[0], identifiers[1]);
    }
}

#[tokio::test]
async fn an_assertion_is_for_the_endpoint_where_no_issuer_is_named_or_for_whom_is_said() {
    let issuer = TestIssuer::start().await;
    let audience = |client| {
        let issuer = &issuer;
        async move {
            let exchanger = Exchanger::builder(TokenEndpoint::at(issuer.token_endpoint()), client).build().unwrap();
            exchanger.exchange(&request("t")).await.unwrap();
            let sent = issuer.token_requests().pop().unwrap();
            let payload = sent.field("client_assertion").unwrap().split('.').nth(1).unwrap().to_owned();
            let claims: Value = serde_json::from_slice(&super::from_base64url(&payload)).unwrap();
            claims["aud"].as_str().unwrap().to_owned()
        }
    };
    let client = || ClientAuthentication::private_key_jwt("c", PrivateKey::generate(Algorithm::Es256).unwrap());
    assert_eq!(audience(client()).await, issuer.token_endpoint());
    assert_eq!(
        audience(client().with_assertion_audience("https://tenant.example.com/")).await,
        "https://tenant.example.com/"
    );
}

#[tokio::test]
async fn without_the_time_nothing_is_asserted() {
    let key = PrivateKey::generate(Algorithm::Es256).unwrap();
    let world = World::of(ClientAuthentication::private_key_jwt("c", key), |exchanger| exchanger).await;
    world.clock.set_unix(None);
    assert!(matches!(world.exchange().await.unwrap_err(), ExchangeError::Credentials(_)));
    assert_eq!(world.issuer.token_requests().len(), 0);
}

#[test]
fn keys_come_from_pem_or_jwk_and_fit_their_algorithm() {
    let identity = Identity::new("client", None);
    let pem = SecretString::from(String::from_utf8(identity.key.private_key_to_pem_pkcs8().unwrap()).unwrap());
    assert!(PrivateKey::from_pem(Algorithm::Es256, &pem).is_ok());
    for algorithm in [Algorithm::Es384, Algorithm::Rs256, Algorithm::Ed25519] {
        assert!(PrivateKey::from_pem(algorithm, &pem).is_err(), "{algorithm:?}");
    }
    let rsa = SecretString::from(SigningKey::generate(SigningAlgorithm::Rs256).private_jwk().to_string());
    assert!(PrivateKey::from_jwk(Algorithm::Ps256, &rsa).is_ok());
    let public = SecretString::from(SigningKey::generate(SigningAlgorithm::Es256).public_jwk().to_string());
    for (algorithm, jwk) in [(Algorithm::Es256, &rsa), (Algorithm::Es256, &public), (Algorithm::Es256, &"{}".into())] {
        let error = PrivateKey::from_jwk(algorithm, jwk).unwrap_err();
        assert!(!format!("{error:?} {error}").contains(jwk.expose_secret()));
    }
}

/// josekit's verifier for a public key.
type VerifierOf = fn(&Jwk) -> Box<dyn JwsVerifier>;

/// Answers one token over TLS to who shows a certificate of `authority`, and tells whose it was and what was asked.
fn serve_to_certificates(authority: &Identity) -> (SocketAddr, Receiver<(String, String)>) {
    let identity = Identity::new("issuer", Some(authority));
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).unwrap();
    acceptor.set_private_key(&identity.key).unwrap();
    acceptor.set_certificate(&identity.certificate).unwrap();
    acceptor.cert_store_mut().add_cert(authority.certificate.clone()).unwrap();
    acceptor.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    let (acceptor, listener) = (acceptor.build(), TcpListener::bind("127.0.0.1:0").unwrap());
    let (address, (told, hear)) = (listener.local_addr().unwrap(), mpsc::channel());
    thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = acceptor.accept(connection.unwrap()) else { continue };
            let certificate = connection.ssl().peer_certificate().unwrap();
            let name = certificate.subject_name().entries_by_nid(Nid::COMMONNAME).next().unwrap();
            let name = name.data().to_string().unwrap();
            let mut reader = BufReader::new(&mut connection);
            let mut length = 0;
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|_| !line.trim().is_empty()) {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            told.send((name, String::from_utf8(body).unwrap())).unwrap();
            let answer = r#"{"access_token":"a","token_type":"Bearer"}"#;
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
            let _ = write!(connection, "{head}content-length: {}\r\n\r\n{answer}", answer.len());
            let _ = connection.shutdown();
        }
    });
    (address, hear)
}

#[tokio::test]
async fn a_certificate_is_shown_in_the_handshake_where_the_metadata_have_a_door_for_it() {
    let authority = Identity::new("authority", None);
    let (address, heard) = serve_to_certificates(&authority);
    let issuer = TestIssuer::start().await;
    let door = json!({ "token_endpoint": format!("https://localhost:{}/token", address.port()) });
    issuer.set_discovery_member("mtls_endpoint_aliases", door.clone());
    let asking = |client| {
        Exchanger::builder(TokenEndpoint::of_issuer(issuer.url()), client)
            .with_root_certificates(authority.certificate.to_pem().unwrap())
            .build()
            .unwrap()
    };

    let identity = Identity::new("reports-client", Some(&authority));
    let mut pem = String::from_utf8(identity.certificate.to_pem().unwrap()).unwrap();
    pem += std::str::from_utf8(&identity.key.private_key_to_pem_pkcs8().unwrap()).unwrap();
    asking(ClientAuthentication::mutual_tls("reports", pem)).exchange(&request("t")).await.unwrap();
    let (name, body) = heard.try_recv().unwrap();
    assert_eq!(name, "reports-client");
    // RFC 8705, section 2: the client is named, and has no other credentials.
    assert!(body.contains("&client_id=reports") && !body.contains("client_secret"), "{body}");
    assert_eq!(issuer.token_requests().len(), 0);

    // The same server, without a certificate.
    issuer.set_discovery_member("token_endpoint", door["token_endpoint"].clone());
    let refused = asking(ClientAuthentication::none("reports")).exchange(&request("t")).await.unwrap_err();
    assert!(matches!(refused, ExchangeError::Transport(_)), "{refused}");
    assert!(heard.try_recv().is_err());
}

fn decoded(text: &str) -> String {
    use base64::Engine;
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(text).unwrap()).unwrap()
}
