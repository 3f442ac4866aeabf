//! What the log says of claims that do not fit the application's type: the field, and no value.

use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::error::Reason;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use tower::ServiceExt;

use crate::Log;
use crate::support::AUDIENCE;
use crate::support::Answer;
use crate::support::bearer;

#[derive(Clone, Deserialize)]
#[expect(dead_code, reason = "only read")]
struct User {
    email: String,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    plan: Option<Plan>,
    #[serde(default)]
    devices: std::collections::HashMap<String, u8>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Plan {
    Free,
}

#[tokio::test]
async fn claims_that_do_not_fit_are_logged_with_the_field_and_without_a_value() {
    let issuer = claviger_testing::TestIssuer::in_memory("https://issuer.example.com");
    let cfg = AuthConfig::builder(Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks())).build().unwrap();
    let app = axum::Router::new()
        .route("/", axum::routing::get(async || "in"))
        .layer(AuthLayer::new(cfg).with_claims::<User>());
    let log = Log::listen();
    let email = || ("email", json!("marker@example.com"));
    let cases: [(Vec<(&str, Value)>, &str); 6] = [
        (vec![], "missing field `email`"),
        (vec![("email", json!(4711))], "invalid type: expected a string at `email`"),
        (vec![email(), ("roles", json!(["marker", 4711]))], "invalid type: expected a string at `roles[1]`"),
        (vec![email(), ("roles", json!("marker"))], "invalid type: expected a sequence at `roles`"),
        (vec![email(), ("plan", json!("marker"))], "unknown variant: expected `free` at `plan`"),
        (vec![email(), ("devices", json!({ "marker": 4711 }))], "invalid value: expected u8 at `devices.*`"),
    ];
    for (claims, expected) in cases {
        log.text();
        let token = claims.into_iter().fold(issuer.token(), |token, (name, value)| token.claim(name, value)).sign();
        let response = app.clone().oneshot(bearer("/", &token)).await.unwrap();
        Answer::of(response, false).await.assert_invalid_token(Reason::ClaimsShape);
        let text = log.text();
        assert!(text.contains("reason=\"claims_shape\"") && text.contains(expected), "{expected} is not in {text}");
        assert!(!text.contains("marker") && !text.contains("4711"), "{text}");
    }
}
