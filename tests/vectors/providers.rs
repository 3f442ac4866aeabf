//! The documents that providers published, through the presets of those providers.

use claviger_core::Issuer;
use claviger_core::KeyState;
use claviger_core::Verifier;
use claviger_core::vectors;
use claviger_providers::auth0;
use claviger_providers::cloudflare_access;
use claviger_providers::cognito;
use claviger_providers::entra;
use claviger_providers::github_actions;
use claviger_providers::gitlab;
use claviger_providers::google;
use claviger_providers::keycloak;
use claviger_providers::okta;
use http::HeaderMap;
use serde_json::json;

use crate::publication::Publication;
use crate::source::Vectors;
use crate::source::text;

const COMMON: &str = "https://login.microsoftonline.com/common/v2.0/";
const TENANT: &str = "9122040d-6c67-4c5b-b112-36a304b66dad";

async fn keys_of(issuer: Issuer, publication: Publication, jwks: &str) {
    let verifier = Verifier::builder(issuer).with_fetch(publication).build().unwrap();
    verifier.refresh_now().await.unwrap();
    let status = &verifier.status()[0];
    assert_eq!(status.state, KeyState::Fresh, "{}", status.issuer);
    assert_eq!(Ok(status.key_ids.len()), vectors::usable_keys(jwks), "{}", status.issuer);
}

#[tokio::test]
async fn discovery_as_it_was_recorded_states_the_issuer_of_the_preset() {
    let Some(vectors) = Vectors::open() else { return };
    for (document, at, issuer) in [
        ("dockyard-auth0", "https://common.auth0.com/", auth0::issuer("common.auth0.com", "api")),
        ("dockyard-google", "https://accounts.google.com/", google::issuer("client")),
        ("google", "https://accounts.google.com/", google::issuer("client")),
        ("gitlab", "https://gitlab.com/", gitlab::issuer("gitlab.com", "group", "api")),
        (
            "dockyard-keycloak",
            "http://localhost:8080/realms/master/",
            keycloak::issuer_under("http://localhost:8080", "master", "api"),
        ),
        ("entra-common", COMMON, entra::multi_tenant_issuer([TENANT], "api")),
        ("entra-organizations", COMMON, entra::multi_tenant_issuer([TENANT], "api")),
        ("dockyard-azure", COMMON, entra::multi_tenant_issuer([TENANT], "api")),
        ("dockyard-okta", "https://common.okta.com/", okta::org_issuer("common.okta.com", "client")),
    ] {
        let metadata = vectors.text(&format!("discovery/{document}.json"));
        let jwks = vectors.text(&format!("jwks/{document}.json"));
        let jwks_uri = vectors.json(&format!("discovery/{document}.json"))["jwks_uri"].clone();
        let publication = Publication::default();
        publication.put(&format!("{at}.well-known/openid-configuration"), metadata, HeaderMap::new());
        publication.put(text(&jwks_uri), jwks.as_str(), HeaderMap::new());
        keys_of(issuer, publication, &jwks).await;
    }
}

/// Of some only the keys were recorded, or the document of no tenant or with the pool's name blotted out.
#[tokio::test]
async fn keys_as_they_were_recorded_serve_the_preset() {
    let Some(vectors) = Vectors::open() else { return };
    let pool = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1";
    let entra = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let realm = "https://sso.example.com/realms/main";
    let github = "https://token.actions.githubusercontent.com";
    for (document, iss, issuer) in [
        ("cognito-user-pool", pool, cognito::issuer("eu-west-1_Ab1", "client")),
        ("dockyard-cognito", pool, cognito::issuer("eu-west-1_Ab1", "client")),
        ("entra-common", &entra, entra::issuer(TENANT, "api")),
        ("entra-common-14keys", &entra, entra::issuer(TENANT, "api")),
        ("entra-organizations", &entra, entra::issuer(TENANT, "api")),
        ("dockyard-azure", &entra, entra::issuer(TENANT, "api")),
        ("github-actions", github, github_actions::issuer("octo", "api")),
        ("keycloak-pyjwt-jwk_keyset_with_unknown_alg", realm, keycloak::issuer("sso.example.com", "main", "api")),
    ] {
        let jwks = vectors.text(&format!("jwks/{document}.json"));
        let metadata = json!({ "issuer": iss, "jwks_uri": "https://keys.example/jwks" });
        let publication = Publication::default();
        publication.put(&format!("{iss}/.well-known/openid-configuration"), metadata.to_string(), HeaderMap::new());
        publication.put("https://keys.example/jwks", jwks.as_str(), HeaderMap::new());
        keys_of(issuer, publication, &jwks).await;
    }
    let jwks = vectors.text("jwks/cloudflare-access.json");
    let publication = Publication::default();
    publication.put("https://team.cloudflareaccess.com/cdn-cgi/access/certs", jwks.as_str(), HeaderMap::new());
    keys_of(cloudflare_access::issuer("team", "tag"), publication, &jwks).await;
}

#[tokio::test]
async fn a_realm_whose_keys_are_all_for_encryption_has_none() {
    let Some(vectors) = Vectors::open() else { return };
    let realm = "https://sso.example.com/realms/main";
    let metadata = json!({ "issuer": realm, "jwks_uri": "https://keys.example/jwks" });
    let publication = Publication::default();
    publication.put(&format!("{realm}/.well-known/openid-configuration"), metadata.to_string(), HeaderMap::new());
    let jwks = vectors.text("jwks/keycloak-pyjwt-jwk_keyset_only_unknown_alg.json");
    publication.put("https://keys.example/jwks", jwks, HeaderMap::new());
    let issuer = keycloak::issuer("sso.example.com", "main", "api");
    let verifier = Verifier::builder(issuer).with_fetch(publication).build().unwrap();
    assert!(verifier.refresh_now().await.is_err());
    assert_eq!(verifier.status()[0].state, KeyState::Empty);
}
