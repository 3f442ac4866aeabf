//! Fetches in environments that are set before a process begins: without root certificates, or behind a SOCKS proxy.

use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::process::Command;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::Duration;

use claviger::AuthConfig;
use claviger::Issuer;
use claviger::Verifier;
use claviger_testing::TestIssuer;
use tempfile::NamedTempFile;

use crate::support::AUDIENCE;
use crate::support::Identity;

/// Whether this is the process that the test of this name has started; otherwise starts it, with these variables.
fn is_in_a_process_of_its_own(test: &str, variables: &[(&str, &str)]) -> bool {
    const MARK: &str = "CLAVIGER_TEST_IN_A_PROCESS_OF_ITS_OWN";
    if std::env::var_os(MARK).is_some() {
        return true;
    }
    let mut process = Command::new(std::env::current_exe().unwrap());
    process.args(["--exact", &format!("key_environment::{test}")]).env(MARK, "1");
    for name in ["ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"] {
        process.env_remove(name).env_remove(name.to_lowercase());
    }
    let output = process.envs(variables.iter().copied()).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
    false
}

#[tokio::test]
async fn without_root_certificates_an_issuer_over_plain_http_starts_and_one_over_https_says_what_is_missing() {
    let nowhere = [("SSL_CERT_FILE", "/no/such/file"), ("SSL_CERT_DIR", "/no/such/directory")];
    let test = "without_root_certificates_an_issuer_over_plain_http_starts_and_one_over_https_says_what_is_missing";
    if !is_in_a_process_of_its_own(test, &nowhere) {
        return;
    }
    let issuer = TestIssuer::start().await;
    let loopback = Issuer::new(issuer.url(), AUDIENCE);
    let verifier = Verifier::builder(loopback.clone()).build().unwrap();
    assert!(verifier.verify(&issuer.token().sign()).await.is_ok(), "{:?}", verifier.status());

    let moved = Issuer::new("https://idp.example", AUDIENCE).with_fetch_base_url(issuer.base_url());
    assert!(Verifier::builder(moved).build().is_ok(), "nothing is fetched over https");
    let direct = Issuer::new("my-iss", AUDIENCE).with_jwks_uri(issuer.jwks_uri());
    assert!(Verifier::builder(direct).build().is_ok());

    // The platform's library of TLS finds out in the handshake alone.
    if cfg!(feature = "rustls") {
        let https = || Issuer::new("https://idp.example", AUDIENCE);
        for issuer in [https(), https().found_at_run_time(), https().with_jwks_uri("https://keys.example/jwks")] {
            let error = AuthConfig::builder(issuer).build().unwrap_err();
            assert_eq!(error.problems()[0].path(), "issuers[0].issuer");
            assert!(error.to_string().contains("`ca-certificates`, or `ca_file`"), "{error}");
        }
        issuer.set_discovery_member("jwks_uri", "https://keys.example/jwks");
        let error = verifier.refresh_now().await.unwrap_err().to_string();
        assert!(error.contains("no https server can be trusted without root certificates"), "{error}");
    }
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), Identity::new("authority", None).certificate.to_pem().unwrap()).unwrap();
    let own = Issuer::new("https://idp.example", AUDIENCE).with_ca_file(file.path());
    assert!(AuthConfig::builder(own).build().is_ok(), "it brings its own");
}

/// A proxy (RFC 1928) that connects to this machine, whatever host is asked for, and tells which that was.
fn socks_proxy() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (origin, (told, hear)) = (listener.local_addr().unwrap().to_string(), mpsc::channel());
    thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, told) = (client.unwrap(), told.clone());
            thread::spawn(move || {
                let read = |bytes: usize, client: &mut TcpStream| {
                    let mut buffer = vec![0; bytes];
                    client.read_exact(&mut buffer).unwrap();
                    buffer
                };
                let methods = read(2, &mut client)[1];
                read(methods.into(), &mut client);
                client.write_all(&[5, 0]).unwrap();
                let request = read(5, &mut client);
                assert_eq!(request[..4], [5, 1, 0, 3], "CONNECT to a name");
                let host = read(request[4].into(), &mut client);
                let port = read(2, &mut client);
                let server = TcpStream::connect(("127.0.0.1", u16::from_be_bytes([port[0], port[1]]))).unwrap();
                client.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0]).unwrap();
                told.send(String::from_utf8(host).unwrap()).unwrap();
                let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || std::io::copy(&mut from, &mut to));
                let _ = std::io::copy(&mut { server }, &mut client);
            });
        }
    });
    (origin, hear)
}

#[test]
fn a_socks_proxy_of_the_environment_is_used_and_not_for_loopback() {
    let (proxy, asked) = socks_proxy();
    let proxy = format!("socks5h://{proxy}");
    let test = "a_socks_proxy_of_the_environment_is_used_and_not_for_loopback";
    if !is_in_a_process_of_its_own(test, &[("ALL_PROXY", &proxy)]) {
        let hosts: Vec<_> = std::iter::from_fn(|| asked.recv_timeout(Duration::ZERO).ok()).collect();
        assert_eq!(hosts, ["idp.example", "idp.example"], "metadata and keys of the one that is not here");
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let here = TestIssuer::start().await;
        let there = TestIssuer::builder().with_issuer("https://idp.example").start().await;
        let base = format!("http://idp.example:{}", there.address().port());
        there.set_discovery_member("jwks_uri", there.jwks_uri().replace(&there.base_url(), &base));
        let elsewhere = Issuer::new(there.url(), AUDIENCE).with_fetch_base_url(base);
        let both = [Issuer::new(here.url(), AUDIENCE), elsewhere];
        let verifier = Verifier::for_issuers(both).build().unwrap();
        for issuer in [here, there] {
            assert!(verifier.verify(&issuer.token().sign()).await.is_ok(), "{:?}", verifier.status());
        }
    });
}
