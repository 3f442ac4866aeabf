//! What the log says of a token of another kind: the rule, and another profile only if it would accept that very token.

use claviger::Profile;
use claviger::error::Reason;
use claviger_testing::TokenBuilder;
use serde_json::json;

use crate::Log;
use crate::support::Api;
use crate::support::NOW;
use crate::support::Rules;

/// What is logged of this token.
async fn logged(rules: Rules, change: fn(TokenBuilder) -> TokenBuilder) -> String {
    let api = Api::with_rules(rules);
    let log = Log::listen();
    log.text();
    api.show(&change(api.token()).sign()).await.assert_invalid_token(Reason::WrongType);
    log.text()
}

const RFC9068: Rules = |issuer| issuer;
const JWT: Rules = |issuer| issuer.with_profile(Profile::Jwt);
const IDENTITY: Rules = |issuer| issuer.with_profile(Profile::Identity);

#[tokio::test]
async fn a_profile_is_named_where_it_would_accept_this_very_token() {
    type Case = (Rules, fn(TokenBuilder) -> TokenBuilder, &'static str);
    let cases: [Case; 4] = [
        (RFC9068, |token| token.header("typ", "JWT"), "profile `jwt` would accept it"),
        (RFC9068, |token| token.without_header("typ").scope("a"), "profile `jwt` would accept it"),
        (IDENTITY, |token| token, "profile `rfc9068` would accept it"),
        (
            JWT,
            |token| token.header("typ", "JWT").without("client_id").claim("nonce", "n"),
            "profile `identity` would accept it",
        ),
    ];
    for (rules, change, hint) in cases {
        let text = logged(rules, change).await;
        assert!(text.contains(hint), "{hint} is not in {text}");
    }
}

#[tokio::test]
async fn no_profile_is_named_where_none_would_accept_it() {
    type Case = (Rules, fn(TokenBuilder) -> TokenBuilder);
    let cases: [Case; 12] = [
        // ID tokens that say which client they are for, or what it may do.
        (RFC9068, |token| token.header("typ", "JWT").claim("nonce", "n")),
        (RFC9068, |token| token.header("typ", "JWT").without("client_id").scope("openid").claim("at_hash", "x")),
        (JWT, |token| token.header("typ", "JWT").claim("at_hash", "x")),
        (JWT, |token| token.header("typ", "JWT").without("client_id").claim("scp", json!(["a"])).claim("nonce", "n")),
        // Other kinds of tokens.
        (RFC9068, |token| token.header("typ", "JWT").claim("token_use", "refresh")),
        (RFC9068, |token| token.header("typ", "JWT").without("client_id").claim("events", json!({}))),
        (RFC9068, |token| token.header("typ", "logout+jwt").without("client_id")),
        (JWT, |token| token.header("typ", "JWT").without("client_id").claim("typ", "Offline")),
        (IDENTITY, |token| token.header("typ", "JWT").claim("typ", "Refresh")),
        // Tokens that would be refused for something else.
        (RFC9068, |token| token.header("typ", "JWT").claim("exp", NOW - 60)),
        (RFC9068, |token| token.header("typ", "JWT").audience("https://other.example")),
        (RFC9068, |token| token.header("typ", "JWT").claim("cnf", json!({}))),
    ];
    for (at, (rules, change)) in cases.into_iter().enumerate() {
        let text = logged(rules, change).await;
        assert!(text.contains("reason=\"wrong_type\"") && !text.contains("would accept"), "{at}: {text}");
    }
}

#[tokio::test]
async fn the_rule_is_named_and_the_value_is_not() {
    type Case = (Rules, fn(TokenBuilder) -> TokenBuilder, &'static str);
    let cases: [Case; 10] = [
        (RFC9068, |token| token.header("typ", "JWT"), "`typ` of its header is not accepted"),
        (JWT, |token| token.claim("token_use", "marker"), "its claim `token_use` names another kind of token"),
        (JWT, |token| token.claim("tokenType", "marker"), "its claim `tokenType` names another kind of token"),
        (JWT, |token| token.claim("mode", "offline"), "its claim `mode` names another kind of token"),
        (JWT, |token| token.claim("at_hash", "marker"), "its claim `at_hash` marks an ID token"),
        (JWT, |token| token.header("typ", "JWT").claim("nonce", "marker"), "its claim `nonce` marks an ID token"),
        (JWT, |token| token.claim("events", json!({ "marker": {} })), "its claim `events` marks a logout token"),
        (JWT, |token| token.header("typ", "JWT").without("client_id"), "none of its claims marks an access token"),
        (
            |issuer| JWT(issuer).bind_access_token_claim("tier", "gold"),
            |token| token.header("typ", "JWT").claim("tier", "marker"),
            "its claim `tier` is not as `access_token_claim` demands",
        ),
        (
            IDENTITY,
            |token| token.header("typ", "JWT").claim("tty", "logout"),
            "its claim `tty` names another kind of token",
        ),
    ];
    for (rules, change, rule) in cases {
        let text = logged(rules, change).await;
        assert!(text.contains(rule), "{rule} is not in {text}");
        assert!(!["marker", "gold", "offline", "logout\""].iter().any(|value| text.contains(value)), "{text}");
    }
}

#[tokio::test]
async fn the_claim_of_a_template_counts_for_the_hint_too() {
    let issuer = claviger_testing::TestIssuer::in_memory("https://login.example.com/acme");
    let trusted = claviger::Issuer::new("https://login.example.com/{tenant}", crate::support::AUDIENCE)
        .with_tenant_claim("tid")
        .with_jwks(issuer.jwks());
    let verifier = claviger::Verifier::builder(trusted).build().unwrap();
    for (tid, is_hinted) in [("acme", true), ("other", false)] {
        let token = issuer.token().header("typ", "JWT").claim("tid", tid).sign();
        let text = verifier.verify(&token).await.unwrap_err().to_string();
        assert_eq!(text.contains("profile `jwt` would accept it"), is_hinted, "{tid}: {text}");
    }
}
