//! Section 2 of the contract, step 6: the claims; and step 7, as far as bound tokens go.

use std::time::Duration;

use claviger::AudienceRule;
use claviger::Profile;
use claviger::error::Reason;
use claviger_testing::TokenBuilder;
use serde_json::Value;
use serde_json::json;

use crate::support::Api;
use crate::support::NOW;
use crate::support::Rules;

/// A change of a right token, and the check that then refuses it.
type Case = (fn(TokenBuilder) -> TokenBuilder, Reason);

async fn refused_for(rules: Rules, cases: &[Case]) {
    let api = Api::with_rules(rules);
    for (change, reason) in cases {
        api.show(&change(api.token()).sign()).await.assert_invalid_token(*reason);
    }
}

#[tokio::test]
async fn times_are_judged_with_the_leeway() {
    let api = Api::new();
    for (name, value, reason) in [
        ("exp", NOW - 29, None),
        ("exp", NOW - 30, Some(Reason::Expired)),
        ("nbf", NOW + 30, None),
        ("nbf", NOW + 31, Some(Reason::NotYetValid)),
        ("iat", NOW + 30, None),
        ("iat", NOW + 31, Some(Reason::IssuedInFuture)),
    ] {
        let answer = api.show(&api.token().claim(name, value).sign()).await;
        reason.map_or_else(|| answer.assert_passed(), |reason| answer.assert_invalid_token(reason));
    }
}

#[tokio::test]
async fn a_token_ends_while_its_api_goes_on() {
    let api = Api::new();
    let token = api.token().sign();
    api.show(&token).await.assert_passed();
    api.clock.advance(Duration::from_secs(329));
    api.show(&token).await.assert_passed();
    api.clock.advance(Duration::from_secs(1));
    api.show(&token).await.assert_invalid_token(Reason::Expired);
}

#[tokio::test]
async fn without_the_time_no_token_is_believed() {
    let api = Api::new();
    let token = api.token().sign();
    api.clock.set_unix(None);
    let answer = api.show(&token).await;
    answer.assert_problem(http::StatusCode::SERVICE_UNAVAILABLE, None);
    assert_eq!(answer.reason, Some(Reason::CheckFailed));
}

#[tokio::test]
async fn an_expired_token_is_told_so_and_another_invalid_one_is_not() {
    let api = Api::new();
    let description = async |token: String| api.show(&token).await.parameter("error_description").unwrap();
    let expired = description(api.token().claim("exp", NOW - 3600).sign()).await;
    let foreign = description(api.token().audience("https://other.example").sign()).await;
    let junk = description("junk".to_owned()).await;
    assert!(expired.contains("expired"));
    assert_eq!(foreign, junk);
    assert_ne!(expired, foreign);
}

#[tokio::test]
async fn the_maximum_age_counts_from_iat() {
    let rules: Rules = |issuer| issuer.with_profile(Profile::Jwt).with_max_token_age(Duration::from_secs(60));
    let api = Api::with_rules(rules);
    api.show(&api.token().claim("iat", NOW - 90).sign()).await.assert_passed();
    api.show(&api.token().claim("iat", NOW - 91).sign()).await.assert_invalid_token(Reason::TooOld);
    api.show(&api.token().without("iat").sign()).await.assert_invalid_token(Reason::MissingClaim);
}

#[tokio::test]
async fn the_audience_names_us() {
    refused_for(
        |issuer| issuer,
        &[
            (|token| token.audience("https://other.example"), Reason::WrongAudience),
            (|token| token.audience("https://api.example.com/"), Reason::WrongAudience),
            (|token| token.audience("https://API.example.com"), Reason::WrongAudience),
            (|token| token.audience(json!([])), Reason::WrongAudience),
            (|token| token.audience(json!(["https://api.example.com", 7])), Reason::WrongClaim),
            (|token| token.audience(json!({"https://api.example.com": true})), Reason::WrongClaim),
            (|token| token.audience(json!(null)), Reason::MissingClaim),
            (|token| token.without("aud"), Reason::MissingClaim),
        ],
    )
    .await;
    let api = Api::new();
    let among = api.token().audience(vec!["https://other.example", "https://api.example.com"]);
    api.show(&among.sign()).await.assert_passed();
}

