//! How fetches travel: certificates of one's own, tokens that the issuer wants to see, clients of the application's own.

use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::thread;

use claviger::AuthConfig;
use claviger::HttpFetch;
use claviger::Issuer;
use claviger::KeyErrorKind;
use claviger::KeySettings;
use claviger::Verifier;
use claviger_testing::Fault;
use claviger_testing::TestIssuer;
use http::header::AUTHORIZATION;
use openssl::ssl::AlpnError;
use openssl::ssl::SslAcceptor;
use openssl::ssl::SslMethod;
use openssl::ssl::select_next_proto;
use tempfile::NamedTempFile;

use crate::support::AUDIENCE;
use crate::support::Identity;

/// A file that is gone with the test.
fn file(content: impl AsRef<[u8]>) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    fs::write(&file, content).unwrap();
    file
}

/// Serves `document` over TLS to whoever connects, until the test ends.
fn serve_over_tls(identity: &Identity, document: String) -> SocketAddr {
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).unwrap();
    acceptor.set_private_key(&identity.key).unwrap();
    acceptor.set_certificate(&identity.certificate).unwrap();
    // A connection of HTTP/2 that is deaf would be used again, so nobody offers that.
    acceptor.set_alpn_select_callback(|_, offered| match select_next_proto(b"\x02h2\x08http/1.1", offered) {
        Some(b"http/1.1") => Ok(b"http/1.1"),
        _ => Err(AlpnError::ALERT_FATAL),
    });
    let (acceptor, listener) = (acceptor.build(), TcpListener::bind("127.0.0.1:0").unwrap());
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = acceptor.accept(connection.unwrap()) else { continue };
            let request = BufReader::new(&mut connection).lines();
            request.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", document.len());
            let _ = connection.write_all((head + &document).as_bytes());
            let _ = connection.shutdown();
        }
    });
    address
}

#[tokio::test]
async fn certificates_of_ones_own_are_trusted_for_the_issuer_that_has_them() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let authority = Identity::new("authority", None);
    let address = serve_over_tls(&Identity::new("issuer", Some(&authority)), issuer.jwks());
    let trusted = || Issuer::new(issuer.url(), AUDIENCE).with_jwks_uri(format!("https://{address}/jwks"));
    let token = issuer.token().sign();

    let ca_file = file(authority.certificate.to_pem().unwrap());
    let verifier = Verifier::builder(trusted().with_ca_file(ca_file.path())).build().unwrap();
    assert!(verifier.verify(&token).await.is_ok(), "{:?}", verifier.status());

    let stranger = file(Identity::new("stranger", None).certificate.to_pem().unwrap());
    for untrusting in [trusted(), trusted().with_ca_file(stranger.path())] {
        let verifier = Verifier::builder(untrusting).build().unwrap();
        assert!(verifier.verify(&token).await.is_err());
        assert_eq!(verifier.status()[0].last_error.as_ref().unwrap().kind(), KeyErrorKind::Transport);
    }

    // Nor do they come to trust it where another issuer does, who has the same address.
    let other = Issuer::new("https://other.example.com", AUDIENCE).with_jwks_uri(format!("https://{address}/jwks"));
    let both = [trusted().with_ca_file(ca_file.path()), other.with_ca_file(stranger.path())];
    let verifier = Verifier::for_issuers(both).build().unwrap();
    assert!(verifier.verify(&token).await.is_ok());
    let of_the_other = issuer.token().claim("iss", "https://other.example.com").sign();
    assert!(verifier.verify(&of_the_other).await.is_err());
}

/// The name of the server is right, its certificate is trusted, and its address is this machine's.
#[tokio::test]
async fn certificates_of_ones_own_lead_an_issuer_found_at_run_time_to_no_other_address() {
    let issuer = TestIssuer::in_memory("https://login.customer.example");
    let authority = Identity::new("authority", None);
    let address = serve_over_tls(&Identity::new("issuer", Some(&authority)), issuer.jwks());
    let ca_file = file(authority.certificate.to_pem().unwrap());
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_ca_file(ca_file.path());
    let trusted = trusted.with_jwks_uri(format!("https://localhost:{}/jwks", address.port()));
    let token = issuer.token().sign();

    let named = Verifier::builder(trusted.clone()).build().unwrap();
    assert!(named.verify(&token).await.is_ok(), "{:?}", named.status());
    let found = Verifier::builder(trusted.found_at_run_time()).build().unwrap();
    assert!(found.verify(&token).await.is_err());
    assert_eq!(found.status()[0].last_error.as_ref().unwrap().kind(), KeyErrorKind::NotPublic);
}

