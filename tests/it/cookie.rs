//! Section 1 of the contract: the cookie source.

use axum::Router;
use axum::body::Body;
use axum::routing::any;
use claviger::AuthConfig;
use claviger::AuthConfigBuilder;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::CookieFailure;
use claviger::Issuer;
use claviger::TokenSource;
use claviger::authenticate::Authentication;
use claviger::error::Reason;
use claviger_testing::TestIssuer;
use http::Method;
use http::Request;
use http::StatusCode;
use serde::Deserialize;
use tower::ServiceExt;

use crate::check::Accounts;
use crate::check::assert_check_failed;
use crate::support::AUDIENCE;
use crate::support::Answer;
use crate::support::Api;

const OURS: &str = "https://api.example.com";

fn with_cookie(settings: AuthConfigBuilder) -> AuthConfigBuilder {
    settings.with_sources([TokenSource::Authorization, TokenSource::cookie("session")])
}

fn ours(settings: AuthConfigBuilder) -> AuthConfigBuilder {
    with_cookie(settings).with_public_url(OURS)
}

async fn send(api: &Api, method: Method, fields: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri("/");
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    api.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn the_cookie_is_found_among_others_and_in_several_fields() {
    let api = Api::with_settings(with_cookie);
    let session = format!("session={}", api.token().sign());
    let among = format!("theme=dark; {session}; lang=de");
    for fields in
        [&[("cookie", session.as_str())][..], &[("cookie", &among)], &[("cookie", "theme=dark"), ("cookie", &session)]]
    {
        send(&api, Method::GET, fields).await.assert_passed();
    }
    for fields in [&[("cookie", "theme=dark; Session=a.b.c")][..], &[("cookie", "session")], &[]] {
        send(&api, Method::GET, fields).await.assert_asks_for_credentials(Reason::MissingCredentials);
    }
}

#[tokio::test]
async fn a_cookie_twice_and_one_that_is_no_token68_are_invalid_requests() {
    let api = Api::with_settings(with_cookie);
    let token = api.token().sign();
    for cookies in [
        vec![format!("session={token}; session={token}")],
        vec![format!("session={token}"), "session=".to_owned()],
        vec!["session=".to_owned()],
        vec![format!("session=\"{token}\"")],
        vec![format!("session={token}\u{e4}")],
    ] {
        let fields: Vec<_> = cookies.iter().map(|cookie| ("cookie", cookie.as_str())).collect();
        send(&api, Method::GET, &fields).await.assert_invalid_request();
    }
    send(&api, Method::GET, &[("cookie", "session=a.b.c")]).await.assert_invalid_token(Reason::MalformedToken);
}

#[tokio::test]
async fn what_changes_something_needs_a_proof_that_it_is_ours() {
    let api = Api::with_settings(|settings| ours(settings).with_cookie_origins(["https://app.example.com"]));
    let cookie = format!("session={}", api.token().sign());
    let websocket = [("upgrade", "websocket"), ("connection", "Upgrade"), ("sec-websocket-version", "13")];
    let requests = [(Method::POST, &[][..]), (Method::GET, &websocket)];
    for (method, fields) in requests {
        for (proof, passes) in [
            (&[][..], false),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("origin", OURS)], true),
            (&[("origin", "https://app.example.com"), ("sec-fetch-site", "same-site")], true),
            (&[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")], false),
            (&[("origin", "http://api.example.com")], false),
            (&[("origin", "https://api.example.com:8443")], false),
            (&[("origin", "null")], false),
            (&[("origin", "https://evil.example"), ("host", "evil.example")], false),
        ] {
            let all = [fields, proof, &[("cookie", cookie.as_str())]].concat();
            let answer = send(&api, method.clone(), &all).await;
            if passes { answer.assert_passed() } else { answer.assert_cross_site() }
        }
    }
}

#[tokio::test]
async fn get_and_head_need_no_proof_and_no_other_method_does_without() {
    let api = Api::with_settings(ours);
    let cookie = format!("session={}", api.token().sign());
    let fields = [("cookie", cookie.as_str()), ("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    for method in [Method::GET, Method::HEAD] {
        assert_eq!(send(&api, method, &fields).await.status, StatusCode::OK);
    }
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS, Method::TRACE] {
        send(&api, method, &fields).await.assert_cross_site();
    }
}

#[tokio::test]
async fn a_cross_site_request_is_refused_before_its_token_is_read() {
    let api = Api::with_settings(ours);
    for cookie in ["session=junk", "session=", "session=a; session=b"] {
        send(&api, Method::POST, &[("cookie", cookie)]).await.assert_cross_site();
    }
}

#[tokio::test]
async fn a_token_that_no_browser_adds_by_itself_needs_no_proof() {
    let api = Api::with_settings(ours);
    let field = format!("Bearer {}", api.token().sign());
    for cookie in ["session=junk", "theme=dark"] {
        let fields = [("authorization", field.as_str()), ("cookie", cookie), ("origin", "https://evil.example")];
        send(&api, Method::POST, &fields).await.assert_passed();
    }
    let other = [("cookie", "theme=dark"), ("origin", "https://evil.example")];
    send(&api, Method::POST, &other).await.assert_asks_for_credentials(Reason::MissingCredentials);
}

#[tokio::test]
async fn hosts_are_ours_by_https_where_there_is_neither_public_url_nor_resource() {
    let of_hosts = Api::with_settings(|settings| with_cookie(settings).with_hosts(["api.example.com", "[::1]:8443"]));
    let of_both = Api::with_settings(|settings| ours(settings).with_hosts(["other.example.com"]));
    let of_resource = Api::with_settings(|settings| {
        with_cookie(settings).with_resource("https://api.example.com/mcp").with_hosts(["other.example.com"])
    });
    let of_path = Api::with_settings(|settings| with_cookie(settings).with_public_url("http://localhost:3000/api"));
    for (api, origin, passes) in [
        (&of_hosts, OURS, true),
        (&of_hosts, "https://[::1]:8443", true),
        (&of_hosts, "http://api.example.com", false),
        (&of_hosts, "https://[::1]", false),
        (&of_both, OURS, true),
        (&of_both, "https://other.example.com", false),
        (&of_resource, OURS, true),
        (&of_resource, "https://other.example.com", false),
        (&of_path, "http://localhost:3000", true),
        (&of_path, "http://localhost", false),
    ] {
        let cookie = format!("session={}", api.token().sign());
        let answer = send(api, Method::POST, &[("cookie", &cookie), ("origin", origin)]).await;
        if passes { answer.assert_passed() } else { answer.assert_cross_site() }
    }
}

fn pardoning(settings: AuthConfigBuilder) -> AuthConfigBuilder {
    ours(settings).allow_anonymous().with_cookie_failure(CookieFailure::Anonymous)
}

#[tokio::test]
async fn a_failing_cookie_passes_as_anonymous_where_that_was_chosen() {
    let refusing = Api::with_settings(|settings| ours(settings).allow_anonymous());
    let api = Api::with_settings(pardoning);
    let expired = format!("session={}", api.token().claim("exp", 1).sign());
    for cookie in [expired.as_str(), "session=junk", "session=", "session=a; session=b"] {
        let refused = send(&refusing, Method::GET, &[("cookie", cookie)]).await;
        assert!(refused.status.is_client_error() && !refused.reached, "{refused:?}");
        let passed = send(&api, Method::GET, &[("cookie", cookie)]).await;
        passed.assert_passed();
        assert_eq!(passed.headers["cache-control"], "private");
        send(&api, Method::POST, &[("cookie", cookie)]).await.assert_cross_site();
    }
    let guarded = Request::get("/reports").header("cookie", "session=junk").body(Body::empty()).unwrap();
    api.send(guarded).await.assert_asks_for_credentials(Reason::MissingCredentials);
}

#[tokio::test]
async fn nothing_but_a_failing_cookie_is_pardoned() {
    let api = Api::with_settings(pardoning);
    send(&api, Method::GET, &[("authorization", "Bearer junk"), ("cookie", "session=junk")])
        .await
        .assert_invalid_token(Reason::MalformedToken);
    send(&api, Method::GET, &[("authorization", "Bearer")]).await.assert_invalid_request();
    let good = format!("session={}", api.token().sign());
    let guarded = Request::get("/reports").header("cookie", &good).body(Body::empty()).unwrap();
    api.send(guarded).await.assert_insufficient_scope("read:reports");
    api.clock.set_unix(None);
    let answer = send(&api, Method::GET, &[("cookie", &good)]).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_denied_cookie_is_a_failing_one_and_an_undecided_one_is_not() {
    let api = Api::with_settings(|settings| pardoning(settings).with_check(Accounts::default()));
    let show = async |subject: &str| {
        let cookie = format!("session={}", api.token().claim("sub", subject).sign());
        send(&api, Method::GET, &[("cookie", &cookie)]).await
    };
    for subject in ["alice", "mallory"] {
        let passed = show(subject).await;
        passed.assert_passed();
        assert_eq!(passed.headers["cache-control"], "private");
    }
    assert_check_failed(&show("nobody").await);
}

#[derive(Clone, Deserialize)]
struct Member {
    org_id: String,
}

#[tokio::test]
async fn a_cookie_of_another_shape_is_a_failing_cookie_and_leaves_no_claims() {
    let seen = async |request: Request<Body>| {
        let is_anonymous = request.extensions().get::<Authentication>().unwrap().token().is_none();
        let organization = request.extensions().get::<Claims<Member>>().map(|member| member.org_id.clone());
        let any = request.extensions().get::<Claims<serde_json::Value>>().is_some();
        format!("{is_anonymous} {organization:?} {any}")
    };
    for issuer in [TestIssuer::in_memory("https://issuer.example.com"), TestIssuer::start().await] {
        let mut trusted = Issuer::new(issuer.url(), AUDIENCE);
        if issuer.url().starts_with("https") {
            trusted = trusted.with_jwks(issuer.jwks());
        }
        let cfg = pardoning(AuthConfig::builder(trusted)).build().unwrap();
        let app = Router::new()
            .route("/", any(seen))
            .layer(AuthLayer::new(cfg.clone()).with_claims::<Member>())
            .layer(AuthLayer::new(cfg).with_claims::<serde_json::Value>());
        for (token, expected) in [
            (issuer.token().claim("org_id", "acme"), r#"false Some("acme") true"#),
            (issuer.token(), "true None false"),
        ] {
            let request = Request::get("/").header("cookie", format!("session={}", token.sign()));
            let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(Answer::of(response, true).await.body, expected);
        }
    }
}
