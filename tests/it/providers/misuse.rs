//! What must not pass at a preset although the provider has signed it.

use claviger::error::Reason;
use serde_json::Value;
use serde_json::json;

use crate::providers::Preset;
use crate::providers::presets;
use crate::providers::world::Worlds;
use crate::providers::world::sign;

#[tokio::test]
async fn of_all_tokens_of_all_applications_only_the_diagonal_passes() {
    let applications: Vec<_> = presets().flat_map(|preset| [(preset, "one"), (preset, "two")]).collect();
    let mut passed = 0;
    for &(preset, app) in &applications {
        let verifier = preset.world(app).verifier((preset.issuer)(app));
        for &(other, theirs) in &applications {
            let verdict = verifier.verify(&other.token(theirs)).await;
            let is_own = preset.name == other.name && app == theirs;
            assert_eq!(verdict.is_ok(), is_own, "{} {theirs} at {} {app}", other.name, preset.name);
            passed += usize::from(is_own);
        }
    }
    assert_eq!(passed, 52);
}

#[tokio::test]
async fn of_all_issuers_in_one_verifier_each_keeps_its_rules() {
    let worlds = Worlds::of(presets().map(|preset| preset.world("one")));
    let verifier = worlds.verifier(presets().map(|preset| (preset.issuer)("one")));
    for preset in presets() {
        let believed = verifier.verify(&preset.token("one")).await;
        assert!(believed.is_ok(), "{}: {:?}", preset.name, believed.err());
        let error = verifier.verify(&preset.token("two")).await.unwrap_err();
        let expected = match preset.name.split(' ').next().unwrap() {
            "1auth" | "github-actions" | "gitlab" => Reason::WrongClaim,
            "firebase" => Reason::UnknownIssuer,
            _ => Reason::WrongAudience,
        };
        assert_eq!(error.reason(), expected, "{}", preset.name);
    }
}

