//! Proofs of possession (RFC 9449): sections 5 and 9 of the contract, and the catalogue of attacks on them.

mod config;
mod nonces;
mod proofs;
mod replay;
mod schemes;
mod target;

use axum::body::Body;
use claviger::AuthConfigBuilder;
use claviger::DpopSettings;
use claviger_testing::DpopClient;
use claviger_testing::ProofBuilder;
use http::HeaderValue;
use http::Method;
use http::Request;
use http::header::AUTHORIZATION;

use crate::support::Answer;
use crate::support::Api;

const ORIGIN: &str = "https://api.example.com";
const URL: &str = "https://api.example.com/";

/// An API at [`ORIGIN`], and a client with a key and a token that is bound to it.
struct Bound {
    api: Api,
    client: DpopClient,
    token: String,
}

impl Bound {
    fn new() -> Self {
        Self::with(|dpop| dpop)
    }

    fn with(change: impl FnOnce(DpopSettings) -> DpopSettings) -> Self {
        Self::at(|settings| settings.with_public_url(ORIGIN).with_dpop(change(DpopSettings::default())))
    }

    fn at(settings: impl FnOnce(AuthConfigBuilder) -> AuthConfigBuilder) -> Self {
        Self::of(Api::with_settings(settings))
    }

    fn of(api: Api) -> Self {
        Self::with_client(api, DpopClient::new())
    }

    fn with_client(api: Api, client: DpopClient) -> Self {
        let client = client.with_clock(api.clock.clone());
        let token = bound_token(&api, &client);
        Self { api, client, token }
    }

    /// A right proof for `GET /`, unless it is changed.
    fn proof(&self) -> ProofBuilder {
        self.client.proof(&Method::GET, URL, &self.token)
    }

    /// `GET /` with a right proof.
    async fn get(&self) -> Answer {
        self.show(&self.proof().sign()).await
    }

    /// `GET /` with this proof.
    async fn show(&self, proof: &str) -> Answer {
        self.api.send(request("DPoP", &self.token, &[proof])).await
    }
}

fn bound_token(api: &Api, client: &DpopClient) -> String {
    api.token().claim("cnf", client.confirmation()).sign()
}

/// `GET /` with this token and these `DPoP` fields.
fn request(scheme: &str, token: &str, proofs: &[&str]) -> Request<Body> {
    let mut request = Request::get("/").header(AUTHORIZATION, format!("{scheme} {token}")).body(Body::empty()).unwrap();
    for proof in proofs {
        request.headers_mut().append("DPoP", HeaderValue::from_str(proof).unwrap());
    }
    request
}
