//! Each preset for two applications, and the tokens that they get: shapes as the providers document them.

use claviger::Issuer;
use claviger_providers::auth0;
use claviger_providers::authpi;
use claviger_providers::cloudflare_access;
use claviger_providers::cognito;
use claviger_providers::entra;
use claviger_providers::firebase;
use claviger_providers::github_actions;
use claviger_providers::gitlab;
use claviger_providers::google;
use claviger_providers::keycloak;
use claviger_providers::kubernetes;
use claviger_providers::okta;
use claviger_providers::one_auth;
use claviger_providers::openauth;
use claviger_providers::ory;
use claviger_providers::zitadel;
use serde_json::Value;
use serde_json::json;

use crate::providers::World;
use crate::providers::presets;
use crate::providers::world::OPENAUTH;
use crate::providers::world::sign;
use crate::support::NOW;

/// A preset. `app` is `one` or `two`: two applications at the same provider, of the same tenant where it has any.
pub(crate) struct Preset {
    pub(crate) name: &'static str,
    pub(crate) issuer: fn(&str) -> Issuer,
    pub(crate) typ: Option<&'static str>,
    /// Without `iat` and `exp`, which are always there.
    pub(super) claims: fn(&str) -> Value,
}

impl Preset {
    pub(crate) fn named(name: &str) -> &'static Self {
        presets().find(|preset| preset.name == name).unwrap()
    }

    pub(crate) fn claims(&self, app: &str) -> Value {
        let mut claims = (self.claims)(app);
        claims["iat"] = NOW.into();
        claims["exp"] = (NOW + 300).into();
        claims
    }

    pub(crate) fn token(&self, app: &str) -> String {
        sign(self.typ, &self.claims(app))
    }

    /// Where this provider publishes what belongs to the token's `iss`, by its own documentation.
    pub(crate) fn world(&self, app: &str) -> World {
        let claims = self.claims(app);
        let iss = claims["iss"].as_str().unwrap();
        match self.name {
            "authpi" | "authpi of a domain" => World::with_keys_at(iss, format!("{iss}/jwks.json")),
            "cognito of an emulator" => World::with_keys_at(iss, format!("{iss}/.well-known/jwks.json")),
            "openauth" => World::with_metadata(iss, format!("{iss}/.well-known/oauth-authorization-server")),
            "cloudflare-access" => {
                World::with_keys_at(iss, "https://my-team.cloudflareaccess.com/cdn-cgi/access/certs")
            }
            "entra of customers" => {
                let metadata = "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration";
                World::with_metadata("https://login.microsoftonline.com/{tenantid}/v2.0", metadata)
            }
            "entra v1" => {
                let metadata = format!("https://login.microsoftonline.com/{TENANT}/.well-known/openid-configuration");
                World::with_metadata(iss, metadata)
            }
            _ => World::with_metadata(iss, format!("{}/.well-known/openid-configuration", iss.trim_end_matches('/'))),
        }
    }
}

pub(crate) const TENANT: &str = "9122040d-6c67-4c5b-b112-36a304b66dad";
/// A tenant of somebody else, whose people may come.
pub(crate) const CUSTOMER: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