/// The preset, what somebody tries, the `typ` of the token, its claims that differ (`null` leaves one out), the reason.
type Attempt = (&'static str, &'static str, Option<&'static str>, Value, Reason);

#[tokio::test]
async fn what_people_try_is_refused() {
    use Reason::*;
    const JWT: Option<&str> = Some("JWT");
    let no_marks =
        |aud: &str| json!({ "aud": aud, "azp": null, "scp": null, "scope": null, "permissions": null, "cid": null });
    let attempts: Vec<Attempt> = vec![
        ("1auth", "no application", JWT, json!({ "app_id": null }), WrongType),
        ("1auth", "a refresh token", JWT, json!({ "token_use": "refresh" }), WrongType),
        ("1auth", "an ID token", JWT, json!({ "nonce": "n", "at_hash": "x" }), WrongType),
        ("1auth", "several applications", JWT, json!({ "app_id": ["one", "two"] }), WrongClaim),
        ("1auth", "the application in another case", JWT, json!({ "app_id": "One" }), WrongClaim),
        ("auth0", "an ID token", JWT, no_marks("https://one.example.com"), WrongType),
        (
            "auth0",
            "the userinfo endpoint alone",
            JWT,
            json!({ "aud": "https://tenant.eu.auth0.com/userinfo" }),
            WrongAudience,
        ),
        ("auth0", "no slash", JWT, json!({ "iss": "https://tenant.eu.auth0.com" }), UnknownIssuer),
        ("auth0", "another tenant", JWT, json!({ "iss": "https://other.eu.auth0.com/" }), UnknownIssuer),
        ("authpi", "an ID or refresh token", None, json!({}), WrongType),
        ("authpi", "a client without resource", Some("at+jwt"), json!({ "aud": "c_1" }), WrongAudience),
        ("cloudflare-access", "the session of the team", JWT, json!({ "type": "org" }), WrongClaim),
        ("cloudflare-access", "no type", JWT, json!({ "type": null }), MissingClaim),
        (
            "cloudflare-access",
            "another team",
            JWT,
            json!({ "iss": "https://their-team.cloudflareaccess.com" }),
            UnknownIssuer,
        ),
        (
            "cognito",
            "an ID token",
            None,
            json!({ "token_use": "id", "aud": "client-one", "client_id": null }),
            WrongType,
        ),
        ("cognito", "no use", None, json!({ "token_use": null }), MissingClaim),
        ("cognito", "another client", None, json!({ "client_id": "client-two" }), WrongAudience),
        ("cognito", "an audience beside our client", None, json!({ "aud": "https://other.example" }), WrongAudience),
        ("entra", "an ID token", JWT, no_marks("client-one"), WrongType),
        ("entra", "version 1.0", JWT, json!({ "ver": "1.0" }), WrongClaim),
        ("entra", "another tenant's id", JWT, json!({ "tid": "00000000-0000-0000-0000-000000000000" }), WrongClaim),
        ("entra", "Microsoft Graph", JWT, json!({ "aud": "00000003-0000-0000-c000-000000000000" }), WrongAudience),
        ("entra v1", "version 2.0", JWT, json!({ "ver": "2.0" }), WrongClaim),
        (
            "entra v1",
            "the issuer of version 2.0",
            JWT,
            json!({ "iss": "https://login.microsoftonline.com/9122040d-6c67-4c5b-b112-36a304b66dad/v2.0" }),
            UnknownIssuer,
        ),
        (
            "firebase",
            "a custom token",
            JWT,
            json!({ "iss": "firebase-adminsdk@project-one.iam.gserviceaccount.com" }),
            UnknownIssuer,
        ),
        ("firebase", "another project as audience", JWT, json!({ "aud": "project-two" }), WrongAudience),
        ("firebase", "never signed in", JWT, json!({ "auth_time": null }), MissingClaim),
        ("github-actions", "the owner in another case", JWT, json!({ "repository_owner": "Octo-one" }), WrongClaim),
        ("github-actions", "several owners", JWT, json!({ "repository_owner": ["octo-one"] }), WrongClaim),
        ("github-actions", "no owner", JWT, json!({ "repository_owner": null }), MissingClaim),
        (
            "github-actions",
            "the owner's default audience",
            JWT,
            json!({ "aud": "https://github.com/octo-one" }),
            WrongAudience,
        ),
        ("gitlab", "somebody who logs in with GitLab", JWT, json!({ "namespace_path": null }), MissingClaim),
        ("gitlab", "the group in another case", JWT, json!({ "namespace_path": "Group-one" }), WrongClaim),
        ("gitlab", "a group below", JWT, json!({ "namespace_path": "group-one/below" }), WrongClaim),
        ("google", "another client", JWT, json!({ "aud": "evil.apps.googleusercontent.com" }), WrongAudience),
        ("google", "nobody", JWT, json!({ "sub": null }), MissingClaim),
        ("google", "a third spelling", JWT, json!({ "iss": "https://accounts.google.com/" }), UnknownIssuer),
        (
            "google",
            "two audiences, for another party",
            JWT,
            json!({ "aud": ["1234-one.apps.googleusercontent.com", "x"], "azp": "x" }),
            WrongClaim,
        ),
        ("keycloak", "an ID token", JWT, json!({ "typ": "ID" }), WrongType),
        ("keycloak", "a refresh token", JWT, json!({ "typ": "Refresh" }), WrongType),
        ("keycloak", "an offline token", JWT, json!({ "typ": "Offline" }), WrongType),
        ("keycloak", "a logout token", JWT, json!({ "typ": "Logout", "events": {} }), WrongType),
        ("keycloak", "no type", JWT, json!({ "typ": null }), MissingClaim),
        ("keycloak", "no audience mapper", JWT, json!({ "aud": "account" }), WrongAudience),
        ("keycloak", "no audience at all", JWT, json!({ "aud": null }), MissingClaim),
        ("keycloak", "another realm", JWT, json!({ "iss": "https://sso.example.com/realms/master" }), UnknownIssuer),
        (
            "kubernetes",
            "the token for the API server",
            None,
            json!({ "aud": ["https://kubernetes.default.svc"] }),
            WrongAudience,
        ),
        ("kubernetes", "a token from a Secret", None, json!({ "exp": null, "aud": null }), MissingClaim),
        ("kubernetes", "not of a service account", None, json!({ "kubernetes.io": null }), MissingClaim),
        ("okta", "an ID token", None, no_marks("api://one"), WrongType),
        ("okta", "an ID token with a scope", None, json!({ "cid": null }), MissingClaim),
        ("okta", "the org's own access token", None, json!({ "iss": "https://example.okta.com" }), UnknownIssuer),
        ("openauth", "another mode", JWT, json!({ "mode": "refresh" }), WrongType),
        ("openauth", "no mode", JWT, json!({ "mode": null }), WrongType),
        ("openauth", "a mode of another type", JWT, json!({ "mode": ["access"] }), WrongType),
        ("openauth", "another client", JWT, json!({ "aud": "client-two" }), WrongAudience),
        ("openauth", "no expiry", JWT, json!({ "exp": null }), MissingClaim),
        ("ory", "no audience asked for", JWT, json!({ "aud": [] }), WrongAudience),
        ("ory", "an ID token", JWT, json!({ "at_hash": "x", "scp": null, "client_id": null }), WrongType),
        ("ory", "no client", JWT, json!({ "client_id": null }), MissingClaim),
        ("zitadel", "an ID token", JWT, json!({ "jti": null, "azp": "web@shop" }), MissingClaim),
    ];
    let mut unexpected = Vec::new();
    for (name, what, typ, changes, reason) in attempts {
        let preset = Preset::named(name);
        let mut claims = preset.claims("one");
        for (member, value) in changes.as_object().unwrap() {
            claims[member] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let verdict = preset.world("one").verify((preset.issuer)("one"), &sign(typ, &claims)).await;
        let found = verdict.err().map(|error| error.reason());
        if found != Some(reason) {
            unexpected.push((name, what, found));
        }
    }
    assert_eq!(unexpected, []);
}
