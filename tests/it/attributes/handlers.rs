//! Handlers of every shape stay what they are, behind their demand.

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::debug_handler;
use axum::extract::FromRef;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::routing::post;
use claviger::Claims;
use claviger::VerifiedToken;
use claviger::error::Reason;
use claviger::extract::Scoped;
use claviger::guarded;
use claviger::require_scope;
use claviger::routes;
use claviger::routes::Routes;
use http::Request;
use http::StatusCode;
use http::Uri;
use http::header::AUTHORIZATION;
use http::header::CONTENT_TYPE;
use serde_json::Value;
use serde_json::json;

use crate::attributes::Api;
use crate::attributes::anonymous;
use crate::attributes::is_staff;
use crate::support::bearer;

#[require_scope("outer")]
#[claviger::require_scope("middle", role("auditor"))]
#[::claviger::require_scope("inner")]
async fn stacked() {}

#[tokio::test]
async fn several_attributes_are_one_demand_of_all_that_is_written() {
    let api = Api::of(Router::new().route("/", get(stacked)));
    let passes = json!({"scope": "inner middle outer", "roles": ["auditor"]});
    assert_eq!(api.ask("/", &passes).await.status, StatusCode::OK);
    for lacking in ["inner middle", "inner outer", "middle outer"] {
        let answer = api.ask("/", &json!({"scope": lacking, "roles": ["auditor"]})).await;
        answer.assert_insufficient_scope("outer middle inner");
    }
    let answer = api.ask("/", &json!({"scope": "inner middle outer"})).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[require_scope("new:scope", report_only)]
async fn reported() {}

#[tokio::test]
async fn report_only_lets_everybody_pass_who_is_believed_or_anonymous() {
    let api = Api::of(Router::new().route("/", get(reported)));
    assert_eq!(api.ask("/", &json!({})).await.status, StatusCode::OK);
    assert_eq!(api.send(anonymous("/")).await.status, StatusCode::OK);
    api.send(bearer("/", "junk")).await.assert_invalid_token(Reason::MalformedToken);
}

#[require_scope("a")]
#[expect(clippy::too_many_arguments, reason = "as many as axum takes")]
async fn sixteen(
    Claims(claims): Claims<Value>,
    _: Uri,
    _: Uri,
    _: Uri,
    _: Uri,
    _: Uri,
    _: Uri,
    _: Uri,
    _: Uri,
    _: Uri,
    _: Uri,
    _: Uri,
    _: Uri,
    _: Uri,
    _: Uri,
    body: String,
) -> String {
    format!("{} {body}", claims["sub"])
}

#[tokio::test]
async fn sixteen_arguments_stay_sixteen() {
    let api = Api::of(Router::new().route("/", post(sixteen)));
    let send = async |token: String| {
        let request = Request::post("/").header(AUTHORIZATION, format!("Bearer {token}"));
        api.send(request.body("the body".into()).unwrap()).await
    };
    assert_eq!(send(api.token(&json!({"sub": "alice", "scope": "a"}))).await.body, "\"alice\" the body");
    send(api.token(&json!({}))).await.assert_insufficient_scope("a");
}

#[derive(Clone)]
struct App {
    greeting: String,
}

impl FromRef<App> for String {
    fn from_ref(app: &App) -> Self {
        app.greeting.clone()
    }
}

#[require_scope("a")]
async fn generic<S>(State(state): State<S>, claims: Option<Claims<Value>>) -> impl IntoResponse
where
    S: Into<String>,
{
    (StatusCode::OK, format!("{} {}", state.into(), claims.is_some()))
}

#[debug_handler]
#[require_scope("a")]
async fn checked_as_written(State(app): State<App>) -> String {
    app.greeting
}

#[require_scope("a")]
#[debug_handler(state = App)]
async fn checked_as_expanded(State(mut greeting): State<String>) -> String {
    greeting.push('!');
    greeting
}

#[require_scope("a")]
#[debug_handler]
async fn checked_without_arguments() -> Result<&'static str, StatusCode> {
    Ok("nothing")
}

