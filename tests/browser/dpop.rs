//! A page makes a key that nobody can copy, and proves it with each request (RFC 9449).

use std::sync::Arc;
use std::sync::Mutex;

use axum::Router;
use axum::extract::Request;
use axum::routing::get;
use axum::routing::post;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::DpopMode;
use claviger::DpopSettings;
use claviger::Issuer;
use claviger_testing::TestIssuer;
use serde_json::Value;
use serde_json::json;

use crate::cors::open_to;
use crate::origin::Origin;
use crate::visit::visit;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_proves_its_own_key_across_origins_and_its_captured_request_is_worth_nothing() {
    let issuer = Arc::new(TestIssuer::start().await);
    let (api, page) = (Origin::new().await, Origin::new().await);
    let origin = api.url("");
    let reached = Arc::default();
    let (guarded, preflights) = open_to(&page.url(""), guarded(&issuer, &origin, &reached));
    api.serve(guarded);
    let script = SCRIPT.replace("API_ORIGIN", &origin);
    let mint = async move |thumbprint: String| bound_token(&issuer, &thumbprint);
    let tokens = Router::new().route("/token", post(mint));
    let result = visit(page, &script, tokens).await;

    assert_eq!(result["error"], Value::Null, "{result}");
    assert_eq!(result["extractable"], false, "{result}");
    let refused = |name: &str, error: &str| {
        let answer = &result[name];
        let told = answer["challenge"].as_str().unwrap_or_default();
        let is_told = told.starts_with(&format!(r#"DPoP error="{error}""#)) && !told.contains("Bearer");
        assert!(answer["status"] == 401 && is_told, "{name}: {result}");
        answer["nonce"].clone()
    };
    assert!(refused("without_nonce", "use_dpop_nonce").as_str().is_some_and(|nonce| !nonce.is_empty()), "{result}");
    let passed = json!({"status": 200, "challenge": null, "nonce": null});
    assert_eq!((&result["read"], &result["written"]), (&passed, &passed), "{result}");
    assert_eq!(refused("captured", "invalid_dpop_proof"), Value::Null, "{result}");
    assert_eq!(refused("other_key", "invalid_token"), Value::Null, "{result}");
    let algorithms = r#"DPoP algs="ES256 ES384 EdDSA Ed25519 RS256 PS256""#;
    assert_eq!(result["bearer"], json!({"status": 401, "challenge": algorithms, "nonce": null}), "{result}");
    assert_eq!(*reached.lock().unwrap(), ["GET /reports?year=2026", "POST /reports"], "{result}");
    assert!(preflights.count() >= 1, "a request with a proof is preflighted");
}

/// A token for who has the key with this thumbprint.
fn bound_token(issuer: &TestIssuer, thumbprint: &str) -> String {
    issuer.token().claim("cnf", json!({ "jkt": thumbprint })).sign()
}

/// Remembers what got through.
fn guarded(issuer: &TestIssuer, origin: &str, reached: &Arc<Mutex<Vec<String>>>) -> Router {
    let dpop = DpopSettings::new(DpopMode::Required).require_nonce([]);
    let cfg = AuthConfig::builder(Issuer::new(issuer.url(), "https://api.example.com"))
        .with_public_url(origin)
        .with_dpop(dpop)
        .build()
        .unwrap();
    let reached = Arc::clone(reached);
    let remember = async move |request: Request| {
        reached.lock().unwrap().push(format!("{} {}", request.method(), request.uri()));
    };
    Router::new().route("/reports", get(remember.clone()).post(remember)).layer(AuthLayer::new(cfg))
}

/// Fills `result`.
const SCRIPT: &str = r#"
const url = "API_ORIGIN/reports";
const octets = (text) => new TextEncoder().encode(text);
const base64url = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_");
const digest = async (text) => base64url(await crypto.subtle.digest("SHA-256", octets(text)));

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const newKey = () => crypto.subtle.generateKey(algorithm, false, ["sign"]);
const publicJwk = async ({ publicKey }) => {
    const { crv, kty, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
    return { crv, kty, x, y };
};

async function proof(keys, method, token, nonce) {
    const header = { typ: "dpop+jwt", alg: "ES256", jwk: await publicJwk(keys) };
    const claims = {
        jti: crypto.randomUUID(),
        htm: method,
        htu: url,
        iat: Math.floor(Date.now() / 1000),
        ath: await digest(token),
        nonce,
    };
    const signed = [header, claims].map((part) => base64url(octets(JSON.stringify(part)))).join(".");
    return `${signed}.${base64url(await crypto.subtle.sign(algorithm, keys.privateKey, octets(signed)))}`;
}

async function call(method, authorization, dpop, query = "") {
    const response = await fetch(url + query, { method, headers: dpop ? { authorization, dpop } : { authorization } });
    const field = (name) => response.headers.get(name);
    return { status: response.status, challenge: field("www-authenticate"), nonce: field("dpop-nonce") };
}

const keys = await newKey();
result.extractable = await crypto.subtle.exportKey("jwk", keys.privateKey).then(() => true, () => false);
const thumbprint = await digest(JSON.stringify(await publicJwk(keys)));
const token = await (await fetch("/token", { method: "POST", body: thumbprint })).text();
const byKey = `DPoP ${token}`;

result.without_nonce = await call("GET", byKey, await proof(keys, "GET", token));
const { nonce } = result.without_nonce;
const captured = await proof(keys, "GET", token, nonce);
result.read = await call("GET", byKey, captured, "?year=2026");
result.captured = await call("GET", byKey, captured, "?year=2026");
result.written = await call("POST", byKey, await proof(keys, "POST", token, nonce));
result.other_key = await call("GET", byKey, await proof(await newKey(), "GET", token, nonce));
result.bearer = await call("GET", `Bearer ${token}`);
"#;