#[tokio::test]
async fn all_of_our_audiences_are_named_where_the_rule_says_so() {
    let api =
        Api::with_rules(|issuer| issuer.add_audience("https://second.example").with_audience_rule(AudienceRule::All));
    api.show(&api.token().sign()).await.assert_invalid_token(Reason::WrongAudience);
    let both = api.token().audience(vec!["https://second.example", "https://api.example.com"]);
    api.show(&both.sign()).await.assert_passed();
}

#[tokio::test]
async fn client_id_stands_in_for_an_absent_audience_alone() {
    let rules: Rules =
        |issuer| issuer.with_profile(Profile::Jwt).add_audience("client-1").with_audience_rule(AudienceRule::ClientId);
    let api = Api::with_rules(rules);
    api.show(&api.token().without("aud").sign()).await.assert_passed();
    let other = api.token().without("aud").claim("client_id", "client-2");
    api.show(&other.clone().sign()).await.assert_invalid_token(Reason::WrongAudience);
    // The first present of four decides, whatever stands in the others.
    let names = ["client_id", "cid", "azp", "appid"];
    for (at, name) in names.iter().enumerate() {
        let first = |value: Value| {
            let without = other.clone().without("client_id").scope("a").claim(*name, value);
            names[at + 1..].iter().fold(without, |token, later| token.claim(*later, "client-2"))
        };
        api.show(&first(json!("client-1")).sign()).await.assert_passed();
        api.show(&first(json!("client-3")).sign()).await.assert_invalid_token(Reason::WrongAudience);
        api.show(&first(json!(null)).sign()).await.assert_invalid_token(match at {
            3 => Reason::MissingClaim,
            _ => Reason::WrongAudience,
        });
        api.show(&first(json!(["client-1"])).sign()).await.assert_invalid_token(Reason::WrongClaim);
    }
    api.show(&api.token().audience("https://other.example").sign()).await.assert_invalid_token(Reason::WrongAudience);
}

#[tokio::test]
async fn profile_rfc9068_wants_all_its_claims() {
    let api = Api::new();
    for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"] {
        api.show(&api.token().without(name).sign()).await.assert_invalid_token(Reason::MissingClaim);
        api.show(&api.token().claim(name, json!(null)).sign()).await.assert_invalid_token(Reason::MissingClaim);
        api.show(&api.token().claim(name, json!({})).sign()).await.assert_invalid_token(Reason::WrongClaim);
    }
    for name in ["sub", "client_id", "jti"] {
        api.show(&api.token().claim(name, "").sign()).await.assert_invalid_token(Reason::MissingClaim);
    }
}

#[tokio::test]
async fn required_and_bound_claims_are_demanded() {
    let rules: Rules =
        |issuer| issuer.require_claim("org_id").bind_claim("app_id", "billing").bind_claim("tid", json!(["a", "b"]));
    refused_for(
        rules,
        &[
            (|token| token.claim("app_id", "billing").claim("tid", "a"), Reason::MissingClaim),
            (
                |token| token.claim("org_id", json!(null)).claim("app_id", "billing").claim("tid", "a"),
                Reason::MissingClaim,
            ),
            (|token| token.claim("org_id", 1).claim("tid", "a"), Reason::MissingClaim),
            (|token| token.claim("org_id", 1).claim("app_id", "other").claim("tid", "a"), Reason::WrongClaim),
            (
                |token| token.claim("org_id", 1).claim("app_id", json!(["billing"])).claim("tid", "a"),
                Reason::WrongClaim,
            ),
            (|token| token.claim("org_id", 1).claim("app_id", "billing").claim("tid", "c"), Reason::WrongClaim),
        ],
    )
    .await;
    let api = Api::with_rules(rules);
    let right = api.token().claim("org_id", false).claim("app_id", "billing").claim("tid", "b");
    api.show(&right.sign()).await.assert_passed();
}

#[tokio::test]
async fn a_bound_claim_is_not_met_by_what_the_parser_would_take_for_it() {
    let api = Api::with_rules(|issuer| issuer.bind_claim("email_verified", true));
    api.show(&api.token().claim("email_verified", true).sign()).await.assert_passed();
    api.show(&api.token().claim("email_verified", "true").sign()).await.assert_invalid_token(Reason::WrongClaim);
    let disguised = json!({"$serde_json::private::RawValue": "true"});
    let token = api.token().claim("email_verified", disguised).sign();
    api.show(&token).await.assert_invalid_token(Reason::MalformedToken);
}
