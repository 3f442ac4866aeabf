//! A page of another origin calls a guarded API from a real browser.
//!
//! The page reads the challenge of a 401, follows it to the metadata, comes back with a token, which costs a preflight,
//! and reads the challenge of a 403. What it saw it sends to its own origin, where the test waits for it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop there")]

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::Request;
use axum::response::Html;
use axum::routing::get;
use axum::routing::post;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::RequireScopeLayer;
use claviger::ScopePolicy;
use claviger::Scopes;
use claviger_testing::TestIssuer;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::header::AUTHORIZATION;
use http::header::WWW_AUTHENTICATE;
use serde_json::Value;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::process::Child;
use tokio::process::Command;
use tokio::sync::mpsc;
use tower::util::MapRequestLayer;
use tower_http::cors::CorsLayer;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_reads_challenge_and_metadata_and_passes_after_the_preflight() {
    let issuer = TestIssuer::start().await;
    let (api, page) = (Origin::new().await, Origin::new().await);
    let resource = api.url("/reports");
    let metadata = api.url("/.well-known/oauth-protected-resource/reports");
    let preflights = Arc::new(AtomicUsize::new(0));
    let (saw, mut seen) = mpsc::channel(1);
    let reader = issuer.token().audience(resource.as_str()).scope("read:reports").sign();
    let html = PAGE.replace("API", &api.url("")).replace("TOKEN", &reader);
    let result = async move |Json(value): Json<Value>| saw.send(value).await.unwrap();
    let page_url = page.url("/");
    let pages = Router::new().route("/", get(async move || Html(html))).route("/result", post(result));
    page.serve(pages);
    api.serve(guarded(&issuer, &resource, &page_url, &preflights));

    let profile = tempfile::tempdir().unwrap();
    let mut browser = chromium(profile.path().to_str().unwrap(), &page_url);
    let result = tokio::time::timeout(LIMIT, seen.recv()).await;
    browser.kill().await.unwrap();
    let result = result.expect("the page reports in time").unwrap();

    let more = format!("scope=\"read:reports\", resource_metadata=\"{metadata}\"");
    let algorithms = "algs=\"ES256 ES384 EdDSA RS256 PS256\"";
    let challenge = format!("DPoP {more}, {algorithms}, Bearer realm=\"api\", {more}");
    assert_eq!(result["anonymous"], json!({"status": 401, "challenge": challenge}), "{result}");
    assert_eq!(result["metadata"]["resource"], resource, "{result}");
    assert_eq!(result["metadata"]["authorization_servers"], json!([issuer.url()]), "{result}");
    assert_eq!(result["allowed"], json!({"status": 200, "body": "the reports"}), "{result}");
    assert_eq!(result["refused"]["status"], 403, "{result}");
    let refused = result["refused"]["challenge"].as_str().unwrap();
    assert!(refused.contains(r#"error="insufficient_scope""#) && refused.contains(r#"scope="write:reports""#));
    assert!(preflights.load(Ordering::SeqCst) >= 1, "a request with Authorization is preflighted");
}

/// The CORS layer stands outside of the auth layer, and lets pages read what tells them how to go on.
fn guarded(issuer: &TestIssuer, resource: &str, page: &str, preflights: &Arc<AtomicUsize>) -> Router {
    let needs = |scope| RequireScopeLayer::new(ScopePolicy::scope(scope).unwrap());
    let cfg = AuthConfig::builder(Issuer::new(issuer.url(), resource))
        .with_resource(resource)
        .with_challenge_scope(Scopes::new(["read:reports"]).unwrap())
        .build()
        .unwrap();
    let cors = CorsLayer::new()
        .allow_origin(page.trim_end_matches('/').parse::<HeaderValue>().unwrap())
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([AUTHORIZATION])
        .expose_headers([WWW_AUTHENTICATE, HeaderName::from_static("retry-after")]);
    let preflights = Arc::clone(preflights);
    let count = move |request: Request| {
        if request.method() == Method::OPTIONS {
            preflights.fetch_add(1, Ordering::SeqCst);
        }
        request
    };
    Router::new()
        .route("/reports", get(|| async { "the reports" }).route_layer(needs("read:reports")))
        .route("/written", post(|| async { "written" }).route_layer(needs("write:reports")))
        .layer(AuthLayer::new(cfg))
        .layer(cors)
        .layer(MapRequestLayer::new(count))
}

/// An address, before it is known what is served there.
struct Origin {
    listener: TcpListener,
}

impl Origin {
    async fn new() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.listener.local_addr().unwrap())
    }

    fn serve(self, router: Router) {
        drop(tokio::spawn(async move { axum::serve(self.listener, router).await.unwrap() }));
    }
}

/// Debian's, which ends when it is dropped; it asks nobody but the page.
fn chromium(profile: &str, page: &str) -> Child {
    Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"])
        .args(["--disable-background-networking", "--disable-component-update"])
        .arg(format!("--user-data-dir={profile}"))
        .arg(page)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("chromium is installed")
}

/// A hang fails the test rather than the run; nothing is expected to take so long.
const LIMIT: Duration = Duration::from_secs(60);

const PAGE: &str = r#"<!doctype html>
<script type="module">
const result = {};
try {
    const anonymous = await fetch("API/reports");
    const challenge = anonymous.headers.get("www-authenticate");
    result.anonymous = { status: anonymous.status, challenge };
    result.metadata = await (await fetch(/resource_metadata="([^"]+)"/.exec(challenge)[1])).json();
    const headers = { authorization: "Bearer TOKEN" };
    const allowed = await fetch("API/reports", { headers });
    result.allowed = { status: allowed.status, body: await allowed.text() };
    const refused = await fetch("API/written", { method: "POST", headers });
    result.refused = { status: refused.status, challenge: refused.headers.get("www-authenticate") };
} catch (error) {
    result.error = String(error);
}
await fetch("/result", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(result),
});
</script>
"#;
