//! The presets of providers that have their issuers at several addresses: their tokens differ from those of the first in
//! little.

use claviger_providers::authpi;
use claviger_providers::cognito;
use claviger_providers::entra;
use claviger_providers::github_actions;
use claviger_providers::gitlab;
use claviger_providers::keycloak;
use claviger_providers::okta;
use serde_json::Value;
use serde_json::json;

use crate::providers::Preset;
use crate::providers::presets::CUSTOMER;

/// The claims of the preset `name` with others in the place of some; `null` leaves one out.
fn like(name: &str, app: &str, others: &Value) -> Value {
    let mut claims = Preset::named(name).claims(app);
    for (member, value) in others.as_object().unwrap() {
        claims[member] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

pub(crate) static VARIANTS: &[Preset] = &[
    Preset {
        name: "authpi of a domain",
        issuer: |app| authpi::custom_domain_issuer("id.example.com", format!("https://{app}.example.com")),
        typ: Some("at+jwt"),
        claims: |app| like("authpi", app, &json!({ "iss": "https://id.example.com" })),
    },
    Preset {
        name: "cognito updated",
        issuer: |app| cognito::updated_issuer("eu-west-1_Ab12Cd34E", format!("client-{app}")),
        typ: None,
        claims: |app| {
            let iss = "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34E";
            like("cognito", app, &json!({ "iss": iss }))
        },
    },
    Preset {
        name: "cognito of an emulator",
        issuer: |app| cognito::emulator_issuer("http://localhost:9229", "local_3Xs7kQ9d", format!("client-{app}")),
        typ: None,
        claims: |app| like("cognito", app, &json!({ "iss": "http://localhost:9229/local_3Xs7kQ9d" })),
    },
    Preset {
        name: "entra of customers",
        issuer: |app| entra::multi_tenant_issuer([CUSTOMER], format!("client-{app}")),
        typ: Some("JWT"),
        claims: |app| {
            let iss = format!("https://login.microsoftonline.com/{CUSTOMER}/v2.0");
            like("entra", app, &json!({ "iss": iss, "tid": CUSTOMER }))
        },
    },
    Preset {
        name: "github-actions of an enterprise",
        issuer: |app| {
            github_actions::enterprise_issuer("octocorp", &format!("octo-{app}"), "https://deploy.example.com")
        },
        typ: Some("JWT"),
        claims: |app| {
            let iss = "https://token.actions.githubusercontent.com/octocorp";
            like("github-actions", app, &json!({ "iss": iss, "enterprise": "octocorp" }))
        },
    },
    Preset {
        name: "github-actions of a server",
        issuer: |app| {
            github_actions::server_issuer("git.example.com", &format!("octo-{app}"), "https://deploy.example.com")
        },
        typ: Some("JWT"),
        claims: |app| like("github-actions", app, &json!({ "iss": "https://git.example.com/_services/token" })),
    },
    Preset {
        name: "gitlab of a server",
        issuer: |app| gitlab::issuer("git.example.com", &format!("group-{app}"), "https://deploy.example.com"),
        typ: Some("JWT"),
        claims: |app| like("gitlab", app, &json!({ "iss": "https://git.example.com" })),
    },
    Preset {
        name: "keycloak below a path",
        issuer: |app| keycloak::issuer_under("https://sso.example.com/auth", "main", format!("api-{app}")),
        typ: Some("JWT"),
        claims: |app| like("keycloak", app, &json!({ "iss": "https://sso.example.com/auth/realms/main" })),
    },
    Preset {
        name: "okta of the org",
        issuer: |app| okta::org_issuer("example.okta.com", format!("client-{app}")),
        typ: None,
        claims: |app| {
            let aud = format!("client-{app}");
            let of_id_tokens = json!({ "amr": ["pwd"], "idp": "00o1", "email": "jane@example.com", "at_hash": "x" });
            let mut changes =
                json!({ "iss": "https://example.okta.com", "aud": aud, "scp": null, "cid": null, "uid": null });
            changes.as_object_mut().unwrap().extend(of_id_tokens.as_object().unwrap().clone());
            like("okta", app, &changes)
        },
    },
];
