//! Tokens that are bound to a certificate (RFC 8705), with an API that accepts TLS itself: `cargo run --example mutual_tls
//! --features mutual-tls`.
//!
//! The certificate comes from the TLS handshake. Behind a proxy that ends TLS it comes in a field: `trusted_proxies` and
//! `[certificate]` in the configuration.

use std::error::Error;
use std::sync::Arc;

use axum::Extension;
use axum::Router;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::ClientCertificate;
use claviger_testing::TestIssuer;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use rcgen::CertificateParams;
use rcgen::CertifiedIssuer;
use rcgen::KeyPair;
use reqwest::Certificate;
use reqwest::Client;
use reqwest::Identity;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::server::WebPkiClientVerifier;

type Failed = Box<dyn Error + Send + Sync>;
type Authority = CertifiedIssuer<'static, KeyPair>;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let mut params = CertificateParams::default();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let issuer = TestIssuer::start().await;
    let hello = |Claims(user): Claims<Value>| async move { format!("hello {}", user["sub"]) };
    let auth = AuthLayer::new(AuthConfig::new(issuer.url(), AUDIENCE)?);
    let app = Router::new().route("/", get(hello)).layer(auth);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("https://{}/", listener.local_addr()?);
    tokio::spawn(accept(listener, acceptor(&authority)?, app));

    let (own, other) = (identity(&authority)?, identity(&authority)?);
    let token = issuer.token().claim("sub", "alice").bound_to_certificate(own.0.der()).sign();
    for (who, identity) in [("the client", Some(&own)), ("a thief", None), ("a thief with a certificate", Some(&other))]
    {
        let mut client = Client::builder().tls_certs_only([Certificate::from_pem(authority.pem().as_bytes())?]);
        if let Some((certificate, key)) = identity {
            client = client.identity(Identity::from_pem((certificate.pem() + &key.serialize_pem()).as_bytes())?);
        }
        let response = client.build()?.get(&url).bearer_auth(&token).send().await?;
        println!("{who}: {}, {}", response.status(), response.text().await?);
    }
    Ok(())
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, app: Router) {
    while let Ok((connection, _)) = listener.accept().await {
        tokio::spawn(serve(connection, acceptor.clone(), app.clone()));
    }
}

/// One connection: the certificate of its client goes into the extensions of each request.
async fn serve(connection: TcpStream, acceptor: TlsAcceptor, app: Router) -> Result<(), Failed> {
    let connection = acceptor.accept(connection).await?;
    let shown = connection.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let app = match shown.map(|certificate| ClientCertificate::from_der(certificate)) {
        Some(certificate) => app.layer(Extension(certificate)),
        None => app,
    };
    Ok(http1::Builder::new().serve_connection(TokioIo::new(connection), TowerToHyperService::new(app)).await?)
}

/// Asks clients for a certificate and serves those without one too: only their bound tokens are refused.
fn acceptor(authority: &Authority) -> Result<TlsAcceptor, Failed> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone())?;
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).allow_unauthenticated().build()?;
    let (certificate, key) = identity(authority)?;
    let config = ServerConfig::builder().with_client_cert_verifier(verifier);
    Ok(TlsAcceptor::from(Arc::new(config.with_single_cert(vec![certificate.der().clone()], key.into())?)))
}

fn identity(authority: &Authority) -> Result<(rcgen::Certificate, KeyPair), Failed> {
    let key = KeyPair::generate()?;
    Ok((CertificateParams::new(["127.0.0.1".to_owned()])?.signed_by(&key, authority)?, key))
}

/// What the API is called in its tokens; the issuer mints for this audience unless told otherwise.
const AUDIENCE: &str = "https://api.example.com";
