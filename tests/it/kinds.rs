//! Section 2 of the contract, the profiles: which kinds of tokens are accepted.

use claviger::Profile;
use claviger::error::Reason;
use claviger_testing::TokenBuilder;
use serde_json::Value;
use serde_json::json;

use crate::support::AUDIENCE;
use crate::support::Api;
use crate::support::Rules;

const KIND_CLAIMS: [&str; 7] = ["typ", "token_use", "token_type", "tokenType", "tokenName", "tok_type", "tty"];
const HEADERS: [Option<&str>; 4] = [Some("JWT"), None, Some("application/jwt"), Some("at+jwt")];

const JWT: Rules = |issuer| issuer.with_profile(Profile::Jwt);
const IDENTITY: Rules = |issuer| issuer.with_profile(Profile::Identity);

/// A token with this `typ` in its header, and no claim that marks an access token.
fn unmarked(api: &Api, typ: Option<&str>) -> TokenBuilder {
    let token = api.token().without("client_id");
    match typ {
        Some(typ) => token.header("typ", typ),
        None => token.without_header("typ"),
    }
}

async fn passes(api: &Api, token: TokenBuilder) {
    api.show(&token.sign()).await.assert_passed();
}

async fn is_wrong(api: &Api, token: TokenBuilder) {
    api.show(&token.sign()).await.assert_invalid_token(Reason::WrongType);
}

#[tokio::test]
async fn a_kind_claim_of_profile_jwt_names_an_access_token_whatever_the_header_says() {
    let api = Api::with_rules(JWT);
    let others = [
        "refresh",
        "Refresh",
        "REFRESH",
        "refresh-token",
        "refresh_token",
        "Refresh-Token",
        "Offline",
        "Logout",
        "ID",
        "id",
        "id_token",
        "IDToken",
        "Serialized-ID",
        "dpop+jwt",
        "at-jwt",
        "user",
        "",
        " ",
        "access ",
    ];
    for claim in KIND_CLAIMS {
        for typ in HEADERS {
            for kind in others {
                is_wrong(&api, unmarked(&api, typ).scope("a").claim(claim, kind)).await;
            }
        }
    }
}

#[tokio::test]
async fn a_kind_claim_of_an_access_token_is_a_mark_and_jwt_alone_is_none() {
    let api = Api::with_rules(JWT);
    for claim in KIND_CLAIMS {
        for kind in
            ["Bearer", "bearer", "DPoP", "at+jwt", "AT+JWT", "access", "ACCESS", "access_token", "Access-Token", "at"]
        {
            passes(&api, unmarked(&api, None).claim(claim, kind)).await;
        }
        for kind in ["JWT", "jwt"] {
            is_wrong(&api, unmarked(&api, None).claim(claim, kind)).await;
            passes(&api, unmarked(&api, None).claim(claim, kind).scope("a")).await;
        }
    }
}

#[tokio::test]
async fn a_kind_claim_that_is_not_a_string_names_no_kind() {
    let api = Api::with_rules(JWT);
    for value in [json!(null), json!(7), json!(true), json!(["refresh"]), json!({ "kind": "refresh" })] {
        passes(&api, unmarked(&api, None).claim("token_use", value.clone()).scope("a")).await;
        is_wrong(&api, unmarked(&api, None).claim("token_use", value)).await;
    }
}

#[tokio::test]
async fn type_and_mode_are_the_applications_own_unless_they_name_another_kind() {
    let api = Api::with_rules(JWT);
    for claim in ["type", "mode"] {
        for kind in
            ["refresh", "Refresh", "refresh_token", "refresh-token", "id", "ID", "id_token", "logout", "offline"]
        {
            for typ in HEADERS {
                is_wrong(&api, unmarked(&api, typ).scope("a").claim(claim, kind)).await;
            }
        }
        for value in [json!("access"), json!("user"), json!("refreshing"), json!(7), json!(["refresh"])] {
            passes(&api, unmarked(&api, None).scope("a").claim(claim, value.clone())).await;
            is_wrong(&api, unmarked(&api, None).claim(claim, value)).await;
        }
    }
}

#[tokio::test]
async fn claims_of_id_tokens_and_logout_tokens_are_refused_by_profile_jwt() {
    let api = Api::with_rules(JWT);
    let logout = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    for (claim, value) in [
        ("at_hash", json!("x")),
        ("c_hash", json!("x")),
        ("s_hash", json!(7)),
        ("events", json!({})),
        ("events", logout),
    ] {
        for typ in HEADERS {
            is_wrong(&api, unmarked(&api, typ).scope("a").claim(claim, value.clone())).await;
        }
    }
    for (claim, value) in [("at_hash", json!(null)), ("events", json!(["login"])), ("events", json!("login"))] {
        passes(&api, unmarked(&api, None).scope("a").claim(claim, value)).await;
    }
}

