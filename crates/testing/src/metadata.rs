//! Whether the metadata of a resource answer where its challenges say (RFC 9728).

use std::fmt::Debug;
use std::future::poll_fn;

use bytes::Bytes;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header::HOST;
use http::header::WWW_AUTHENTICATE;
use http_body_util::BodyExt;
use hyper::body::Body;
use serde_json::Value;
use tower_service::Service;
use url::Position;
use url::Url;

/// Asserts that the metadata of a resource answer at the address that its challenges name, and returns the document.
///
/// Sends `request`, which must be one without credentials for a guarded path, to `service`, takes `resource_metadata` from
/// the challenge (RFC 9728, section 5.1), and asks `service` for that path. A tower service or an axum router will do. In
/// many layouts of routers an auth layer does not see requests for that path; then its clients find no issuer.
///
/// ```
/// use axum::Router;
/// use axum::body::Body;
/// use axum::http::Request;
/// use axum::routing::post;
/// use claviger::AuthConfig;
/// use claviger::AuthLayer;
/// use claviger::Issuer;
/// use claviger_testing::assert_metadata_answers;
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let cfg = AuthConfig::builder(Issuer::new("https://tenant.example.com/", "https://api.example.com/mcp"))
///     .with_resource("https://api.example.com/mcp")
///     .build()?;
/// let auth = AuthLayer::new(cfg);
/// let app = Router::new()
///     .route("/mcp", post(async || "in"))
///     .route_layer(auth.clone())
///     .merge(auth.metadata_router());
///
/// let document = assert_metadata_answers(app, Request::post("/mcp").body(Body::empty())?).await;
/// assert_eq!(document["resource"], "https://api.example.com/mcp");
/// # Ok(())
/// # }
/// ```
///
/// # Panics
///
/// If `service` fails; if no challenge names an address, if that does not answer with 200 and JSON, or if the document is not for the resource
/// whose metadata stand there (RFC 9728, section 3.3).
#[expect(clippy::expect_used, reason = "documented: a test that was set up wrongly stops there")]
pub async fn assert_metadata_answers<S, B, R>(mut service: S, request: Request<B>) -> Value
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: Debug,
    B: Default,
    R: Body<Data = Bytes>,
    R::Error: Debug,
{
    let refused = send(&mut service, request).await;
    let named = metadata_url(&refused)
        .unwrap_or_else(|| panic!("no challenge names metadata: {} {:?}", refused.status(), refused.headers()));
    let url = Url::parse(&named).unwrap_or_else(|error| panic!("{named} is not a URL: {error}"));

    let asking = Request::get(&url[Position::BeforePath..Position::AfterPath]).header(HOST, url.authority());
    let answer = send(&mut service, asking.body(B::default()).expect("a path and a host make a request")).await;
    assert_eq!(
        answer.status(),
        StatusCode::OK,
        "the challenge names {named}, which does not answer: merge `AuthLayer::metadata_router()` into the outermost router"
    );
    let body = answer.into_body().collect().await.expect("the document is read").to_bytes();
    let document: Value = serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{named} is not JSON: {error}"));
    let resource = document["resource"].as_str().unwrap_or_else(|| panic!("{named} names no resource"));
    assert_eq!(well_known(resource).as_deref(), Some(&*named), "{named} is the document of {resource}");
    document
}

#[expect(clippy::expect_used, reason = "documented on `assert_metadata_answers`")]
async fn send<S, B>(service: &mut S, request: Request<B>) -> S::Response
where
    S: Service<Request<B>>,
    S::Error: Debug,
{
    poll_fn(|context| service.poll_ready(context)).await.expect("the service is ready");
    service.call(request).await.expect("the service answers")
}

/// The first one; every challenge names the same.
fn metadata_url<R>(response: &Response<R>) -> Option<String> {
    let lines = response.headers().get_all(WWW_AUTHENTICATE).iter().filter_map(|line| line.to_str().ok());
    let mut urls = lines.filter_map(|line| line.split_once("resource_metadata=\"")?.1.split_once('"'));
    urls.next().map(|(url, _)| url.to_owned())
}

/// RFC 9728, section 3.1: inserted between host and path, and a slash alone is no path.
fn well_known(resource: &str) -> Option<String> {
    let url = Url::parse(resource).ok()?;
    let origin = resource.get(..url[..Position::BeforePath].len())?;
    let path = resource.get(origin.len()..).filter(|path| *path != "/").unwrap_or_default();
    Some(format!("{origin}/.well-known/oauth-protected-resource{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_well_known_path_stands_before_that_of_the_resource() {
        for (resource, url) in [
            ("https://a.example", "https://a.example/.well-known/oauth-protected-resource"),
            ("https://a.example/", "https://a.example/.well-known/oauth-protected-resource"),
            ("https://a.example/mcp", "https://a.example/.well-known/oauth-protected-resource/mcp"),
            ("http://127.0.0.1:3000/mcp/", "http://127.0.0.1:3000/.well-known/oauth-protected-resource/mcp/"),
        ] {
            assert_eq!(well_known(resource).as_deref(), Some(url));
        }
    }

    #[test]
    fn the_address_is_found_in_whichever_challenge_it_stands() {
        let response = |line: &str| Response::builder().header(WWW_AUTHENTICATE, line).body(()).unwrap();
        let line = r#"Bearer realm="api", DPoP resource_metadata="https://a.example/x", algs="ES256""#;
        assert_eq!(metadata_url(&response(line)).as_deref(), Some("https://a.example/x"));
        assert_eq!(metadata_url(&response(r#"Bearer realm="api""#)), None);
    }
}
