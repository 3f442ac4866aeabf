//! What the token endpoint answers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::HeaderValue;
use http::Response;
use http::StatusCode;
use http::header::CACHE_CONTROL;
use http::header::CONTENT_TYPE;
use josekit::util::random_bytes;
use openssl::sha::sha256;
use serde_json::Value;
use serde_json::json;
use url::form_urlencoded;

use super::TokenRequest;
use super::answer::empty;
use super::state::Shared;
use super::state::State;
use crate::TokenBuilder;

/// The answer, unless a fault comes in its place.
pub(super) fn good(shared: &Shared, state: &State, request: &TokenRequest) -> Response<Bytes> {
    let proof = request.headers().get("dpop").and_then(|field| field.to_str().ok()).map(Proof::read);
    if let (Some(proof), Some(nonce)) = (&proof, &state.dpop_nonce)
        && proof.payload["nonce"] != nonce.as_str()
    {
        let mut answer = as_json(&json!({ "error": "use_dpop_nonce" }));
        *answer.status_mut() = StatusCode::BAD_REQUEST;
        if let Ok(nonce) = HeaderValue::from_str(nonce) {
            answer.headers_mut().insert("dpop-nonce", nonce);
        }
        return answer;
    }
    let exchanged = || match request.field("connection") {
        Some(_) => of_connection(request),
        None => exchanged(shared, state, request, proof.as_ref()),
    };
    as_json(&state.token_answer.clone().unwrap_or_else(exchanged))
}

fn of_connection(request: &TokenRequest) -> Value {
    json!({
        "access_token": URL_SAFE_NO_PAD.encode(random_bytes(16)),
        "issued_token_type": request.field("requested_token_type"),
        "token_type": "Bearer",
        "expires_in": 3600,
    })
}

fn exchanged(shared: &Shared, state: &State, request: &TokenRequest, proof: Option<&Proof>) -> Value {
    let subject = payload(request.field("subject_token").unwrap_or_default());
    let client = client(request).unwrap_or_else(|| "client-1".to_owned());
    let audience = request.field("audience").unwrap_or(&shared.audience);
    let mut actor = json!({ "sub": client });
    if !subject["act"].is_null() {
        actor["act"] = subject["act"].clone();
    }
    let now = shared.clock.unix().unwrap_or_default();
    let mut token = TokenBuilder::new(shared.place.issuer(), audience, state.keys.current().clone(), now)
        .claim("sub", subject["sub"].as_str().unwrap_or("user-1"))
        .claim("client_id", client)
        .claim("act", actor);
    if let Some(scope) = request.field("scope") {
        token = token.scope(scope);
    }
    if let Some(proof) = proof {
        token = token.claim("cnf", json!({ "jkt": proof.thumbprint() }));
    }
    json!({
        "access_token": token.sign(),
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "token_type": if proof.is_some() { "DPoP" } else { "Bearer" },
        "expires_in": 300,
        "scope": request.field("scope").unwrap_or_default(),
    })
}

/// Whoever the request says that it is from.
fn client(request: &TokenRequest) -> Option<String> {
    let basic = || {
        let field = request.headers().get("authorization")?.to_str().ok()?;
        let pair = String::from_utf8(STANDARD.decode(field.strip_prefix("Basic ")?).ok()?).ok()?;
        let (client_id, _) = pair.split_once(':')?;
        form_urlencoded::parse(client_id.as_bytes()).next().map(|(client_id, _)| client_id.into_owned())
    };
    let asserted = || payload(request.field("client_assertion")?)["sub"].as_str().map(str::to_owned);
    request.field("client_id").map(str::to_owned).or_else(asserted).or_else(basic)
}

/// A DPoP proof, not verified.
struct Proof {
    header: Value,
    payload: Value,
}

impl Proof {
    fn read(proof: &str) -> Self {
        Self { header: part(proof, 0), payload: part(proof, 1) }
    }

    /// RFC 7638.
    fn thumbprint(&self) -> String {
        let jwk = &self.header["jwk"];
        let names: &[&str] = match jwk["kty"].as_str() {
            Some("RSA") => &["e", "kty", "n"],
            Some("OKP") => &["crv", "kty", "x"],
            _ => &["crv", "kty", "x", "y"],
        };
        let members: Vec<_> = names.iter().map(|name| format!("\"{name}\":{}", jwk[*name])).collect();
        URL_SAFE_NO_PAD.encode(sha256(format!("{{{}}}", members.join(",")).as_bytes()))
    }
}

fn payload(token: &str) -> Value {
    part(token, 1)
}

/// `null` for what is no JWT.
fn part(token: &str, at: usize) -> Value {
    let decoded = token.split('.').nth(at).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    decoded.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default()
}

fn as_json(value: &Value) -> Response<Bytes> {
    let mut answer = empty(StatusCode::OK).map(|_| Bytes::from(value.to_string()));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
