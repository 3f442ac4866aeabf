//! A visit of the browser to one page.

use std::process::Stdio;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use axum::routing::post;
use serde_json::Value;
use tokio::process::Child;
use tokio::process::Command;
use tokio::sync::mpsc;

use crate::origin::Origin;

/// Opens a page at this origin, beside these routes, whose script fills `result`, and returns that; what the script throws
/// is its member `error`.
pub(crate) async fn visit(origin: Origin, script: &str, routes: Router) -> Value {
    let html = PAGE.replace("SCRIPT", script);
    let (saw, mut seen) = mpsc::channel(1);
    let result = async move |Json(value): Json<Value>| saw.send(value).await.unwrap();
    let page = origin.url("/");
    let pages = Router::new().route("/", get(async move || Html(html))).route("/result", post(result));
    origin.serve(pages.merge(routes));

    let profile = tempfile::tempdir().unwrap();
    let mut browser = chromium(profile.path().to_str().unwrap(), &page);
    let result = tokio::time::timeout(LIMIT, seen.recv()).await;
    browser.kill().await.unwrap();
    result.expect("the page reports in time").unwrap()
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

const PAGE: &str = r#"<!doctype html>
<script type="module">
const result = {};
try {
SCRIPT
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

/// A hang fails the test rather than the run; nothing is expected to take so long.
const LIMIT: Duration = Duration::from_secs(60);