#[tokio::test]
async fn state_generics_and_checks_of_axum_stay() {
    let app = App { greeting: "hello".to_owned() };
    let router = Router::new()
        .route("/written", get(checked_as_written))
        .route("/expanded", get(checked_as_expanded))
        .route("/nothing", get(checked_without_arguments))
        .with_state(app);
    let api =
        Api::of(Router::new().route("/generic", get(generic::<String>)).with_state("hi".to_owned()).merge(router));
    for (path, body) in
        [("/generic", "hi true"), ("/written", "hello"), ("/expanded", "hello!"), ("/nothing", "nothing")]
    {
        assert_eq!(api.ask(path, &json!({"scope": "a"})).await.body, body);
        api.ask(path, &json!({"scope": "b"})).await.assert_insufficient_scope("a");
    }
}

#[require_scope("write:reports")]
async fn create(Json(title): Json<String>) -> String {
    title
}

#[tokio::test]
async fn the_demand_is_judged_before_the_body_is_read() {
    let api = Api::of(Router::new().route("/", post(create)));
    let send = async |claims: Value, body: &'static str| {
        let request = Request::post("/").header(CONTENT_TYPE, "application/json");
        let request = request.header(AUTHORIZATION, format!("Bearer {}", api.token(&claims)));
        api.send(request.body(body.into()).unwrap()).await
    };
    assert_eq!(send(json!({"scope": "write:reports"}), "\"May\"").await.body, "May");
    assert_eq!(send(json!({"scope": "write:reports"}), "\"May").await.status, StatusCode::BAD_REQUEST);
    send(json!({}), "\"May").await.assert_insufficient_scope("write:reports");
}

#[tokio::test]
async fn a_unit_test_calls_a_handler_unchecked() {
    assert_eq!(create(Scoped::unchecked(Json("May".to_owned()))).await, "May");
    assert_eq!(checked_without_arguments(Scoped::unchecked(())).await, Ok("nothing"));
}

struct Reports;

#[guarded]
impl Reports {
    const TITLE: &str = "the reports";

    #[require_scope("read:reports", predicate(Self::is_employee))]
    async fn list() -> &'static str {
        Self::TITLE
    }

    #[require_scope("write:reports")]
    #[require_scope("read:reports")]
    async fn create(Json(title): Json<String>) -> String {
        title
    }

    async fn open() -> &'static str {
        Self::TITLE
    }

    fn is_employee(token: &VerifiedToken) -> bool {
        is_staff(token)
    }
}

#[tokio::test]
async fn functions_of_a_guarded_block_demand_what_is_above_each() {
    let router = Router::new().route("/", get(Reports::list).post(Reports::create)).route("/open", get(Reports::open));
    let api = Api::of(router);
    let listed = api.ask("/", &json!({"scope": "read:reports", "sub": "staff|alice"})).await;
    assert_eq!(listed.body, "the reports");
    assert_eq!(api.ask("/", &json!({"scope": "read:reports", "sub": "alice"})).await.status, StatusCode::FORBIDDEN);
    api.ask("/", &json!({"sub": "staff|alice"})).await.assert_insufficient_scope("read:reports");
    let token = api.token(&json!({"scope": "read:reports"}));
    let request = Request::post("/").header(AUTHORIZATION, format!("Bearer {token}"));
    let refused = api.send(request.body(Body::empty()).unwrap()).await;
    refused.assert_insufficient_scope("write:reports read:reports");
    assert_eq!(api.send(anonymous("/open")).await.body, "the reports");
}

#[tokio::test]
async fn handlers_with_the_attribute_stand_among_guarded_routes() {
    let routes = Routes::new()
        .route("/reports", routes::get(Reports::list).post(create))
        .route("/new", routes::get(reported))
        .open("/open", get(Reports::open));
    assert_eq!(
        routes.report().to_string().lines().next(),
        Some("GET /reports \"read:reports\", predicate(Self::is_employee)")
    );
    assert_eq!(routes.scopes().to_string(), "read:reports write:reports new:scope");
    let api = Api::made(|auth| routes.into_router(auth));
    api.ask("/reports", &json!({"sub": "staff|alice"})).await.assert_insufficient_scope("read:reports");
    assert_eq!(api.ask("/new", &json!({})).await.status, StatusCode::OK);
}
