//! Section 4 of the contract: challenges and answers.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use bytes::Bytes;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::Issuer;
use claviger::RequireScopeLayer;
use claviger::ScopePolicy;
use claviger::Scopes;
use claviger::authenticate::Authentication;
use claviger::error::Reason;
use claviger::respond::Refused;
use claviger_testing::TestIssuer;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header::AUTHORIZATION;
use serde::Deserialize;
use tower::ServiceExt;
use tower::util::MapRequestLayer;

use crate::support::AUDIENCE;
use crate::support::Answer;
use crate::support::Api;
use crate::support::bearer;

#[tokio::test]
async fn a_missing_scope_is_403_and_an_invalid_token_there_is_401() {
    let api = Api::new();
    api.send(bearer("/reports", &api.token().sign())).await.assert_insufficient_scope("read:reports");
    api.send(bearer("/reports", &api.token().scope("read:report READ:REPORTS").sign()))
        .await
        .assert_insufficient_scope("read:reports");
    api.send(bearer("/reports", &api.token().scope("x read:reports").sign())).await.assert_passed();
    api.send(bearer("/reports", &api.token().claim("exp", 1).sign())).await.assert_invalid_token(Reason::Expired);
}

#[tokio::test]
async fn a_401_names_the_scopes_that_the_layer_was_told() {
    let api = Api::with_settings(|settings| {
        settings.with_challenge_scope(Scopes::new(["read:reports", "write:reports"]).unwrap())
    });
    for answer in [api.authorize(&[]).await, api.show("junk").await] {
        assert_eq!(answer.parameter("scope").as_deref(), Some("read:reports write:reports"));
    }
    assert_eq!(api.authorize(&[b"Bearer"]).await.parameter("scope"), None);
    api.send(bearer("/reports", &api.token().sign())).await.assert_insufficient_scope("read:reports");
}

#[tokio::test]
async fn the_realm_stands_in_every_challenge() {
    let api = Api::with_settings(|settings| settings.with_realm("reports, internal"));
    for answer in [
        api.authorize(&[]).await,
        api.authorize(&[b"Bearer"]).await,
        api.show("junk").await,
        api.send(bearer("/reports", &api.token().sign())).await,
    ] {
        assert_eq!(answer.parameter("realm").as_deref(), Some("reports, internal"));
    }
}

#[tokio::test]
async fn nothing_of_the_token_or_the_configuration_is_in_an_answer() {
    let api = Api::new();
    let marked = api.token().claim("sub", "marker-sub").header("kid", "marker-kid").audience("marker-aud");
    for token in [marked.clone().sign(), marked.claim("iss", "https://marker-iss.example").sign(), "marker".to_owned()]
    {
        let answer = api.show(&token).await;
        let told = format!("{:?} {}", answer.headers, answer.body);
        for secret in ["marker", api.issuer.url(), AUDIENCE, token.as_str()] {
            assert!(!told.contains(secret), "{secret} is in {told}");
        }
    }
}

#[tokio::test]
async fn an_application_may_replace_the_body_and_nothing_else() {
    let api = Api::with_settings(|settings| {
        settings.with_responder(|refused: &Refused| {
            Response::builder()
                .status(StatusCode::IM_A_TEAPOT)
                .header("content-type", "text/plain")
                .header("cache-control", "public")
                .header("www-authenticate", "Basic realm=\"x\"")
                .header("proxy-authenticate", "Basic realm=\"x\"")
                .header("retry-after", "7")
                .body(Bytes::from_static(refused.detail().as_bytes()))
                .unwrap()
        })
    });
    let answer = api.show("junk").await;
    assert_eq!((answer.status, answer.reason), (StatusCode::UNAUTHORIZED, Some(Reason::MalformedToken)));
    assert_eq!(answer.headers["content-type"], "text/plain");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert!(!answer.headers.contains_key("proxy-authenticate") && !answer.headers.contains_key("retry-after"));
    assert_eq!(answer.parameter("error").as_deref(), Some("invalid_token"));
    assert_eq!(Some(answer.body.clone()), answer.parameter("error_description"));
}

#[tokio::test]
async fn a_503_has_no_challenge_whatever_the_application_says() {
    let api = Api::with_settings(|settings| {
        settings.with_responder(|_: &Refused| {
            Response::builder().header("www-authenticate", "Basic realm=\"x\"").body(Bytes::new()).unwrap()
        })
    });
    let token = api.token().sign();
    api.clock.set_unix(None);
    let answer = api.show(&token).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.headers.contains_key("www-authenticate"));
    assert_eq!(answer.headers["retry-after"], "1");
}

#[derive(Deserialize)]
struct Subject {
    sub: String,
}

async fn subject(Claims(subject): Claims<Subject>) -> String {
    subject.sub.clone()
}

async fn ask(app: &Router, request: Request<Body>) -> Answer {
    let answer = Answer::of(app.clone().oneshot(request).await.unwrap(), false).await;
    assert_ne!(answer.status, StatusCode::OK);
    answer
}