#[tokio::test]
async fn a_nonce_marks_an_id_token_unless_it_is_allowed_or_the_header_says_access_token() {
    let api = Api::with_rules(JWT);
    let with_nonce = |api: &Api, typ| unmarked(api, typ).scope("a").claim("nonce", "n");
    is_wrong(&api, with_nonce(&api, Some("JWT"))).await;
    is_wrong(&api, with_nonce(&api, None)).await;
    passes(&api, with_nonce(&api, Some("at+jwt"))).await;
    passes(&api, unmarked(&api, None).scope("a").claim("nonce", json!(null))).await;
    let older = Api::with_rules(|issuer| issuer.with_profile(Profile::Jwt).allow_nonce());
    passes(&older, with_nonce(&older, Some("JWT"))).await;
    is_wrong(&older, unmarked(&older, None).claim("nonce", "n")).await;
    is_wrong(&older, with_nonce(&older, None).claim("at_hash", "x")).await;
}

#[tokio::test]
async fn profile_jwt_wants_a_mark_of_an_access_token() {
    let api = Api::with_rules(JWT);
    is_wrong(&api, unmarked(&api, Some("JWT"))).await;
    is_wrong(&api, unmarked(&api, None)).await;
    passes(&api, unmarked(&api, Some("at+jwt"))).await;
    for claim in ["scope", "scp", "client_id", "cid", "appid", "permissions", "azp"] {
        passes(&api, unmarked(&api, None).claim(claim, "x")).await;
        is_wrong(&api, unmarked(&api, None).claim(claim, json!(null))).await;
    }
    for (claim, value) in [("scope", json!([])), ("permissions", json!({})), ("appid", json!(7))] {
        passes(&api, unmarked(&api, None).claim(claim, value)).await;
    }
}

#[tokio::test]
async fn azp_is_no_mark_where_it_is_the_only_audience() {
    let api = Api::with_rules(JWT);
    for (audience, azp, is_mark) in [
        (json!(AUDIENCE), AUDIENCE, false),
        (json!([AUDIENCE]), AUDIENCE, false),
        (json!([AUDIENCE, AUDIENCE]), AUDIENCE, false),
        (json!([AUDIENCE, "https://other.example"]), AUDIENCE, true),
        (json!(AUDIENCE), "client-1", true),
        (json!([AUDIENCE]), "https://api.example.com/", true),
    ] {
        let token = unmarked(&api, None).audience(audience).claim("azp", azp);
        if is_mark { passes(&api, token).await } else { is_wrong(&api, token).await }
    }
    let party = || unmarked(&api, None).claim("azp", AUDIENCE);
    passes(&api, party().scope("a")).await;
    passes(&api, party().header("typ", "at+jwt")).await;
    let absent = Api::with_rules(|issuer| JWT(issuer).with_audience_rule(claviger::AudienceRule::ClientId));
    passes(&absent, unmarked(&absent, None).without("aud").claim("azp", AUDIENCE)).await;
}

#[tokio::test]
async fn a_claim_of_the_issuers_own_replaces_the_marks() {
    let api = Api::with_rules(|issuer| JWT(issuer).with_access_token_claim("app_id"));
    for value in [json!("billing"), json!(""), json!(0), json!(false), json!([])] {
        passes(&api, unmarked(&api, None).claim("app_id", value)).await;
    }
    is_wrong(&api, unmarked(&api, None).scope("a")).await;
    is_wrong(&api, unmarked(&api, None).scope("a").claim("app_id", json!(null))).await;
    is_wrong(&api, unmarked(&api, None).claim("app_id", "billing").claim("token_use", "refresh")).await;
    is_wrong(&api, unmarked(&api, None).claim("app_id", "billing").claim("nonce", "n")).await;
    passes(&api, unmarked(&api, Some("at+jwt"))).await;
}

#[tokio::test]
async fn claims_and_values_of_the_issuers_own_replace_the_marks_together() {
    let rules: Rules =
        |issuer| JWT(issuer).bind_access_token_claim("mode", "access").bind_access_token_claim("v", json!([1, 2]));
    let api = Api::with_rules(rules);
    let token = |mode: Value, v: Value| unmarked(&api, None).claim("mode", mode).claim("v", v);
    passes(&api, token(json!("access"), json!(2))).await;
    for (mode, v) in [
        (json!("access"), json!(3)),
        (json!("access"), json!("1")),
        (json!("access"), json!(null)),
        (json!("Access"), json!(1)),
        (json!(["access"]), json!(1)),
        (json!("refresh"), json!(1)),
    ] {
        is_wrong(&api, token(mode, v).scope("a")).await;
    }
}