#[tokio::test]
async fn the_token_of_the_file_is_read_for_each_fetch_and_shown_to_the_issuer_alone() {
    let file = file("first\n");
    let issuer = TestIssuer::start().await;
    let elsewhere = TestIssuer::builder().with_key(issuer.current_key()).start().await;
    let seen = |headers: Option<&http::HeaderMap>| headers.unwrap().get(AUTHORIZATION).cloned();
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_bearer_token_file(file.path());
    let verifier = Verifier::builder(trusted).build().unwrap();

    for token in ["first", "second"] {
        fs::write(file.path(), token).unwrap();
        verifier.refresh_now().await.unwrap();
        let fetches = issuer.fetches();
        let field = format!("Bearer {token}");
        assert_eq!(seen(fetches.last_discovery_headers()).unwrap(), field.as_str());
        assert_eq!(seen(fetches.last_jwks_headers()).unwrap(), field.as_str());
    }
    issuer.set_discovery_member("jwks_uri", elsewhere.jwks_uri());
    verifier.refresh_now().await.unwrap();
    assert_eq!(seen(elsewhere.fetches().last_jwks_headers()), None, "another origin sees no token");

    fs::remove_file(file.path()).unwrap();
    assert!(verifier.refresh_now().await.is_err());
    assert_eq!(verifier.status()[0].last_error.as_ref().unwrap().kind(), KeyErrorKind::Credentials);
    assert!(!format!("{verifier:?} {:?}", verifier.status()).contains("second"));
}

#[tokio::test]
async fn a_configured_jwks_uri_sees_the_token_wherever_it_is() {
    let file = file("token");
    let issuer = TestIssuer::builder().with_issuer("https://kubernetes.default.svc").start().await;
    let trusted =
        Issuer::new(issuer.url(), AUDIENCE).with_jwks_uri(issuer.jwks_uri()).with_bearer_token_file(file.path());
    let verifier = Verifier::builder(trusted).build().unwrap();
    assert!(verifier.verify(&issuer.token().sign()).await.is_ok());
    assert_eq!(issuer.fetches().last_jwks_headers().unwrap()[AUTHORIZATION], "Bearer token");
}

#[tokio::test]
async fn a_client_of_the_applications_own_is_used_and_not_believed_behind_a_redirect() {
    let issuer = TestIssuer::start().await;
    let client = reqwest::Client::builder().user_agent("mine").build().unwrap();
    let fetch = HttpFetch::from_client(client, &KeySettings::default());
    let verifier = Verifier::builder(Issuer::new(issuer.url(), AUDIENCE)).with_fetch(fetch).build().unwrap();
    verifier.refresh_now().await.unwrap();
    assert_eq!(issuer.fetches().last_jwks_headers().unwrap()["user-agent"], "mine");
    issuer.fail_jwks(Fault::Redirect(issuer.discovery_url()));
    assert!(verifier.refresh_now().await.is_err());
    assert!(verifier.status()[0].last_error.as_ref().unwrap().to_string().contains("redirect"));
}

#[test]
fn files_that_are_missing_or_of_no_use_are_wrong() {
    let issuer = || Issuer::new("https://issuer.example.com", AUDIENCE);
    let jwks = TestIssuer::in_memory("https://issuer.example.com").jwks();
    let (empty, token) = (file(""), file("token"));
    for (wrong, path) in [
        (issuer().with_ca_file("/no/such/file"), "ca_file"),
        (issuer().with_ca_file(empty.path()), "ca_file"),
        (issuer().with_jwks(jwks.clone()).with_ca_file(empty.path()), "ca_file"),
        (issuer().with_bearer_token_file("/no/such/file"), "bearer_token_file"),
        (issuer().with_jwks(jwks).with_bearer_token_file(token.path()), "bearer_token_file"),
    ] {
        let error = AuthConfig::builder(wrong).build().unwrap_err();
        let paths: Vec<_> = error.problems().iter().map(|problem| problem.path()).collect();
        assert_eq!(paths, [format!("issuers[0].{path}")]);
    }
}
