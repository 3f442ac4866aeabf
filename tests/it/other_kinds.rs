//! No token of any other kind is accepted as an access token; and profile `jwt` accepts exactly what the contract's table
//! says.

use claviger::Issuer;
use claviger::Profile;
use claviger::Verifier;
use claviger_core::Verification;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use claviger_testing::TokenBuilder;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use serde_json::json;

use crate::support::AUDIENCE;
use crate::support::NOW;

struct Subject {
    issuer: TestIssuer,
    rfc9068: Verifier,
    jwt: Verifier,
}

thread_local! {
    static SUBJECT: Subject = Subject::new();
}

impl Subject {
    fn new() -> Self {
        let clock = TestClock::at_second(NOW);
        let issuer = TestIssuer::builder().with_clock(clock.clone()).in_memory();
        let verifier = |profile| {
            let trusted = Issuer::new(issuer.url(), AUDIENCE).with_profile(profile).with_jwks(issuer.jwks());
            Verifier::builder(trusted).with_clock(clock.clone()).build().unwrap()
        };
        Self { rfc9068: verifier(Profile::Rfc9068), jwt: verifier(Profile::Jwt), issuer }
    }
}

fn accepts(verifier: &Verifier, token: &str) -> bool {
    match verifier.begin(token) {
        Verification::Decided(verdict) => verdict.is_ok(),
        Verification::Waiting(_) => panic!("static keys are always at hand"),
    }
}