#[tokio::test]
async fn a_claim_of_the_issuers_own_is_exempt_only_where_it_is_as_configured() {
    let api = Api::with_rules(|issuer| JWT(issuer).bind_access_token_claim("token_use", json!(["app", "access"])));
    passes(&api, unmarked(&api, None).claim("token_use", "app")).await;
    passes(&api, unmarked(&api, Some("at+jwt")).claim("token_use", "app")).await;
    is_wrong(&api, unmarked(&api, None).claim("token_use", "app").claim("typ", "ID")).await;
    for typ in HEADERS {
        is_wrong(&api, unmarked(&api, typ).claim("token_use", "refresh").scope("a")).await;
    }
    let any = Api::with_rules(|issuer| JWT(issuer).with_access_token_claim("nonce"));
    passes(&any, unmarked(&any, None).claim("nonce", "n")).await;
}

#[tokio::test]
async fn profile_identity_accepts_the_types_of_its_list_alone() {
    let api = Api::with_rules(IDENTITY);
    for typ in [Some("JWT"), Some("jwt"), Some("application/JWT"), None] {
        passes(&api, unmarked(&api, typ)).await;
    }
    for typ in
        ["at+jwt", "wit+jwt", "txntoken+jwt", "oauth-id-jag+jwt", "statuslist+jwt", "logout+jwt", "id+jwt", "", "x"]
    {
        is_wrong(&api, unmarked(&api, Some(typ))).await;
    }
    let listed =
        Api::with_rules(|issuer| IDENTITY(issuer).add_token_type("wit+jwt").add_token_type("application/Kb+jwt"));
    for typ in ["wit+jwt", "WIT+jwt", "application/wit+jwt", "kb+jwt", "JWT"] {
        passes(&listed, unmarked(&listed, Some(typ))).await;
    }
    is_wrong(&listed, unmarked(&listed, Some("at+jwt"))).await;
}

#[tokio::test]
async fn profile_identity_refuses_refresh_offline_and_logout_tokens() {
    let api = Api::with_rules(IDENTITY);
    for claim in KIND_CLAIMS {
        for kind in ["refresh", "Refresh", "refresh-token", "Offline", "LOGOUT"] {
            is_wrong(&api, unmarked(&api, Some("JWT")).claim(claim, kind)).await;
        }
        for kind in ["ID", "id_token", "JWT", "workload"] {
            passes(&api, unmarked(&api, Some("JWT")).claim(claim, kind)).await;
        }
    }
    for events in [json!({}), json!({ "a": {} }), json!([]), json!("x")] {
        is_wrong(&api, unmarked(&api, Some("JWT")).claim("events", events)).await;
    }
    passes(&api, unmarked(&api, Some("JWT")).claim("events", json!(null))).await;
}

#[tokio::test]
async fn profile_identity_accepts_id_tokens_with_an_azp_of_ours() {
    let api = Api::with_rules(IDENTITY);
    let id_token = || unmarked(&api, Some("JWT")).without("jti").claim("nonce", "n").claim("at_hash", "x");
    passes(&api, id_token()).await;
    for name in ["iss", "aud", "exp", "iat"] {
        api.show(&id_token().without(name).sign()).await.assert_invalid_token(Reason::MissingClaim);
    }
    let several = || id_token().audience(vec![AUDIENCE, "https://other.example"]);
    passes(&api, several()).await;
    passes(&api, several().claim("azp", AUDIENCE)).await;
    api.show(&several().claim("azp", "https://other.example").sign()).await.assert_invalid_token(Reason::WrongClaim);
    passes(&api, id_token().claim("azp", "https://other.example")).await;
}

/// The profile rests on `typ` of the header, which no other kind of token has.
#[tokio::test]
async fn profile_rfc9068_accepts_one_type_alone() {
    let api = Api::new();
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
        passes(&api, api.token().header("typ", typ)).await;
    }
    for typ in ["JWT", "application/jwt", "at", "jwt+at", "text/at+jwt", "at+jwt ", "", "logout+jwt", "dpop+jwt"] {
        is_wrong(&api, api.token().header("typ", typ)).await;
    }
    is_wrong(&api, api.token().without_header("typ")).await;
}
