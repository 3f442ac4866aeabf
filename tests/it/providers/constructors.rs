//! What constructors refuse, told when the verifier is built.

use std::fs;

use claviger::Issuer;
use claviger::Verifier;
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

use crate::providers::presets::TENANT;

fn paths(issuer: Issuer) -> Vec<String> {
    let built = Verifier::builder(issuer).build();
    built.err().iter().flat_map(|error| error.problems()).map(|problem| problem.path().to_owned()).collect()
}

type OfADomain = fn(&str) -> Issuer;

#[test]
fn what_is_no_domain_is_told_where_it_was_given() {
    let of_a_domain: [(&str, OfADomain); 9] = [
        ("auth0", |domain| auth0::issuer(domain, "api")),
        ("authpi", |domain| authpi::custom_domain_issuer(domain, "api")),
        ("github", |domain| github_actions::server_issuer(domain, "octo", "api")),
        ("gitlab", |domain| gitlab::issuer(domain, "group", "api")),
        ("keycloak", |domain| keycloak::issuer(domain, "main", "api")),
        ("okta", |domain| okta::issuer(domain, "default", "api")),
        ("okta org", |domain| okta::org_issuer(domain, "api")),
        ("ory", |domain| ory::issuer(domain, "api")),
        ("zitadel", |domain| zitadel::issuer(domain, "api")),
    ];
    for (name, issuer) in of_a_domain {
        assert_eq!(paths(issuer("login.example.com")), [""; 0], "{name}");
        for wrong in
            ["", " ", "https://login.example.com", "login.example.com/", "Login.example.com", "{tenant}.example.com"]
        {
            assert_eq!(paths(issuer(wrong)), ["issuers[0].domain"], "{name} {wrong:?}");
        }
    }
}

#[test]
fn so_is_everything_else() {
    for (issuer, expected) in [
        (one_auth::issuer("https://auth.example.com", "api", ""), vec!["app_id"]),
        (one_auth::issuer("auth.example.com", " ", "\t"), vec!["app_id", "issuer", "audience"]),
        (authpi::issuer("4KJ2x", "api"), vec!["issuer_id"]),
        (authpi::issuer("i_", "api"), vec!["issuer_id"]),
        (authpi::issuer("i_a/b", "api"), vec!["issuer_id"]),
        (cloudflare_access::issuer("https://my-team.cloudflareaccess.com", "tag"), vec!["team"]),
        (cloudflare_access::issuer("My-Team", "tag"), vec!["team"]),
        (cloudflare_access::issuer("-team", ""), vec!["team", "audience"]),
        (cognito::issuer("Ab12Cd34E", "client"), vec!["user_pool"]),
        (cognito::issuer("", ""), vec!["user_pool", "audience"]),
        (cognito::issuer("local_3Xs7kQ9d", "client"), vec![]),
        (cognito::emulator_issuer("http://localhost:9229", "local_3Xs7kQ9d", "client"), vec![]),
        (cognito::emulator_issuer("http://localhost:9229/", "3Xs7kQ9d", "client"), vec!["base_url", "user_pool"]),
        (cognito::emulator_issuer("http://emulator:9229", "local_3Xs7kQ9d", "client"), vec!["jwks_uri"]),
        (auth0::issuer_of_domains(["a.example.com", "b.example.com"], "api"), vec![]),
        (
            auth0::issuer_of_domains(["a.example.com", "https://b.example.com", "B.example.com"], "api"),
            vec!["domains", "domains"],
        ),
        (auth0::issuer_of_domains(["a.example.com", "a.example.com"], "api"), vec!["domains"]),
        (auth0::issuer_of_domains([""; 0], "api"), vec!["domains"]),
        (openauth::issuer("https://auth.example.com/", "client"), vec!["issuer"]),
        (openauth::issuer("https://auth.example.com/login", ""), vec!["issuer", "audience"]),
        (openauth::issuer("auth.example.com", "client"), vec!["issuer"]),
        (entra::issuer("common", "api"), vec!["tenant"]),
        (entra::issuer("example.onmicrosoft.com", "api"), vec!["tenant"]),
        (entra::issuer(&TENANT.to_uppercase(), "api"), vec!["tenant"]),
        (entra::issuer("{tenantid}", "api"), vec!["tenant"]),
        (entra::v1_issuer("organizations", "api"), vec!["tenant"]),
        (entra::multi_tenant_issuer([TENANT, "*"], "api"), vec!["tenants"]),
        (firebase::issuer("My App"), vec!["project"]),
        (firebase::issuer(""), vec!["project"]),
        (github_actions::issuer("", "api"), vec!["owner"]),
        (github_actions::issuer("octo/site", "api"), vec!["owner"]),
        (github_actions::enterprise_issuer("a b", "*", "api"), vec!["enterprise", "owner"]),
        (gitlab::issuer("gitlab.com", "", "api"), vec!["namespace"]),
        (gitlab::issuer("gitlab.com", "group/*", "api"), vec!["namespace"]),
        (gitlab::issuer("gitlab.com", "${GROUP}", "api"), vec!["namespace"]),
        (gitlab::issuer("https://gitlab.com", "/group", "api"), vec!["domain", "namespace"]),
        (google::issuer(""), vec!["audience"]),
        (keycloak::issuer("sso.example.com/auth", "my realm", ""), vec!["domain", "realm", "audience"]),
        (keycloak::issuer_under("http://localhost:8080/", "main", "api"), vec!["base_url"]),
        (keycloak::issuer_under("localhost", "main", "api"), vec!["base_url"]),
        (keycloak::issuer_under("http://sso:8080", "main", "api"), vec!["issuer"]),
        (okta::issuer("example-admin.okta.com", "default", "api"), vec!["domain"]),
        (okta::issuer("example.okta.com", "", "api"), vec!["authorization_server"]),
        (kubernetes::issuer("kubernetes/serviceaccount", "api"), vec!["issuer"]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|member| format!("issuers[0].{member}")).collect();
        assert_eq!(paths(issuer), expected);
    }
}

#[test]
fn inside_of_a_cluster_the_token_and_the_certificate_are_read() {
    if !fs::exists("/var/run/secrets/kubernetes.io/serviceaccount").unwrap() {
        let expected = ["issuers[0].ca_file", "issuers[0].bearer_token_file"];
        assert_eq!(paths(kubernetes::in_cluster_issuer("reports")), expected);
    }
    let folder = tempfile::tempdir().unwrap();
    let [token, certificate] = ["token", "ca.crt"].map(|name| folder.path().join(name));
    fs::write(&token, "a token").unwrap();
    fs::write(&certificate, certificate_authority()).unwrap();
    let issuer = kubernetes::in_cluster_issuer("reports").with_bearer_token_file(token).with_ca_file(certificate);
    assert_eq!(paths(issuer), [""; 0]);
}

fn certificate_authority() -> Vec<u8> {
    use openssl::asn1::Asn1Time;
    use openssl::ec::EcGroup;
    use openssl::ec::EcKey;
    use openssl::hash::MessageDigest;
    use openssl::nid::Nid;
    use openssl::pkey::PKey;
    use openssl::x509::X509;

    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut certificate = X509::builder().unwrap();
    certificate.set_pubkey(&key).unwrap();
    certificate.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    certificate.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
    certificate.sign(&key, MessageDigest::sha256()).unwrap();
    certificate.build().to_pem().unwrap()
}
