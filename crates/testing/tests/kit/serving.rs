//! What is served, where, and how it is counted.

use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestIssuer;
use http::header::AGE;
use http::header::CONTENT_TYPE;
use http::header::ETAG;
use http::header::IF_NONE_MATCH;
use reqwest::StatusCode;
use serde_json::Value;
use serde_json::json;

use crate::client::client;
use crate::client::get;

async fn discovery(url: String) -> Value {
    let text = get(url).await.unwrap().text().await.unwrap();
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn discovery_names_issuer_and_keys() {
    for (path, jwks) in [("", "/jwks"), ("/", "/jwks"), ("/tenant1", "/tenant1/jwks"), ("/a/b/", "/a/b/jwks")] {
        let issuer = match path {
            "" => TestIssuer::start().await,
            path => TestIssuer::builder().with_path(path).start().await,
        };
        let base = issuer.base_url();

        let document = discovery(issuer.discovery_url()).await;
        assert_eq!(document["issuer"], format!("{base}{path}"));
        assert_eq!(document["jwks_uri"], format!("{base}{jwks}"));
        assert_eq!(document["id_token_signing_alg_values_supported"], json!(["ES256"]));
        assert_eq!(discovery(issuer.server_metadata_url()).await, document);
        assert_eq!(get(issuer.jwks_uri()).await.unwrap().text().await.unwrap(), issuer.jwks());
    }
}

#[tokio::test]
async fn the_well_known_part_stands_where_each_specification_has_it() {
    let issuer = TestIssuer::builder().with_path("/tenant1").start().await;
    let base = issuer.base_url();
    assert_eq!(issuer.discovery_url(), format!("{base}/tenant1/.well-known/openid-configuration"));
    assert_eq!(issuer.server_metadata_url(), format!("{base}/.well-known/oauth-authorization-server/tenant1"));
}

#[tokio::test]
async fn each_discovery_document_can_be_switched_off() {
    let oidc = TestIssuer::builder().without_server_metadata().start().await;
    assert_eq!(get(oidc.discovery_url()).await.unwrap().status(), StatusCode::OK);
    assert_eq!(get(oidc.server_metadata_url()).await.unwrap().status(), StatusCode::NOT_FOUND);

    let oauth = TestIssuer::builder().without_openid_configuration().start().await;
    assert_eq!(get(oauth.discovery_url()).await.unwrap().status(), StatusCode::NOT_FOUND);
    assert_eq!(get(oauth.server_metadata_url()).await.unwrap().status(), StatusCode::OK);
    assert_eq!(oauth.fetches().discovery(), 2);
}

#[tokio::test]
async fn an_issuer_named_otherwise_is_served_at_the_address() {
    let issuer = TestIssuer::builder().with_issuer("https://login.example.com/realm").start().await;
    let document = discovery(issuer.discovery_url()).await;

    assert_eq!(document["issuer"], "https://login.example.com/realm");
    assert_eq!(document["jwks_uri"], "https://login.example.com/realm/jwks");
    assert_eq!(issuer.jwks_uri(), format!("{}/realm/jwks", issuer.base_url()));
}

#[tokio::test]
async fn discovery_says_what_the_test_wants() {
    let issuer = TestIssuer::start().await;
    issuer.set_discovery_member("issuer", "https://attacker.example.com");
    issuer.remove_discovery_member("jwks_uri");

    let document = discovery(issuer.discovery_url()).await;
    assert_eq!(document["issuer"], "https://attacker.example.com");
    assert!(document.get("jwks_uri").is_none());
}

#[tokio::test]
async fn anything_else_is_not_found_and_not_counted() {
    let issuer = TestIssuer::start().await;
    let elsewhere = format!("{}/other", issuer.base_url());
    assert_eq!(get(elsewhere).await.unwrap().status(), StatusCode::NOT_FOUND);

    let posted = client().post(issuer.jwks_uri()).send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(issuer.fetches().jwks(), 0);
}

#[tokio::test]
async fn a_client_that_has_the_set_hears_304_until_it_changes() {
    let issuer = TestIssuer::start().await;
    issuer.set_cache_control("max-age=60");
    let first = get(issuer.jwks_uri()).await.unwrap();
    let tag = first.headers()[ETAG].clone();
    let again = || client().get(issuer.jwks_uri()).header(IF_NONE_MATCH, &tag).send();

    let unchanged = again().await.unwrap();
    assert_eq!(unchanged.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(unchanged.headers()[ETAG], tag);
    assert_eq!(unchanged.headers()["cache-control"], "max-age=60");
    assert_eq!(unchanged.bytes().await.unwrap(), "");

    issuer.rotate(SigningKey::generate(SigningAlgorithm::Es256));
    let changed = again().await.unwrap();
    assert_eq!(changed.status(), StatusCode::OK);
    assert_ne!(changed.headers()[ETAG], tag);
}

#[tokio::test]
async fn entity_tags_can_be_set_and_left_out() {
    let issuer = TestIssuer::start().await;
    issuer.set_etag("\"v1\"");
    assert_eq!(get(issuer.jwks_uri()).await.unwrap().headers()[ETAG], "\"v1\"");

    issuer.remove_etag();
    let answer = client().get(issuer.jwks_uri()).header(IF_NONE_MATCH, "*").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(!answer.headers().contains_key(ETAG));
}

#[tokio::test]
async fn header_fields_can_be_set_and_taken_back() {
    let issuer = TestIssuer::start().await;
    issuer.set_header(AGE, "30");
    issuer.set_header(CONTENT_TYPE, "text/plain");
    let answer = get(issuer.jwks_uri()).await.unwrap();
    assert_eq!(answer.headers()[AGE], "30");
    assert_eq!(answer.headers()[CONTENT_TYPE], "text/plain");

    issuer.remove_header(&AGE);
    issuer.remove_header(&CONTENT_TYPE);
    let answer = get(issuer.jwks_uri()).await.unwrap();
    assert!(!answer.headers().contains_key(AGE));
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/jwk-set+json");
}

#[tokio::test]
async fn a_raw_set_is_served_to_the_byte() {
    let issuer = TestIssuer::start().await;
    issuer.set_jwks("\u{feff}{\"keys\": [");
    let text = get(issuer.jwks_uri()).await.unwrap().bytes().await.unwrap();
    assert_eq!(text, "\u{feff}{\"keys\": [");
}

#[tokio::test]
async fn fetches_are_counted_with_their_headers() {
    let issuer = TestIssuer::start().await;
    let count = || (issuer.fetches().discovery(), issuer.fetches().jwks());
    assert_eq!(count(), (0, 0));
    assert!(issuer.fetches().last_jwks_headers().is_none());

    get(issuer.discovery_url()).await.unwrap();
    let request = client().get(issuer.jwks_uri()).header("user-agent", "kit/1");
    request.send().await.unwrap();

    assert_eq!(count(), (1, 1));
    assert_eq!(issuer.fetches().last_jwks_headers().unwrap()["user-agent"], "kit/1");
    assert!(!issuer.fetches().last_discovery_headers().unwrap().contains_key("user-agent"));
}

#[tokio::test]
async fn waiting_ends_with_the_fetch_that_is_waited_for() {
    let issuer = TestIssuer::start().await;
    let fetches = async {
        get(issuer.discovery_url()).await.unwrap();
        get(issuer.jwks_uri()).await.unwrap();
        get(issuer.jwks_uri()).await.unwrap();
    };
    tokio::join!(issuer.wait_for_discovery(1), issuer.wait_for_jwks(2), fetches);
    issuer.wait_for_jwks(1).await;
    assert_eq!(issuer.fetches().jwks(), 2);
}

#[tokio::test]
async fn a_stopped_issuer_refuses_connections_new_and_old() {
    let issuer = TestIssuer::start().await;
    let pooled = client();
    let url = issuer.jwks_uri();
    pooled.get(&url).send().await.unwrap().bytes().await.unwrap();

    issuer.stop().await;
    assert!(pooled.get(&url).send().await.is_err());
    assert!(get(&url).await.unwrap_err().is_connect());
}

#[tokio::test]
async fn a_dropped_issuer_ends() {
    let issuer = TestIssuer::start().await;
    let address = issuer.address();
    drop(issuer);
    // Binding the port again succeeds only once the listener is gone.
    while tokio::net::TcpListener::bind(address).await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[test]
fn an_issuer_in_memory_needs_no_runtime() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com/a");
    assert_eq!(issuer.url(), "https://issuer.example.com/a");
    assert_eq!(issuer.jwks_uri(), "https://issuer.example.com/a/jwks");
    assert_eq!(issuer.base_url(), "https://issuer.example.com");
    assert!(issuer.jwks().contains(issuer.current_key().key_id().unwrap()));
}

#[test]
#[should_panic(expected = "an issuer in memory has no address")]
fn an_issuer_in_memory_has_no_address() {
    let _ = TestIssuer::in_memory("https://issuer.example.com").address();
}

#[test]
fn debug_tells_no_private_key() {
    let secret = SigningKey::from_secret("a secret of thirty-two bytes, or more");
    let issuer = TestIssuer::builder().with_key(secret.clone()).in_memory();
    let shown = format!("{issuer:?} {:?}", issuer.token());
    assert!(shown.contains(secret.key_id().unwrap()));
    assert!(!shown.contains("secret of"));
    assert!(!shown.contains(&format!("{:?}", b"a secret of thirty-two bytes, or more")));
}
