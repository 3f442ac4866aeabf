//! The pure decision, row by row.

use serde_json::json;

use super::*;
use crate::claims::ScopeHierarchy;
use crate::error::Reason;
use crate::verifier::sample;
use crate::verifier::sample::NOW;

fn decide(policy: &ScopePolicy, payload: &Value) -> Result<(), Missing> {
    policy.decide(&sample::token(payload, ScopeHierarchy::default()))
}

/// What is missing, as the log has it.
fn missing(policy: &ScopePolicy, payload: &Value) -> Option<String> {
    decide(policy, payload).err().map(|missing| missing.to_string())
}

fn of_scopes(scopes: &[&str]) -> Value {
    json!({"scope": scopes.join(" ")})
}

#[test]
fn all_of_needs_every_one() {
    let policy = ScopePolicy::all_of(["a", "b"]).unwrap();
    assert_eq!(missing(&policy, &of_scopes(&["b", "x", "a"])), None);
    assert_eq!(missing(&policy, &of_scopes(&["a"])).as_deref(), Some("b"));
    assert_eq!(missing(&policy, &json!({})).as_deref(), Some("a, b"));
    assert_eq!(missing(&policy, &of_scopes(&["A", "b", "a:x"])).as_deref(), Some("a"));
}

#[test]
fn any_of_needs_one() {
    let policy = ScopePolicy::any_of(["a", "b"]).unwrap();
    assert_eq!(missing(&policy, &of_scopes(&["b"])), None);
    let lacking = decide(&policy, &of_scopes(&["c"])).unwrap_err();
    assert_eq!(lacking.scopes().to_string(), "a");
    assert_eq!(lacking.reason(), Reason::InsufficientScope);
}