#[tokio::test]
async fn without_the_layer_a_guard_and_an_extractor_are_500_and_never_access() {
    let guard = RequireScopeLayer::new(ScopePolicy::all_of(["a"]).unwrap());
    let guarded = Router::new().route("/", get(|| async { "in" })).route_layer(guard);
    let extracting = Router::new().route("/", get(subject));
    let optional = Router::new().route("/", get(|_: Option<Claims<Subject>>| async { "in" }));
    for app in [guarded, extracting, optional] {
        for request in [Request::get("/").body(Body::empty()).unwrap(), bearer("/", "a.b.c")] {
            ask(&app, request).await.assert_problem(StatusCode::INTERNAL_SERVER_ERROR, None);
        }
    }
}

fn configured(issuer: &TestIssuer, audience: &str) -> AuthConfig {
    AuthConfig::builder(Issuer::new(issuer.url(), audience).with_jwks(issuer.jwks())).build().unwrap()
}

#[tokio::test]
async fn a_layer_of_the_same_configuration_passes_on_and_another_judges_anew() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let cfg = configured(&issuer, AUDIENCE);
    let nested = |inner: AuthConfig, outer: AuthConfig| {
        let inner = Router::new().route("/who", get(subject)).layer(AuthLayer::new(inner));
        Router::new().nest("/in", inner).layer(AuthLayer::new(outer))
    };
    let token = issuer.token().claim("sub", "alice").sign();

    let same = nested(cfg.clone(), cfg.clone()).oneshot(bearer("/in/who", &token)).await.unwrap();
    assert_eq!(same.status(), StatusCode::OK);
    let other = nested(configured(&issuer, "https://other.example"), cfg);
    ask(&other, bearer("/in/who", &token)).await.assert_invalid_token(Reason::WrongAudience);
}

#[tokio::test]
async fn what_the_layer_has_let_in_is_not_judged_again() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let cfg = configured(&issuer, AUDIENCE);
    let app = Router::new()
        .route("/", get(subject))
        .layer(AuthLayer::new(cfg.clone()))
        .layer(MapRequestLayer::new(|mut request: Request<Body>| {
            request.headers_mut().remove(AUTHORIZATION);
            request
        }))
        .layer(AuthLayer::new(cfg));
    let answer = app.oneshot(bearer("/", &issuer.token().sign())).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

#[derive(Clone, Deserialize)]
struct Whom {
    sub: String,
}

/// What a service behind two layers sees: the mark's subject, and that of the claims beside it.
async fn seen_behind(outer: AuthLayer, between: Option<String>, inner: AuthLayer, token: &str) -> String {
    let show = |request: Request<Body>| async move {
        let mark = request.extensions().get::<Authentication>().unwrap();
        let claims = request.extensions().get::<Claims<Whom>>().map(|Claims(whom)| whom.sub.clone());
        format!("{:?} {claims:?}", mark.token().and_then(|token| token.subject()))
    };
    let swap = move |mut request: Request<Body>| {
        request.headers_mut().remove(AUTHORIZATION);
        if let Some(token) = &between {
            request.headers_mut().insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        }
        request
    };
    let app = Router::new().route("/", get(show)).layer(inner).layer(MapRequestLayer::new(swap)).layer(outer);
    Answer::of(app.oneshot(bearer("/", token)).await.unwrap(), true).await.body
}

#[tokio::test]
async fn another_configuration_replaces_the_mark_and_the_claims_beside_it() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let token = |whom: &str| issuer.token().claim("sub", whom).sign();
    let layer = || AuthLayer::new(configured(&issuer, AUDIENCE));
    let typed = || layer().with_claims::<Whom>();
    let bob = Some(token("bob"));
    assert_eq!(seen_behind(typed(), bob.clone(), typed(), &token("alice")).await, r#"Some("bob") Some("bob")"#);
    assert_eq!(seen_behind(typed(), bob, layer(), &token("alice")).await, r#"Some("bob") None"#);
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let optional = AuthConfig::builder(trusted).allow_anonymous().build().unwrap();
    let anonymous = AuthLayer::new(optional).with_claims::<Whom>();
    assert_eq!(seen_behind(typed(), None, anonymous, &token("alice")).await, "None None");
    let cfg = configured(&issuer, AUDIENCE);
    let outer = AuthLayer::new(cfg.clone()).with_claims::<Whom>();
    let same = seen_behind(outer, None, AuthLayer::new(cfg), &token("alice")).await;
    assert_eq!(same, r#"Some("alice") Some("alice")"#);
}

#[tokio::test]
async fn an_inner_layer_demands_its_shape_behind_the_mark_of_its_own_configuration() {
    #[derive(Deserialize)]
    struct Member {
        #[expect(dead_code, reason = "only its presence matters")]
        org_id: String,
    }
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let cfg = configured(&issuer, AUDIENCE);
    let app = Router::new()
        .route("/", get(|| async { "in" }))
        .layer(AuthLayer::new(cfg.clone()).with_claims::<Member>())
        .layer(AuthLayer::new(cfg));
    let member = issuer.token().claim("org_id", "acme").sign();
    assert_eq!(app.clone().oneshot(bearer("/", &member)).await.unwrap().status(), StatusCode::OK);
    ask(&app, bearer("/", &issuer.token().sign())).await.assert_invalid_token(Reason::ClaimsShape);
}