type Claims = Vec<(&'static str, Value)>;

/// A token that is signed by the key of the issuer, for us and in time, and not an access token.
#[derive(Clone, Debug)]
struct OtherKind {
    /// `None` if the header has none.
    typ: Option<&'static str>,
    claims: Claims,
}

impl OtherKind {
    fn token(&self, issuer: &TestIssuer, more: &Claims) -> String {
        // What makes the kind wins over what any token may have.
        let claims = more.iter().chain(&self.claims);
        let token = claims.fold(issuer.token(), |token, (name, value)| token.claim(*name, value.clone()));
        with_type(token, self.typ).sign()
    }
}

fn with_type(token: TokenBuilder, typ: Option<&'static str>) -> TokenBuilder {
    match typ {
        Some(typ) => token.header("typ", typ),
        None => token.without_header("typ"),
    }
}

/// Kinds that their header names: RFC 9449, 9701, 8417, 9101, and others that have been registered or drafted since.
fn named_by_the_header() -> impl Strategy<Value = OtherKind> {
    let types = [
        "dpop+jwt",
        "token-introspection+jwt",
        "secevent+jwt",
        "logout+jwt",
        "statuslist+jwt",
        "wit+jwt",
        "wpt+jwt",
        "txntoken+jwt",
        "oauth-id-jag+jwt",
        "oauth-authz-req+jwt",
        "oauth-client-attestation+jwt",
        "client-authentication+jwt",
        "entity-statement+jwt",
        "resource-metadata+jwt",
        "openid4vci-proof+jwt",
        "kb+jwt",
        "dc+sd-jwt",
        "vc+jwt",
        "rt+jwt",
        "refresh+jwt",
        "id+jwt",
        "application/logout+jwt",
        "JOSE",
        "",
    ];
    select(types.to_vec()).prop_map(|typ| OtherKind { typ: Some(typ), claims: Vec::new() })
}

/// Kinds that a claim names, under any header that profile `jwt` accepts.
fn named_by_a_claim() -> impl Strategy<Value = OtherKind> {
    let kinds =
        ["refresh", "Refresh", "REFRESH", "refresh-token", "refresh_token", "Offline", "Logout", "logout", "ID", "id"];
    let others = ["id_token", "id-token", "IDToken", "Serialized-ID", "introspection", "txn_token", "user", ""];
    let names = vec!["typ", "token_use", "token_type", "tokenType", "tokenName", "tok_type", "tty"];
    let by_kind = (select(names), select([&kinds[..], &others[..]].concat()));
    let by_purpose =
        (select(vec!["type", "mode"]), select(vec!["refresh", "Refresh-Token", "ID", "id_token", "logout", "offline"]));
    let named = prop_oneof![by_kind, by_purpose].prop_map(|(name, kind)| (name, json!(kind)));
    let marked = prop_oneof![
        select(vec!["at_hash", "c_hash", "s_hash"]).prop_map(|name| (name, json!("LDktKdoQak3Pk0cnXxCltA"))),
        Just(("events", json!({ "http://schemas.openid.net/event/backchannel-logout": {} }))),
        Just(("events", json!({ "https://schemas.openid.net/secevent/caep/event-type/session-revoked": {} }))),
    ];
    let header = select(vec![Some("JWT"), Some("jwt"), Some("application/jwt"), Some("at+jwt"), None]);
    (header, prop_oneof![named, marked]).prop_map(|(typ, claim)| OtherKind { typ, claims: vec![claim] })
}

/// ID tokens with no claim but those of OpenID Connect Core, section 2, and what an issuer adds about the user.
fn id_token() -> impl Strategy<Value = OtherKind> {
    let about = select(vec!["email", "name", "sid", "acr", "auth_time", "org_id", "roles", "groups"]);
    let about = vec(about.prop_map(|name| (name, json!("x"))), 0..4);
    let party = select(vec![None, Some(json!(AUDIENCE)), Some(Value::Null)]);
    let audience = select(vec![json!(AUDIENCE), json!([AUDIENCE])]);
    let header = select(vec![Some("JWT"), None]);
    (header, about, party, audience).prop_map(|(typ, mut claims, party, audience)| {
        claims.extend([("aud", audience), ("client_id", Value::Null)]);
        claims.extend(party.map(|party| ("azp", party)));
        OtherKind { typ, claims }
    })
}

/// What a token of any kind may have besides.
fn more() -> impl Strategy<Value = Claims> {
    let claims = [
        ("scope", json!("read:reports")),
        ("scp", json!(["read:reports"])),
        ("client_id", json!("client-1")),
        ("azp", json!("client-1")),
        ("permissions", json!(["read:reports"])),
        ("cid", json!("client-1")),
        ("token_use", json!("access")),
        ("typ", json!("Bearer")),
        ("sid", json!("s")),
    ];
    vec(select(claims.to_vec()), 0..5)
}

/// Claims that tell kinds of tokens apart, with values near to those that matter.
fn hints() -> impl Strategy<Value = Claims> {
    let names = [
        "typ",
        "token_use",
        "token_type",
        "tokenType",
        "tokenName",
        "tok_type",
        "tty",
        "type",
        "mode",
        "at_hash",
        "c_hash",
        "s_hash",
        "events",
        "nonce",
        "scope",
        "scp",
        "client_id",
        "cid",
        "appid",
        "permissions",
        "azp",
    ];
    let words = [
        "Bearer",
        "dpop",
        "JWT",
        "at+jwt",
        "access",
        "Access-Token",
        "access_token",
        "AT",
        "refresh",
        "refresh_token",
        "id",
        "ID-token",
        "logout",
        "offline",
        "x",
        "",
        AUDIENCE,
    ];
    let text = || select(words.to_vec()).prop_map(Value::from);
    let other = select(vec![Value::Null, json!(7), json!(true), json!([]), json!({}), json!(["access"])]);
    // Of a registered claim another type is wrong in any case, which is not the matter here.
    let claim = (select(names.to_vec()), text(), prop_oneof![3 => Just(None), 1 => other.prop_map(Some)]).prop_map(
        |(name, text, other)| match other {
            Some(other) if !["azp", "client_id"].contains(&name) || other.is_null() => (name, other),
            _ => (name, text),
        },
    );
    vec(claim, 0..5)
}

/// The row of profile `jwt` in the contract's table, once more.
fn is_access_token(typ: Option<&str>, claims: &Value) -> bool {
    let is_declared = typ.is_some_and(|typ| typ.eq_ignore_ascii_case("at+jwt"));
    let spelled = |name: &str| claims[name].as_str().map(|text| text.to_lowercase().replace('-', "_"));
    let is_there = |name: &str| !claims[name].is_null();
    let kinds: Vec<_> = ["typ", "token_use", "token_type", "tokenType", "tokenName", "tok_type", "tty"]
        .into_iter()
        .filter_map(spelled)
        .collect();
    let allowed = ["bearer", "dpop", "jwt", "at+jwt", "access", "access_token", "at"];
    let purposes = ["refresh", "refresh_token", "id", "id_token", "logout", "offline"];
    let is_foreign = !kinds.iter().all(|kind| allowed.contains(&kind.as_str()))
        || ["type", "mode"].into_iter().filter_map(spelled).any(|purpose| purposes.contains(&purpose.as_str()))
        || ["at_hash", "c_hash", "s_hash"].into_iter().any(is_there)
        || claims["events"].is_object();
    let party_is_audience =
        claims["azp"] == claims["aud"] || claims["azp"] == claims["aud"][0] && claims["aud"][1].is_null();
    let is_marked = kinds.iter().any(|kind| kind != "jwt")
        || ["scope", "scp", "client_id", "cid", "appid", "permissions"].into_iter().any(is_there)
        || is_there("azp") && !party_is_audience;
    !is_foreign && (is_declared || is_marked && !is_there("nonce"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_its_header_names_another_kind_is_no_access_token(kind in named_by_the_header(), more in more()) {
        SUBJECT.with(|subject| {
            let token = kind.token(&subject.issuer, &more);
            prop_assert!(!accepts(&subject.rfc9068, &token) && !accepts(&subject.jwt, &token));
            Ok(())
        })?;
    }

    #[test]
    fn what_a_claim_names_another_kind_is_no_access_token(kind in named_by_a_claim(), more in more()) {
        SUBJECT.with(|subject| {
            let token = kind.token(&subject.issuer, &more);
            prop_assert!(!accepts(&subject.jwt, &token));
            // There the header decides, and `at+jwt` names access tokens alone (RFC 9068, section 2.1).
            prop_assert!(kind.typ == Some("at+jwt") || !accepts(&subject.rfc9068, &token));
            Ok(())
        })?;
    }

    #[test]
    fn an_id_token_is_no_access_token(kind in id_token()) {
        SUBJECT.with(|subject| {
            let token = kind.token(&subject.issuer, &Vec::new());
            prop_assert!(!accepts(&subject.rfc9068, &token) && !accepts(&subject.jwt, &token));
            Ok(())
        })?;
    }

    #[test]
    fn profile_jwt_accepts_what_its_table_says_and_nothing_else(
        hints in hints(),
        typ in select(vec![Some("JWT"), Some("at+jwt"), None]),
        audience in select(vec![json!(AUDIENCE), json!([AUDIENCE]), json!([AUDIENCE, "x"])]),
    ) {
        SUBJECT.with(|subject| {
            let mut claims = json!({ "iss": subject.issuer.url(), "exp": NOW + 60, "aud": audience });
            for (name, value) in hints {
                claims[name] = value;
            }
            let token = with_type(subject.issuer.token().raw_payload(claims.to_string()), typ).sign();
            prop_assert_eq!(accepts(&subject.jwt, &token), is_access_token(typ, &claims), "{:?} {}", typ, claims);
            Ok(())
        })?;
    }
}
