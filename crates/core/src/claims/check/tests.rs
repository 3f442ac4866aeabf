//! The rows of the contract's section on claims.

use serde_json::Value;
use serde_json::json;

use super::*;
use crate::error::Problems;
use crate::error::Reason;
use crate::issuer::AudienceRule;
use crate::issuer::Issuer;

const NOW: f64 = 1_750_000_000.0;

fn issuer() -> Issuer {
    Issuer::new("https://issuer.example", "https://api.example")
}

fn payload() -> Value {
    json!({
        "iss": "https://issuer.example", "aud": "https://api.example", "sub": "u", "client_id": "c",
        "iat": 1_750_000_000, "exp": 1_750_000_300, "jti": "j",
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut payload = payload();
    payload[name] = value;
    payload
}

fn without(name: &str) -> Value {
    let mut payload = payload();
    payload.as_object_mut().unwrap().remove(name);
    payload
}

fn judge_text(issuer: &Issuer, typ: Option<&str>, payload: &str, now: f64) -> Result<(), Reason> {
    let rules = IssuerRules::check(issuer, "", &mut Problems::default());
    let claims = ClaimSet::read(payload).map_err(|failure| failure.reason())?;
    check(&claims, payload, typ, &rules, now).map_err(|failure| failure.reason())
}

fn judge(issuer: &Issuer, payload: &Value) -> Result<(), Reason> {
    judge_text(issuer, Some("at+jwt"), &payload.to_string(), NOW)
}

#[test]
fn a_right_token_passes() {
    assert_eq!(judge(&issuer(), &payload()), Ok(()));
}

#[test]
fn times_are_judged_with_the_leeway_at_both_edges() {
    for (name, value, expected) in [
        ("exp", json!(1_749_999_971), Ok(())),
        ("exp", json!(1_749_999_970), Err(Reason::Expired)),
        ("exp", json!(1_749_999_970.5), Ok(())),
        ("nbf", json!(1_750_000_030), Ok(())),
        ("nbf", json!(1_750_000_031), Err(Reason::NotYetValid)),
        ("iat", json!(1_750_000_030), Ok(())),
        ("iat", json!(1_750_000_031), Err(Reason::IssuedInFuture)),
        ("exp", json!(-1), Err(Reason::Expired)),
        ("iat", json!(-1), Ok(())),
    ] {
        assert_eq!(judge(&issuer(), &with(name, value.clone())), expected, "{name} {value}");
    }
}

#[test]
fn without_leeway_a_token_ends_at_its_very_exp() {
    let issuer = issuer().with_leeway(std::time::Duration::ZERO);
    assert_eq!(judge(&issuer, &with("exp", json!(1_750_000_000))), Err(Reason::Expired));
    assert_eq!(judge(&issuer, &with("exp", json!(1_750_000_001))), Ok(()));
    assert_eq!(judge(&issuer, &with("nbf", json!(1_750_000_000))), Ok(()));
}

#[test]
fn numbers_beyond_any_calendar_do_not_overflow() {
    for (name, number, expected) in [
        ("exp", "1e400", Ok(())),
        ("exp", "9223372036854775808", Ok(())),
        ("exp", "18446744073709551616", Ok(())),
        ("exp", "-1e400", Err(Reason::Expired)),
        ("nbf", "1e400", Err(Reason::NotYetValid)),
        ("iat", "18446744073709551616", Err(Reason::IssuedInFuture)),
    ] {
        let text = with(name, json!("@")).to_string().replace("\"@\"", number);
        assert_eq!(judge_text(&issuer(), Some("at+jwt"), &text, NOW), expected, "{name} {number}");
    }
}

#[test]
fn a_maximum_age_demands_iat_and_grants_the_leeway() {
    let issuer = issuer().with_profile(Profile::Jwt).with_max_token_age(std::time::Duration::from_secs(60));
    assert_eq!(judge(&issuer, &with("iat", json!(1_749_999_910))), Ok(()));
    assert_eq!(judge(&issuer, &with("iat", json!(1_749_999_909))), Err(Reason::TooOld));
    assert_eq!(judge(&issuer, &without("iat")), Err(Reason::MissingClaim));
}

#[test]
fn a_wrong_type_is_never_taken_for_absence() {
    for name in ["exp", "nbf", "iat"] {
        for value in [json!("1750000300"), json!(true), json!([]), json!({})] {
            assert_eq!(judge(&issuer(), &with(name, value.clone())), Err(Reason::WrongClaim), "{name} {value}");
        }
    }
    for name in ["sub", "jti", "client_id", "azp"] {
        assert_eq!(
            judge(&issuer().with_profile(Profile::Jwt), &with(name, json!(7))),
            Err(Reason::WrongClaim),
            "{name}"
        );
    }
    for value in
        [json!(7), json!({}), json!([7]), json!([["https://api.example"]]), json!(["https://api.example", null])]
    {
        assert_eq!(judge(&issuer(), &with("aud", value.clone())), Err(Reason::WrongClaim), "{value}");
    }
}

#[test]
fn null_is_a_missing_claim() {
    for name in ["exp", "aud", "sub", "client_id", "iat", "jti"] {
        assert_eq!(judge(&issuer(), &with(name, Value::Null)), Err(Reason::MissingClaim), "{name}");
        assert_eq!(judge(&issuer(), &without(name)), Err(Reason::MissingClaim), "{name}");
    }
    assert_eq!(judge(&issuer(), &with("nbf", Value::Null)), Ok(()));
    assert_eq!(judge(&issuer(), &with("cnf", Value::Null)), Ok(()));
}

#[test]
fn empty_identifiers_are_missing_in_profile_rfc9068_alone() {
    for name in ["sub", "client_id", "jti"] {
        assert_eq!(judge(&issuer(), &with(name, json!(""))), Err(Reason::MissingClaim), "{name}");
        assert_eq!(judge(&issuer().with_profile(Profile::Jwt), &with(name, json!(""))), Ok(()), "{name}");
    }
}

#[test]
fn the_audience_is_compared_whole_and_by_case() {
    for (value, expected) in [
        (json!(["https://other.example", "https://api.example"]), Ok(())),
        (json!("https://api.example/"), Err(Reason::WrongAudience)),
        (json!("https://API.example"), Err(Reason::WrongAudience)),
        (json!("https://api.exampl"), Err(Reason::WrongAudience)),
        (json!([]), Err(Reason::WrongAudience)),
        (json!(""), Err(Reason::WrongAudience)),
    ] {
        assert_eq!(judge(&issuer(), &with("aud", value.clone())), expected, "{value}");
    }
}

#[test]
fn all_audiences_are_demanded_where_the_rule_says_so() {
    let issuer = issuer().add_audience("https://second.example").with_audience_rule(AudienceRule::All);
    assert_eq!(judge(&issuer, &payload()), Err(Reason::WrongAudience));
    assert_eq!(judge(&issuer, &with("aud", json!(["https://second.example", "https://api.example", "x"]))), Ok(()));
}

#[test]
fn client_id_stands_in_for_an_absent_audience_alone() {
    let issuer = issuer().add_audience("c").with_audience_rule(AudienceRule::ClientId);
    assert_eq!(judge(&issuer, &without("aud")), Ok(()));
    assert_eq!(judge(&issuer, &with("aud", json!("other"))), Err(Reason::WrongAudience));
    let stranger = json!({"exp": 1_750_000_300, "sub": "u", "iat": 1_750_000_000, "jti": "j", "client_id": "d"});
    assert_eq!(judge(&issuer, &stranger), Err(Reason::WrongAudience));
}

#[test]
fn id_tokens_are_refused_by_profile_jwt() {
    let jwt = issuer().with_profile(Profile::Jwt);
    for (payload, is_waived_by_the_header) in [
        (with("at_hash", json!("x")), false),
        (with("c_hash", json!("x")), false),
        (with("s_hash", json!("x")), false),
        (with("typ", json!("ID")), false),
        (with("token_use", json!("id")), false),
        (with("nonce", json!("n")), true),
        (without("client_id"), true),
    ] {
        assert_eq!(judge_text(&jwt, Some("JWT"), &payload.to_string(), NOW), Err(Reason::WrongType), "{payload}");
        assert_eq!(judge_text(&jwt, None, &payload.to_string(), NOW), Err(Reason::WrongType), "{payload}");
        let declared = judge_text(&jwt, Some("at+jwt"), &payload.to_string(), NOW);
        assert_eq!(declared.is_ok(), is_waived_by_the_header, "{payload}");
    }
    assert_eq!(judge_text(&jwt, None, &payload().to_string(), NOW), Ok(()));
    assert_eq!(judge_text(&jwt.clone().allow_nonce(), None, &with("nonce", json!("n")).to_string(), NOW), Ok(()));
    for name in ["scope", "scp", "cid", "azp", "appid", "permissions"] {
        let mut payload = without("client_id");
        payload[name] = json!("x");
        assert_eq!(judge_text(&jwt, None, &payload.to_string(), NOW), Ok(()), "{name}");
    }
}

#[test]
fn profile_identity_wants_iat_and_an_azp_of_ours_among_several_audiences() {
    let identity = issuer().with_profile(Profile::Identity);
    let identity = |payload: &Value| judge_text(&identity, None, &payload.to_string(), NOW);
    assert_eq!(identity(&without("jti")), Ok(()));
    assert_eq!(identity(&without("iat")), Err(Reason::MissingClaim));
    let mut several = with("aud", json!(["https://api.example", "x"]));
    assert_eq!(identity(&several), Ok(()));
    several["azp"] = json!("https://api.example");
    assert_eq!(identity(&several), Ok(()));
    several["azp"] = json!("x");
    assert_eq!(identity(&several), Err(Reason::WrongClaim));
    assert_eq!(identity(&with("azp", json!("x"))), Ok(()));
}

#[test]
fn required_and_bound_claims_are_demanded() {
    let issuer = issuer().require_claim("org_id").bind_claim("tid", json!(["a", "b"]));
    let mut right = with("org_id", json!(0));
    right["tid"] = json!("b");
    assert_eq!(judge(&issuer, &right), Ok(()));
    right["tid"] = json!("c");
    assert_eq!(judge(&issuer, &right), Err(Reason::WrongClaim));
    assert_eq!(judge(&issuer, &with("tid", json!("a"))), Err(Reason::MissingClaim));
}

#[test]
fn scopes_are_read_from_strings_and_arrays_of_strings() {
    for (name, value, expected) in [
        ("scope", json!("a b"), vec!["a", "b"]),
        ("scp", json!(["a", "b c"]), vec!["a", "b c"]),
        ("scope", json!("  a  "), vec!["a"]),
        ("scope", json!(7), vec![]),
        ("scope", json!(["a", 7]), vec![]),
        ("scope", json!({"a": 1}), vec![]),
        ("scope", json!(null), vec![]),
    ] {
        let text = with(name, value).to_string();
        let claims = ClaimSet::read(&text).unwrap();
        assert_eq!(claims.scopes(&text).collect::<Vec<_>>(), expected, "{text}");
    }
    let both = json!({"scp": "b", "scope": "a"}).to_string();
    assert_eq!(ClaimSet::read(&both).unwrap().scopes(&both).collect::<Vec<_>>(), ["a"]);
}
