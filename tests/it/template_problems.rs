//! What can be wrong with an issuer that has a place for the tenant.

use std::time::Duration;

use claviger::Issuer;
use claviger::Verifier;

use crate::support::AUDIENCE;

const TEMPLATE: &str = "https://login.example/{tenant}/v2.0";

fn template() -> Issuer {
    Issuer::new(TEMPLATE, AUDIENCE).with_tenant_claim("tid")
}

/// Where the problems are, in the only issuer.
fn paths(issuer: Issuer) -> Vec<String> {
    let error = Verifier::builder(issuer).build().err();
    let problems = error.iter().flat_map(|error| error.problems());
    problems.map(|problem| problem.path().replace("issuers[0].", "")).collect()
}

#[test]
fn every_problem_of_a_template_is_told() {
    assert_eq!(paths(Issuer::new(TEMPLATE, AUDIENCE)), ["tenant_claim"]);
    assert_eq!(paths(Issuer::new(TEMPLATE, AUDIENCE).with_tenant_claim(" ")), ["tenant_claim"]);
    assert_eq!(paths(Issuer::new("https://a.example", AUDIENCE).with_tenant_claim("tid")), ["tenant_claim"]);
    assert_eq!(paths(Issuer::new("https://a.example", AUDIENCE).with_tenants(["a"])), ["tenants"]);
    assert_eq!(paths(Issuer::new("https://a.example/{tid}", AUDIENCE)), ["issuer"]);
    assert_eq!(paths(template().with_tenants([""; 0])), ["tenants"]);
    assert_eq!(paths(template().with_tenants(["a/b", "*a", "é"])), ["tenants", "tenants", "tenants"]);
    assert_eq!(paths(template().add_alias("a")), ["aliases"]);
    // Punycode of nothing.
    let in_host = Issuer::new("https://{tenant}.login.example", AUDIENCE).with_tenant_claim("org");
    assert_eq!(paths(in_host.with_tenants(["acme", "xn--a"])), ["tenants"]);
    assert_eq!(paths(Issuer::new("https://{tenant}.example", AUDIENCE).with_tenant_claim("tid")), ["issuer"]);
    let own_host = Issuer::new("https://{tenant}.login.example/", AUDIENCE).with_tenant_claim("org");
    assert!(Verifier::builder(own_host).build().is_ok());
    assert_eq!(paths(template().with_leeway(Duration::from_secs(301)).with_jwks("{}")), ["leeway", "jwks"]);
}

/// The keys would be those of whoever has that host: the tenant `evil.example` its own.
#[test]
fn the_tenant_chooses_no_host_of_the_keys() {
    let in_path = template;
    let in_host = || Issuer::new("https://{tenant}.login.example", AUDIENCE).with_tenant_claim("tid");
    for url in [
        "https://{tenant}/keys",
        "https://{tenant}",
        "https://keys.{tenant}/",
        "https://keys{tenant}/",
        "https://{tenant}.example/",
        "https://{tenant}example.com/",
        "https://{tenant}:8443/",
        "https://{tenant}\\.keys.login.example/",
        "https:{tenant}/keys",
        "https:/{tenant}/keys",
        "https:\\\\{tenant}/keys",
        "https://keys.example/{tenant}/{tenantid}",
        "https://keys.example/{tenantid}",
        "https://keys.example/}",
    ] {
        assert_eq!(paths(in_path().with_jwks_uri(url)), ["jwks_uri"], "{url}");
        assert_eq!(paths(in_host().with_discovery_url(url)), ["discovery_url"], "{url}");
    }
    for url in ["https://keys.example/a-{tenant}.json", "https://keys.example/keys?of={tenant}"] {
        assert_eq!(paths(in_path().with_jwks_uri(url)), [""; 0], "{url}");
    }
    // What may be a label in the issuer may be one here, and a segment need not be.
    let label = "https://{tenant}.keys.example/keys";
    assert_eq!(paths(in_host().with_jwks_uri(label)), [""; 0]);
    assert_eq!(paths(in_path().with_jwks_uri(label)), ["jwks_uri"]);
    let of_one = || Issuer::new("https://login.example/acme", AUDIENCE);
    assert_eq!(paths(of_one().with_jwks_uri("https://keys.example/{tenant}")), ["jwks_uri"]);
}