pub(crate) static PRESETS: &[Preset] = &[
    Preset {
        name: "1auth",
        issuer: |app| one_auth::issuer("https://auth.example.com", "https://api.example.com", app),
        typ: Some("JWT"),
        claims: |app| {
            json!({
                "iss": "https://auth.example.com", "aud": "https://api.example.com", "sub": "user-1",
                "email": "user@example.com", "app_id": app, "roles": ["admin"], "scope": "read",
            })
        },
    },
    Preset {
        name: "auth0",
        issuer: |app| auth0::issuer("tenant.eu.auth0.com", format!("https://{app}.example.com")),
        typ: Some("JWT"),
        claims: |app| {
            json!({
                "iss": "https://tenant.eu.auth0.com/", "sub": "auth0|6553da60a54af58e29493993",
                "aud": [format!("https://{app}.example.com"), "https://tenant.eu.auth0.com/userinfo"],
                "azp": "K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja", "scope": "openid profile read:reports",
                "permissions": ["read:reports"], "org_id": "org_9ybsU1dN2dKfDkBi",
            })
        },
    },
    Preset {
        name: "authpi",
        issuer: |app| authpi::issuer("i_4KJ2x", format!("https://{app}.example.com")),
        typ: Some("at+jwt"),
        claims: |app| {
            json!({
                "iss": "https://idp.authpi.com/i_4KJ2x", "sub": "usr_1", "aud": format!("https://{app}.example.com"),
                "auth_time": NOW, "jti": "abcdefghijklmnopqr", "sid": "ses_1", "client_id": "c_1",
                "dat": { "type": "identity" }, "scope": "read:reports",
                "organizations": [{ "id": "org_1", "title": null, "scopes": ["billing"], "joined_at": "2026-01-01T00:00:00Z" }],
            })
        },
    },
    Preset {
        name: "cloudflare-access",
        issuer: |app| cloudflare_access::issuer("my-team", format!("tag-of-{app}")),
        typ: Some("JWT"),
        claims: |app| {
            json!({
                "iss": "https://my-team.cloudflareaccess.com", "aud": [format!("tag-of-{app}")], "type": "app",
                "email": "user@example.com", "nbf": NOW, "identity_nonce": "6ei69kawdKzMIAPF",
                "sub": "7335d417-61da-459d-899c-0a01c76a2f94", "country": "US",
            })
        },
    },
    Preset {
        name: "cognito",
        issuer: |app| cognito::issuer("eu-west-1_Ab12Cd34E", format!("client-{app}")),
        typ: None,
        claims: |app| {
            json!({
                "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34E", "token_use": "access",
                "client_id": format!("client-{app}"), "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "username": "jane",
                "cognito:groups": ["admins"], "scope": "reports/read", "auth_time": NOW, "version": 2,
                "jti": "a1b2", "origin_jti": "c3d4", "event_id": "e5f6",
            })
        },
    },
    Preset {
        name: "entra",
        issuer: |app| entra::issuer(TENANT, format!("client-{app}")),
        typ: Some("JWT"),
        claims: |app| {
            json!({
                "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"), "aud": format!("client-{app}"),
                "nbf": NOW, "azp": "b73f4f95", "azpacr": "0", "name": "Jane", "preferred_username": "jane@example.com",
                "oid": "690222be", "rh": "0.A", "scp": "Reports.Read", "roles": ["Auditor"], "sub": "HKZpfaHyWadeOouYlitjrI",
                "tid": TENANT, "uti": "fqiBqXLP", "ver": "2.0",
            })
        },
    },
    Preset {
        name: "entra v1",
        issuer: |app| entra::v1_issuer(TENANT, format!("api://{app}")),
        typ: Some("JWT"),
        claims: |app| {
            json!({
                "iss": format!("https://sts.windows.net/{TENANT}/"), "aud": format!("api://{app}"), "nbf": NOW,
                "appid": "c44b4083", "appidacr": "1", "idp": format!("https://sts.windows.net/{TENANT}/"),
                "oid": "690222be", "roles": ["Sync"], "sub": "690222be", "tid": TENANT, "uti": "fqiBqXLP", "ver": "1.0",
            })
        },
    },
    Preset {
        name: "firebase",
        issuer: |app| firebase::issuer(&format!("project-{app}")),
        typ: Some("JWT"),
        claims: |app| {
            json!({
                "iss": format!("https://securetoken.google.com/project-{app}"), "aud": format!("project-{app}"),
                "auth_time": NOW, "user_id": "abc", "sub": "abc", "email": "user@example.com", "email_verified": true,
                "firebase": { "identities": { "email": ["user@example.com"] }, "sign_in_provider": "password" },
            })
        },
    },
    Preset {
        name: "github-actions",
        issuer: |app| github_actions::issuer(&format!("octo-{app}"), "https://deploy.example.com"),
        typ: Some("JWT"),
        claims: |app| {
            json!({
                "iss": "https://token.actions.githubusercontent.com", "aud": "https://deploy.example.com", "nbf": NOW,
                "jti": "example-id", "sub": format!("repo:octo-{app}/site:ref:refs/heads/main"), "environment": "prod",
                "ref": "refs/heads/main", "ref_type": "branch", "sha": "example-sha", "repository": format!("octo-{app}/site"),
                "repository_owner": format!("octo-{app}"), "repository_owner_id": "65", "repository_id": "74",
                "repository_visibility": "private", "actor": "octocat", "actor_id": "12", "run_id": "1",
                "run_number": "10", "run_attempt": "2", "runner_environment": "github-hosted", "event_name": "push",
                "workflow": "deploy", "workflow_ref": format!("octo-{app}/site/.github/workflows/d.yml@refs/heads/main"),
                "head_ref": "", "base_ref": "",
            })
        },
    },
    Preset {
        name: "gitlab",
        issuer: |app| gitlab::issuer("gitlab.com", &format!("group-{app}"), "https://deploy.example.com"),
        typ: Some("JWT"),
        claims: |app| {
            json!({
                "iss": "https://gitlab.com", "aud": "https://deploy.example.com", "nbf": NOW, "jti": "d2e0",
                "sub": format!("project_path:group-{app}/site:ref_type:branch:ref:main"), "namespace_id": "72",
                "namespace_path": format!("group-{app}"), "project_id": "20", "project_path": format!("group-{app}/site"),
                "user_id": "1", "user_login": "jane", "user_email": "jane@example.com", "pipeline_id": "574",
                "pipeline_source": "push", "job_id": "302", "ref": "main", "ref_type": "branch", "ref_path": "refs/heads/main",
                "ref_protected": "true", "runner_id": 1, "runner_environment": "gitlab-hosted", "sha": "714a629c",
            })
        },
    },
    Preset {
        name: "google",
        issuer: |app| google::issuer(format!("1234-{app}.apps.googleusercontent.com")),
        typ: Some("JWT"),
        claims: |app| {
            json!({
                "iss": "https://accounts.google.com", "aud": format!("1234-{app}.apps.googleusercontent.com"),
                "azp": format!("1234-{app}.apps.googleusercontent.com"), "sub": "10769150350006150715113082367",
                "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q", "hd": "example.com", "email": "jsmith@example.com",
                "email_verified": true, "nonce": "0394852-3190485-2490358",
            })
        },
    },
    Preset {
        name: "keycloak",
        issuer: |app| keycloak::issuer("sso.example.com", "main", format!("api-{app}")),
        typ: Some("JWT"),
        claims: |app| {
            json!({
                "iss": "https://sso.example.com/realms/main", "aud": [format!("api-{app}"), "account"], "typ": "Bearer",
                "sub": "f9ad8c2b", "azp": "web", "sid": "3a0c", "jti": "onrtac:1", "acr": "1",
                "allowed-origins": ["https://web.example.com"], "realm_access": { "roles": ["auditor"] },
                "resource_access": { format!("api-{app}"): { "roles": ["editor"] }, "account": { "roles": ["view-profile"] } },
                "scope": "openid profile", "email_verified": false, "preferred_username": "jane",
            })
        },
    },
    Preset {
        name: "kubernetes",
        issuer: |app| kubernetes::issuer("https://oidc.eks.eu-west-1.amazonaws.com/id/0123", app),
        typ: None,
        claims: |app| {
            json!({
                "iss": "https://oidc.eks.eu-west-1.amazonaws.com/id/0123", "aud": [app], "nbf": NOW, "jti": "e51f1fbc",
                "sub": "system:serviceaccount:shop:checkout",
                "kubernetes.io": {
                    "namespace": "shop", "node": { "name": "worker", "uid": "517eb86e" },
                    "pod": { "name": "checkout-1", "uid": "0d8b260e" },
                    "serviceaccount": { "name": "checkout", "uid": "e6a8680e" }, "warnafter": NOW + 200,
                },
            })
        },
    },
    Preset {
        name: "okta",
        issuer: |app| okta::issuer("example.okta.com", "default", format!("api://{app}")),
        typ: None,
        claims: |app| {
            json!({
                "ver": 1, "jti": "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE",
                "iss": "https://example.okta.com/oauth2/default", "aud": format!("api://{app}"), "sub": "jane@example.com",
                "cid": "nmdP1fcyvdVO11AL7ECm", "uid": "00ujmkLgagxeRrAg20g3", "scp": ["openid", "reports.read"],
                "auth_time": NOW, "groups": ["Staff"],
            })
        },
    },
    Preset {
        name: "openauth",
        issuer: |app| openauth::issuer(OPENAUTH, format!("client-{app}")),
        typ: Some("JWT"),
        claims: |app| {
            json!({
                "mode": "access", "type": "user", "properties": { "id": "123" }, "aud": format!("client-{app}"),
                "iss": OPENAUTH, "sub": "user:99e5e7f1d8c2b0a4",
            })
        },
    },
    Preset {
        name: "ory",
        issuer: |app| ory::issuer("my-slug.projects.oryapis.com", format!("https://{app}.example.com")),
        typ: Some("JWT"),
        claims: |app| {
            json!({
                "iss": "https://my-slug.projects.oryapis.com", "aud": [format!("https://{app}.example.com")], "nbf": NOW,
                "sub": "9f425a8d", "client_id": "3fe1", "jti": "0a1b", "scp": ["reports"], "ext": { "plan": "gold" },
            })
        },
    },
    Preset {
        name: "zitadel",
        issuer: |app| zitadel::issuer("my-instance-ab12cd.eu1.zitadel.cloud", format!("27346-{app}")),
        typ: Some("JWT"),
        claims: |app| {
            json!({
                "iss": "https://my-instance-ab12cd.eu1.zitadel.cloud", "aud": ["web@shop", format!("27346-{app}")],
                "sub": "16382", "client_id": "web@shop", "jti": "18273", "nbf": NOW,
                // As a client of another project gets them, whose user is an owner there.
                "urn:zitadel:iam:org:project:roles": { "owner": { "1111": "shop.example.com" } },
                "urn:zitadel:iam:org:project:99999:roles": { "owner": { "1111": "shop.example.com" } },
                format!("urn:zitadel:iam:org:project:27346-{app}:roles"): { "editor": { "1111": "shop.example.com" } },
                "urn:zitadel:iam:user:resourceowner:id": "1111",
            })
        },
    },
];