#[test]
fn needs_nest() {
    let policy = ScopePolicy::scope("a").unwrap().and(
        ScopePolicy::scope("b").unwrap().or(ScopePolicy::scope("c").unwrap().and(ScopePolicy::role("r").unwrap())),
    );
    for (scopes, roles, is_met) in [
        (&["a", "b"][..], json!([]), true),
        (&["a", "c"], json!(["r"]), true),
        (&["a", "c"], json!([]), false),
        (&["b", "c"], json!(["r"]), false),
        (&["a"], json!(["r"]), false),
    ] {
        let payload = json!({"scope": scopes, "roles": roles});
        assert_eq!(decide(&policy, &payload).is_ok(), is_met, "{payload}");
    }
    assert_eq!(policy.to_string(), r#""a", any("b", all("c", role("r")))"#);
    assert_eq!(policy.scopes().to_string(), "a b c");
}

#[test]
fn nothing_is_demanded_by_accident() {
    assert_eq!(ScopePolicy::all_of::<&str>([]).unwrap_err(), InvalidPolicy::Empty);
    assert_eq!(ScopePolicy::any_of::<&str>([]).unwrap_err(), InvalidPolicy::Empty);
    assert_eq!(ScopePolicy::acr::<&str>([]).unwrap_err(), InvalidPolicy::Empty);
    assert_eq!(ScopePolicy::permission(" ").unwrap_err(), InvalidPolicy::Blank("permission"));
    assert_eq!(ScopePolicy::role("").unwrap_err(), InvalidPolicy::Blank("role"));
    assert_eq!(ScopePolicy::claim("").unwrap_err(), InvalidPolicy::Blank("claim"));
    assert_eq!(ScopePolicy::path("", "a").unwrap_err(), InvalidPolicy::Blank("path parameter"));
    assert_eq!(ScopePolicy::max_age(Duration::from_millis(999)).unwrap_err(), InvalidPolicy::MaxAge);
    assert!(matches!(ScopePolicy::scope("a b"), Err(InvalidPolicy::Scope(_))));
    for acr in ["", "a b", "a\"", "a\\", "ä"] {
        assert_eq!(ScopePolicy::acr([acr]).unwrap_err(), InvalidPolicy::Acr(acr.to_owned()));
    }
    assert_eq!(missing(&ScopePolicy::authenticated(), &json!({})), None);
    assert!(decide(&ScopePolicy::denied(), &of_scopes(&["admin"])).is_err());
    assert!(decide(&ScopePolicy::denied().and(ScopePolicy::authenticated()), &json!({})).is_err());
}

#[test]
fn a_broader_scope_is_enough_where_the_hierarchy_says_so() {
    let hierarchy = ScopeHierarchy::default().with("admin", ["write"]).unwrap().with("write", ["read"]).unwrap();
    let read = ScopePolicy::scope("read").unwrap();
    for (granted, is_met) in [("read", true), ("write", true), ("admin", true), ("other", false), ("Admin", false)] {
        let token = sample::token(&of_scopes(&[granted]), hierarchy.clone());
        assert_eq!(read.decide(&token).is_ok(), is_met, "{granted}");
    }
    let lacking = ScopePolicy::scope("admin").unwrap().decide(&sample::token(&of_scopes(&["read"]), hierarchy));
    assert_eq!(lacking.unwrap_err().scopes().to_string(), "admin");
}

#[test]
fn scopes_permissions_and_roles_are_three_sets() {
    let payload = json!({"scope": "s", "permissions": ["p", "p q"], "roles": ["r", "r s"]});
    let met = |policy: Result<ScopePolicy, InvalidPolicy>| decide(&policy.unwrap(), &payload).is_ok();
    assert!(met(ScopePolicy::scope("s")));
    assert!(met(ScopePolicy::permission("p")) && met(ScopePolicy::permission("p q")));
    assert!(met(ScopePolicy::role("r")) && met(ScopePolicy::role("r s")));
    for name in ["s", "q"] {
        assert!(!met(ScopePolicy::permission(name)) && !met(ScopePolicy::role(name)), "{name}");
    }
    assert!(!met(ScopePolicy::scope("p")) && !met(ScopePolicy::scope("r")));
    assert!(!met(ScopePolicy::permission("r")) && !met(ScopePolicy::role("p")));
}

#[test]
fn a_set_of_another_type_has_nothing_in_it() {
    for roles in [json!(null), json!(1), json!({"r": true}), json!(["r", 1]), json!([["r"]]), json!("r s")] {
        assert!(decide(&ScopePolicy::role("r").unwrap(), &json!({"roles": roles})).is_err(), "{roles}");
        assert!(decide(&ScopePolicy::permission("r").unwrap(), &json!({"permissions": roles})).is_err(), "{roles}");
    }
    assert!(decide(&ScopePolicy::role("r").unwrap(), &json!({"roles": "r"})).is_ok());
}

#[test]
fn claims_are_compared_as_json_values() {
    let payload = json!({"org_id": "o", "n": 7, "null": null, "ok": true, "https://ns.example/tier": "gold"});
    let met = |policy: Result<ScopePolicy, InvalidPolicy>| decide(&policy.unwrap(), &payload).is_ok();
    assert!(met(ScopePolicy::claim("org_id")) && met(ScopePolicy::claim("ok")));
    assert!(!met(ScopePolicy::claim("null")) && !met(ScopePolicy::claim("other")));
    assert!(met(ScopePolicy::claim_equals("org_id", "o")));
    assert!(met(ScopePolicy::claim_equals("n", 7)) && met(ScopePolicy::claim_equals("ok", true)));
    assert!(met(ScopePolicy::claim_equals("https://ns.example/tier", "gold")));
    assert!(!met(ScopePolicy::claim_equals("n", "7")) && !met(ScopePolicy::claim_equals("ok", "true")));
    assert!(!met(ScopePolicy::claim_equals("org_id", "O")));
    assert!(!met(ScopePolicy::claim_equals("null", Value::Null)));
}

#[test]
fn a_parameter_of_the_path_is_what_a_claim_says() {
    let payload = json!({"tenant_id": "t1", "n": 7, "list": ["t1"], "yes": true});
    let token = sample::token(&payload, ScopeHierarchy::default());
    let decide = |parameter, claim, parameters: &[(&str, &str)]| {
        ScopePolicy::path(parameter, claim).unwrap().decide_at(&token, parameters).is_ok()
    };
    assert!(decide("tenant", "tenant_id", &[("x", "y"), ("tenant", "t1")]));
    assert!(decide("n", "n", &[("n", "7")]));
    assert!(!decide("n", "n", &[("n", "07")]));
    assert!(!decide("tenant", "tenant_id", &[("tenant", "t2")]));
    assert!(!decide("tenant", "tenant_id", &[("tenant", "T1")]));
    assert!(!decide("tenant", "tenant_id", &[("tenant_id", "t1")]));
    assert!(!decide("tenant", "tenant_id", &[("Tenant", "t1")]));
    assert!(!decide("tenant", "tenant_id", &[]));
    assert!(!decide("tenant", "other", &[("tenant", "t1")]));
    assert!(!decide("tenant", "list", &[("tenant", "t1")]));
    assert!(!decide("tenant", "list", &[("tenant", "[\"t1\"]")]));
    assert!(!decide("yes", "yes", &[("yes", "true")]));
    assert!(ScopePolicy::path("tenant", "tenant_id").unwrap().decide(&token).is_err());
}

#[test]
fn a_number_of_the_path_is_compared_as_it_is_written() {
    let payload = r#"{"big":100000000000000000000001,"one":1.0,"flag":true,"list":[1],"text":"1\u0030"}"#;
    let token = sample::token_of(payload, ScopeHierarchy::default());
    let decide = |claim, text| ScopePolicy::path("p", claim).unwrap().decide_at(&token, &[("p", text)]).is_ok();
    for (claim, text) in [("big", "100000000000000000000001"), ("one", "1.0"), ("text", "10")] {
        assert!(decide(claim, text), "{claim} {text}");
    }
    for (claim, text) in [
        ("big", "1e+23"),
        ("big", "1e23"),
        ("big", "100000000000000000000000"),
        ("one", "1"),
        ("flag", "true"),
        ("list", "[1]"),
        ("text", "1\\u0030"),
    ] {
        assert!(!decide(claim, text), "{claim} {text}");
    }
}

/// Routers that are nested may each have one of the same name.
#[test]
fn parameters_of_one_name_that_differ_are_what_no_claim_says() {
    let token = sample::token(&json!({"tenant_id": "t1"}), ScopeHierarchy::default());
    let decide = |parameters: &[(&str, &str)]| {
        ScopePolicy::path("tenant", "tenant_id").unwrap().decide_at(&token, parameters).is_ok()
    };
    assert!(decide(&[("tenant", "t1"), ("x", "t2"), ("tenant", "t1")]));
    assert!(!decide(&[("tenant", "t1"), ("tenant", "t2")]));
    assert!(!decide(&[("tenant", "t2"), ("tenant", "t1")]));
}

#[test]
fn what_a_better_authentication_would_give_is_a_step_up() {
    let acr = ScopePolicy::acr(["gold", "silver"]).unwrap();
    assert_eq!(missing(&acr, &json!({"acr": "silver"})), None);
    for payload in [json!({}), json!({"acr": "Gold"}), json!({"acr": "gold silver"}), json!({"acr": 1})] {
        let lacking = decide(&acr, &payload).unwrap_err();
        assert_eq!(lacking.reason(), Reason::InsufficientAuthentication, "{payload}");
        assert_eq!(lacking.step_up().unwrap().acr_values().to_string(), "gold silver");
    }
    let recent = ScopePolicy::max_age(Duration::from_secs(60)).unwrap();
    for (auth_time, is_met) in [
        (json!(NOW), true),
        (json!(NOW - 90), true),
        (json!(NOW - 91), false),
        (json!(NOW + 30), true),
        (json!(NOW + 31), false),
        (json!(NOW.to_string()), false),
        (json!(null), false),
    ] {
        let lacking = decide(&recent, &json!({"auth_time": auth_time}));
        assert_eq!(lacking.is_ok(), is_met, "{auth_time}");
        let age = lacking.err().map(|lacking| lacking.step_up().unwrap().max_age());
        assert!(age.is_none_or(|age| age == Some(Duration::from_secs(60))));
    }
}

#[test]
fn a_step_up_is_told_only_where_it_helps() {
    let acr = || ScopePolicy::acr(["gold"]).unwrap();
    let with_scope = acr().and(ScopePolicy::scope("a").unwrap());
    let lacking = decide(&with_scope, &json!({})).unwrap_err();
    assert_eq!(lacking.reason(), Reason::InsufficientAuthentication);
    assert_eq!(lacking.scopes().to_string(), "a");
    let with_role = acr().and(ScopePolicy::role("r").unwrap());
    let lacking = decide(&with_role, &json!({})).unwrap_err();
    assert_eq!((lacking.reason(), lacking.step_up()), (Reason::Forbidden, None));
    assert_eq!(decide(&with_role, &json!({"roles": ["r"]})).unwrap_err().reason(), Reason::InsufficientAuthentication);
    let role_or_acr = ScopePolicy::role("r").unwrap().or(acr());
    assert_eq!(decide(&role_or_acr, &json!({})).unwrap_err().reason(), Reason::InsufficientAuthentication);
    let scope = || ScopePolicy::scope("a").unwrap();
    for scope_or_acr in [scope().or(acr()), acr().or(scope())] {
        assert_eq!(decide(&scope_or_acr, &json!({})).unwrap_err().reason(), Reason::InsufficientScope);
    }
    let with_denied = acr().and(ScopePolicy::denied());
    assert_eq!(decide(&with_denied, &json!({})).unwrap_err().reason(), Reason::Forbidden);
    let both = acr().and(ScopePolicy::max_age(Duration::from_secs(300)).unwrap());
    let lacking = decide(&both, &json!({})).unwrap_err();
    assert_eq!(lacking.step_up().unwrap().max_age(), Some(Duration::from_secs(300)));
    assert_eq!(lacking.step_up().unwrap().acr_values().to_string(), "gold");
}

/// RFC 9470, section 3: `max_age` is a whole number of seconds.
#[test]
fn of_several_step_ups_the_client_is_told_what_meets_all() {
    let max_age = |millis| ScopePolicy::max_age(Duration::from_millis(millis)).unwrap();
    let several = ScopePolicy::acr(["gold"]).unwrap().and(max_age(300_000)).and(max_age(60_900));
    for policy in [several.clone(), max_age(60_900).and(ScopePolicy::acr(["gold"]).unwrap()).and(max_age(300_000))] {
        let lacking = decide(&policy, &json!({})).unwrap_err();
        let step_up = lacking.step_up().unwrap();
        assert_eq!(
            (step_up.acr_values().to_string().as_str(), step_up.max_age()),
            ("gold", Some(Duration::from_secs(60)))
        );
    }
    let log = missing(&several.and(ScopePolicy::scope("a").unwrap()), &json!({}));
    assert_eq!(log.as_deref(), Some("a, acr of gold, authenticated within 60 s"));
    assert_eq!(missing(&max_age(60_900), &json!({"auth_time": NOW - 90})), None);
    assert!(missing(&max_age(60_900), &json!({"auth_time": NOW as f64 - 90.5})).is_some());
}

#[test]
fn a_predicate_sees_the_token() {
    let policy = ScopePolicy::predicate("is_ann", |token| token.subject() == Some("ann"));
    assert_eq!(missing(&policy, &json!({"sub": "ann"})), None);
    assert_eq!(missing(&policy, &json!({"sub": "bob"})).as_deref(), Some("predicate(is_ann)"));
}

#[test]
fn a_name_that_is_no_identifier_is_shown_as_text() {
    for (name, shown) in [
        ("org_id", "claim(org_id)"),
        ("type", "claim(type)"),
        ("https://ns.example/tier", r#"claim("https://ns.example/tier")"#),
        ("a\"b", r#"claim("a\"b")"#),
        ("_", r#"claim("_")"#),
        ("7", r#"claim("7")"#),
    ] {
        assert_eq!(ScopePolicy::claim(name).unwrap().to_string(), shown);
    }
    assert_eq!(ScopePolicy::claim_equals("is-new", true).unwrap().to_string(), r#"claim("is-new" = true)"#);
    assert_eq!(ScopePolicy::path("tenant-id", "tid").unwrap().to_string(), r#"path("tenant-id" = "tid")"#);
}

#[test]
fn an_organization_is_one_of_those_that_are_listed() {
    let policy = ScopePolicy::organization("org_1").unwrap();
    let one = |id: &str| json!({"id": id, "title": null, "scopes": ["read"], "joined_at": "2026-01-01"});
    assert_eq!(missing(&policy, &json!({"organizations": [one("org_2"), one("org_1")]})), None);
    for without in [
        json!({}),
        json!({"organizations": null}),
        json!({"organizations": []}),
        json!({"organizations": [one("org_2"), one("ORG_1"), one("org_10")]}),
        json!({"organizations": "org_1"}),
        json!({"organizations": ["org_1"]}),
        json!({"organizations": one("org_1")}),
        json!({"organizations": [one("org_1"), {"title": "x"}]}),
        json!({"org_id": "org_1"}),
    ] {
        assert_eq!(missing(&policy, &without).as_deref(), Some(r#"organization("org_1")"#), "{without}");
    }
    let in_path = ScopePolicy::organization_in_path("org").unwrap();
    let token = sample::token(&json!({"organizations": [one("org_1")]}), ScopeHierarchy::default());
    assert!(in_path.asks_for_parameters());
    assert!(in_path.decide_at(&token, &[("id", "7"), ("org", "org_1")]).is_ok());
    for parameters in [&[("org", "org_2")][..], &[("id", "org_1")], &[]] {
        assert!(in_path.decide_at(&token, parameters).is_err(), "{parameters:?}");
    }
    assert!(ScopePolicy::organization(" ").is_err() && ScopePolicy::organization_in_path("").is_err());
}
