//! What is answered at the well-known path, and the challenges that name it.

use axum::Router;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::Scopes;
use claviger::error::Reason;
use claviger_testing::TestIssuer;
use http::HeaderValue;
use http::Method;
use http::StatusCode;
use http::header;
use serde_json::json;

use crate::metadata::PATH;
use crate::metadata::RESOURCE;
use crate::metadata::URL;
use crate::metadata::ask;
use crate::metadata::builder;
use crate::metadata::published;
use crate::metadata::request;
use crate::support::AUDIENCE;
use crate::support::Api;
use crate::support::bearer;

#[tokio::test]
async fn the_document_is_answered_to_everybody() {
    let api = published();
    let answer = api.send(request(Method::GET, PATH)).await;
    assert_eq!((answer.status, answer.reached), (StatusCode::OK, false));
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
    assert_eq!(answer.headers[header::CACHE_CONTROL], "public, max-age=3600");
    assert_eq!(answer.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    let expected = json!({
        "resource": RESOURCE,
        "authorization_servers": [api.issuer.url()],
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": ["ES256", "ES384", "EdDSA", "Ed25519", "RS256", "PS256"],
    });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn head_has_the_fields_of_get_and_no_body() {
    let api = published();
    let get = api.send(request(Method::GET, PATH)).await;
    let head = api.send(request(Method::HEAD, PATH)).await;
    assert_eq!((head.status, head.reached, head.body.as_str()), (StatusCode::OK, false, ""));
    assert_eq!(head.headers, get.headers);
    assert_eq!(head.headers[header::CONTENT_LENGTH], get.body.len().to_string());
}

#[tokio::test]
async fn a_preflight_lets_any_page_ask_with_the_fields_of_mcp_clients() {
    let mut preflight = request(Method::OPTIONS, PATH);
    for (name, value) in [
        ("origin", "https://app.example"),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "mcp-protocol-version"),
    ] {
        preflight.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    let answer = published().send(preflight).await;
    assert_eq!((answer.status, answer.reached, answer.body.as_str()), (StatusCode::NO_CONTENT, false, ""));
    assert_eq!(answer.headers[header::ALLOW], "GET, HEAD, OPTIONS");
    assert_eq!(answer.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    let listed = |name| {
        let field: &HeaderValue = &answer.headers[name];
        field.to_str().unwrap().to_lowercase().split(", ").map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(listed(header::ACCESS_CONTROL_ALLOW_METHODS), ["get", "head", "options"]);
    let fields = listed(header::ACCESS_CONTROL_ALLOW_HEADERS);
    for field in ["*", "authorization", "content-type", "mcp-protocol-version"] {
        assert!(fields.iter().any(|listed| listed == field), "{field} in {fields:?}");
    }
    assert!(!answer.headers.contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
}

#[tokio::test]
async fn other_methods_are_405() {
    let api = published();
    for method in ["POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "get"] {
        let answer = api.send(request(Method::from_bytes(method.as_bytes()).unwrap(), PATH)).await;
        assert_eq!((answer.status, answer.reached), (StatusCode::METHOD_NOT_ALLOWED, false), "{method}");
        assert_eq!(answer.headers[header::ALLOW], "GET, HEAD, OPTIONS", "{method}");
        assert_eq!(answer.body, "", "{method}");
    }
}

#[tokio::test]
async fn credentials_are_not_looked_at_there() {
    let demanding = published();
    let optional = Api::with_settings(|settings| settings.with_resource(RESOURCE).allow_anonymous());
    for api in [demanding, optional] {
        for fields in
            [&["Bearer"][..], &["Bearer junk"], &["Bearer a", "Bearer b"], &["Basic x, Bearer y"], &["DPoP x"]]
        {
            for (method, status) in [(Method::GET, StatusCode::OK), (Method::OPTIONS, StatusCode::NO_CONTENT)] {
                let mut asking = request(method, PATH);
                for field in fields {
                    asking.headers_mut().append(header::AUTHORIZATION, HeaderValue::from_static(field));
                }
                let answer = api.send(asking).await;
                assert_eq!((answer.status, answer.reason), (status, None), "{fields:?}");
            }
        }
    }
}

#[tokio::test]
async fn no_key_is_fetched_for_it() {
    let issuer = TestIssuer::start().await;
    let cfg = AuthConfig::builder(Issuer::new(issuer.url(), AUDIENCE)).with_resource(RESOURCE).build().unwrap();
    let app = Router::new().layer(AuthLayer::new(cfg));
    assert_eq!(ask(&app, bearer(PATH, &issuer.token().sign())).await.status, StatusCode::OK);
    assert_eq!(issuer.fetches().discovery() + issuer.fetches().jwks(), 0);
}

#[tokio::test]
async fn nothing_of_the_request_shows() {
    let api = published();
    let plain = api.send(request(Method::GET, PATH)).await;
    let mut asking = request(Method::GET, &format!("http://evil.example{PATH}?x=evil"));
    for name in ["host", "x-forwarded-host", "x-forwarded-proto", "x-original-url", "forwarded", "origin"] {
        asking.headers_mut().insert(name, HeaderValue::from_static("evil"));
    }
    let answer = api.send(asking).await;
    assert_eq!((answer.status, &answer.headers, &answer.body), (plain.status, &plain.headers, &plain.body));
    let mut unauthorized = request(Method::GET, "/");
    unauthorized.headers_mut().insert("host", HeaderValue::from_static("evil"));
    assert_eq!(api.send(unauthorized).await.parameter("resource_metadata").as_deref(), Some(URL));
}

/// Clients try several addresses, and go on after 404 alone.
#[tokio::test]
async fn below_the_well_known_path_an_unknown_document_is_404() {
    let api = published();
    let token = api.token().sign();
    for path in [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource?x",
        "/.well-known/oauth-protected-resource/",
        "/.well-known/oauth-protected-resource/mcp/",
        "/.well-known/oauth-protected-resource/mcp/x",
        "/.well-known/oauth-protected-resource/mcpx",
        "/.well-known/oauth-protected-resource/MCP",
        "/.well-known/oauth-protected-resource//mcp",
        "/.well-known/oauth-protected-resource/%6dcp",
        "/.well-known/oauth-protected-resource/mcp;x=1",
        "/.well-known/oauth-protected-resource/mcp%00",
        "/.well-known/oauth-protected-resource/../../",
    ] {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            for field in [None, Some("Basic dTpw"), Some("DPoPx y")] {
                let mut asking = request(method.clone(), path);
                asking
                    .headers_mut()
                    .extend(field.map(|field| (header::AUTHORIZATION, HeaderValue::from_static(field))));
                let answer = api.send(asking).await;
                assert_eq!((answer.status, answer.reached, answer.body.as_str()), (StatusCode::NOT_FOUND, false, ""));
                assert_eq!(answer.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*", "{path}");
                assert!(!answer.headers.contains_key(header::WWW_AUTHENTICATE), "{path}");
            }
        }
        // Whatever else is wrong stays what it is, and other methods ask for no document.
        assert_eq!(api.send(bearer(path, "junk")).await.reason, Some(Reason::MalformedToken), "{path}");
        assert_eq!(api.send(request(Method::POST, path)).await.reason, Some(Reason::MissingCredentials), "{path}");
        let answer = api.send(bearer(path, &token)).await;
        assert_eq!(answer.reason, None, "{path}");
        assert!(!answer.body.contains("authorization_servers"), "{path}");
    }
}

#[tokio::test]
async fn any_other_path_is_a_route_like_all_others() {
    let api = published();
    let token = api.token().sign();
    for path in [
        "/.Well-Known/oauth-protected-resource/mcp",
        "//.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-protected-resource%2fmcp",
        "/.well-known/oauth-protected-resources",
        "/%2ewell-known/oauth-protected-resource/mcp",
        "/x/../.well-known/oauth-protected-resource/mcp",
        "/mcp/.well-known/oauth-protected-resource",
        "/.well-known/oauth-authorization-server",
        "/?/.well-known/oauth-protected-resource/mcp",
    ] {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            let answer = api.send(request(method, path)).await;
            assert_eq!(answer.reason, Some(Reason::MissingCredentials), "{path}");
        }
        let answer = api.send(bearer(path, &token)).await;
        assert_eq!(answer.reason, None, "{path}");
        assert!(!answer.body.contains("authorization_servers"), "{path}");
    }
}

#[tokio::test]
async fn a_resource_without_a_path_has_no_suffix() {
    for (resource, other) in [
        ("https://api.example.com", "/.well-known/oauth-protected-resource/"),
        ("https://api.example.com/", "/.well-known/oauth-protected-resource//"),
    ] {
        let issuer = TestIssuer::in_memory("https://issuer.example.com");
        let cfg = builder(&issuer).with_resource(resource).build().unwrap();
        let app = Router::new().layer(AuthLayer::new(cfg));
        let answer = ask(&app, request(Method::GET, "/.well-known/oauth-protected-resource")).await;
        assert_eq!((answer.status, &answer.json()["resource"]), (StatusCode::OK, &json!(resource)));
        assert_eq!(ask(&app, request(Method::GET, other)).await.status, StatusCode::NOT_FOUND);
        let refused = ask(&app, request(Method::GET, "/")).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        let url = "https://api.example.com/.well-known/oauth-protected-resource";
        assert_eq!(refused.parameter("resource_metadata").as_deref(), Some(url));
    }
}

#[tokio::test]
async fn without_a_resource_there_are_no_metadata() {
    let api = Api::with_settings(|settings| settings.with_scopes_supported(Scopes::new(["a"]).unwrap()));
    for path in ["/.well-known/oauth-protected-resource", PATH] {
        api.send(request(Method::GET, path)).await.assert_asks_for_credentials(Reason::MissingCredentials);
    }
    assert_eq!(api.authorize(&[]).await.parameter("resource_metadata"), None);
    let cfg = AuthConfig::new("https://issuer.example.com", AUDIENCE).unwrap();
    assert!(AuthLayer::new(cfg).add_scopes_supported(&Scopes::new(["a"]).unwrap()).resource_metadata().is_none());
}

/// RFC 9728, section 5.1; contract, section 4: on 400, 401 and 403, and not where there is no challenge.
#[tokio::test]
async fn every_challenge_names_the_address() {
    let api = published();
    let token = api.token().sign();
    let answers = [
        (api.authorize(&[]).await, StatusCode::UNAUTHORIZED),
        (api.authorize(&[b"Basic x"]).await, StatusCode::UNAUTHORIZED),
        (api.show("junk").await, StatusCode::UNAUTHORIZED),
        (api.authorize(&[b"Bearer a", b"Bearer b"]).await, StatusCode::BAD_REQUEST),
        (api.send(bearer("/reports", &token)).await, StatusCode::FORBIDDEN),
    ];
    for (answer, status) in &answers {
        assert_eq!(answer.status, *status);
        let named: Vec<_> = answer.challenge().into_iter().filter(|(name, _)| name == "resource_metadata").collect();
        assert_eq!(named, [("resource_metadata".to_owned(), URL.to_owned())], "{answer:?}");
    }
    answers[4].0.assert_insufficient_scope("read:reports");
    api.clock.set_unix(None);
    let unavailable = api.show(&token).await;
    assert_eq!(unavailable.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!unavailable.headers.contains_key(header::WWW_AUTHENTICATE));
}
