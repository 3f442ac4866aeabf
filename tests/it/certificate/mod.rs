//! Tokens that are bound to a client certificate (RFC 8705), and where the certificate is told.

mod config;
mod field;
mod formats;
mod tokens;

use std::net::IpAddr;

use axum::body::Body;
use claviger::AuthConfigBuilder;
use claviger::CertificateSettings;
use claviger::ClientCertificate;
use claviger::PeerAddress;
use claviger_testing::DpopClient;
use http::HeaderName;
use http::HeaderValue;
use http::Request;
use http::header::AUTHORIZATION;

use crate::support::Answer;
use crate::support::Api;
use crate::support::Identity;

const ORIGIN: &str = "https://api.example.com";
const PROXY: &str = "10.0.0.1";
const STRANGER: &str = "192.0.2.1";

/// An API, a client with a certificate, and a token that is bound to it.
struct Bound {
    api: Api,
    identity: Identity,
    token: String,
}

impl Bound {
    fn new() -> Self {
        Self::with(|settings| settings)
    }

    fn with(settings: impl FnOnce(AuthConfigBuilder) -> AuthConfigBuilder) -> Self {
        let api = Api::with_settings(|builder| settings(builder.with_public_url(ORIGIN)));
        let identity = Identity::new("client", None);
        let token = api.token().bound_to_certificate(&der(&identity)).sign();
        Self { api, identity, token }
    }

    /// Behind a proxy that tells certificates in this field.
    fn behind_proxy(header: &str) -> Self {
        Self::behind_proxy_with(CertificateSettings::new().with_header(header))
    }

    fn behind_proxy_with(certificate: CertificateSettings) -> Self {
        Self::with(|settings| settings.with_trusted_proxies(["10.0.0.0/8"]).with_certificate(certificate))
    }

    fn certificate(&self) -> ClientCertificate {
        ClientCertificate::from_der(&der(&self.identity))
    }

    /// `GET /` with this token, and the certificate of the connection.
    async fn show(&self, token: &str, certificate: Option<ClientCertificate>) -> Answer {
        let mut request = request("Bearer", token);
        if let Some(certificate) = certificate {
            request.extensions_mut().insert(certificate);
        }
        self.api.send(request).await
    }

    /// `GET /` with the token, from this peer with these fields.
    async fn arrive(&self, peer: Option<&str>, fields: &[(&str, &str)]) -> Answer {
        self.api.send(from(peer, fields, request("Bearer", &self.token))).await
    }

    /// The certificate binds it, and a key of this client.
    fn token_of(&self, client: &DpopClient) -> String {
        let token = self.api.token().claim("cnf", client.confirmation());
        token.bound_to_certificate(&der(&self.identity)).sign()
    }

    /// `GET /` with this token by DPoP, with a proof of this client.
    fn prove(&self, client: &DpopClient, token: &str) -> Request<Body> {
        let mut request = request("DPoP", token);
        let client = client.clone().with_clock(self.api.clock.clone());
        client.authorize_at(&mut request, &format!("{ORIGIN}/"), token);
        request
    }
}

fn request(scheme: &str, token: &str) -> Request<Body> {
    Request::get("/").header(AUTHORIZATION, format!("{scheme} {token}")).body(Body::empty()).unwrap()
}

fn from(peer: Option<&str>, fields: &[(&str, &str)], mut request: Request<Body>) -> Request<Body> {
    if let Some(peer) = peer {
        request.extensions_mut().insert(PeerAddress(peer.parse::<IpAddr>().unwrap()));
    }
    for (name, value) in fields {
        let name: HeaderName = name.parse().unwrap();
        request.headers_mut().append(name, HeaderValue::from_str(value).unwrap());
    }
    request
}

fn der(identity: &Identity) -> Vec<u8> {
    identity.certificate.to_der().unwrap()
}
