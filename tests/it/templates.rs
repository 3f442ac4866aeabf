//! Issuers with a place for the tenant: each tenant is an issuer of its own, found when its first token comes.

use std::time::Duration;

use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::Verifier;
use claviger::VerifierBuilder;
use claviger::error::Reason;
use claviger_testing::SigningKey;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use claviger_testing::TokenBuilder;
use serde_json::Value;
use serde_json::json;

use crate::support::AUDIENCE;
use crate::support::Documents;
use crate::support::NOW;
use crate::support::new_key;

const TEMPLATE: &str = "https://login.example/{tenant}/v2.0";
const KEYS: &str = "https://login.example/common/keys";

fn name(tenant: &str) -> String {
    TEMPLATE.replace("{tenant}", tenant)
}

fn template() -> Issuer {
    Issuer::new(TEMPLATE, AUDIENCE).with_tenant_claim("tid")
}

/// The issuer of one tenant, whose one key is called `1`, whatever it is.
fn tenant(tenant: &str) -> TestIssuer {
    TestIssuer::builder().with_issuer(name(tenant)).with_key(new_key("1")).in_memory()
}

/// A token of this tenant.
fn token(issuer: &TestIssuer) -> TokenBuilder {
    let tenant = issuer.url().split('/').nth(3).unwrap();
    issuer.token().claim("tid", tenant)
}

/// Each tenant has metadata and keys of its own.
fn serve(documents: &Documents, issuer: &TestIssuer) {
    let keys = format!("{}/keys", issuer.url());
    documents.serve_metadata(issuer.url(), issuer.url(), &keys);
    documents.serve(keys, issuer.jwks());
}

fn build(documents: &Documents, builder: VerifierBuilder) -> Verifier {
    builder.with_fetch(documents.clone()).build().unwrap()
}

async fn verdict(verifier: &Verifier, token: TokenBuilder) -> Result<(), Reason> {
    verifier.verify(&token.sign()).await.map(|_| ()).map_err(|error| error.reason())
}

#[tokio::test]
async fn each_tenant_is_believed_by_its_own_keys_alone() {
    let documents = Documents::default();
    let tenants = ["acme", "globex"].map(tenant);
    tenants.iter().for_each(|tenant| serve(&documents, tenant));
    let verifier = build(&documents, Verifier::builder(template()));
    for (own, other) in [(0, 1), (1, 0)] {
        let (own, other) = (&tenants[own], &tenants[other]);
        let believed = verifier.verify(&token(own).sign()).await.unwrap();
        assert_eq!(believed.issuer(), own.url());
        let crossed = token(own).signed_by(&other.current_key());
        assert_eq!(verdict(&verifier, crossed).await, Err(Reason::BadSignature));
    }
    let status: Vec<_> = verifier.status().into_iter().map(|status| status.issuer).collect();
    assert_eq!(status, [name("acme"), name("globex")]);
    assert_eq!(verifier.key_snapshots().len(), 2);
    assert_eq!(documents.asked().len(), 8, "two and a refetch of two for each: {:?}", documents.asked());
}

#[tokio::test]
async fn the_tenant_claim_must_say_what_the_issuer_says() {
    let documents = Documents::default();
    let acme = tenant("acme");
    serve(&documents, &acme);
    let verifier = build(&documents, Verifier::builder(template()));
    assert_eq!(verdict(&verifier, token(&acme)).await, Ok(()));
    for absent in [acme.token(), acme.token().claim("tid", Value::Null)] {
        assert_eq!(verdict(&verifier, absent).await, Err(Reason::MissingClaim));
    }
    for wrong in [json!("globex"), json!("Acme"), json!(""), json!(["acme"]), json!(1), json!({ "acme": 1 })] {
        assert_eq!(
            verdict(&verifier, acme.token().claim("tid", wrong.clone())).await,
            Err(Reason::WrongClaim),
            "{wrong}"
        );
    }
}

/// Attack G4.
#[tokio::test]
async fn what_is_no_tenant_is_refused_before_any_network() {
    let documents = Documents::default();
    let verifier = build(&documents, Verifier::builder(template()));
    let stranger = tenant("acme");
    for strange in
        ["", ".", "..", "..%2f", "%2e%2e", "a/b", "a%2fb", "é", "аcme", "a\u{0}b", "a b", "a@evil.example", "{tenant}"]
    {
        let token = stranger.token().claim("iss", name(strange)).claim("tid", strange);
        assert_eq!(verdict(&verifier, token).await, Err(Reason::UnknownIssuer), "{strange:?}");
    }
    for other in [
        "https://login.example/acme",
        "https://login.example/acme/v2.0/",
        "https://login.example.evil.example/acme/v2.0",
        "https://LOGIN.example/acme/v2.0",
        TEMPLATE,
    ] {
        let token = stranger.token().claim("iss", other).claim("tid", "acme");
        assert_eq!(verdict(&verifier, token).await, Err(Reason::UnknownIssuer), "{other}");
    }
    let wrong_algorithm = stranger.token().claim("tid", "acme").header("alg", "HS256");
    assert_eq!(verdict(&verifier, wrong_algorithm).await, Err(Reason::UnsupportedAlgorithm));
    assert_eq!(documents.asked(), [""; 0]);
}

#[tokio::test]
async fn only_the_tenants_that_are_listed_are_believed() {
    let documents = Documents::default();
    let tenants = ["acme", "acme-1", "acme-", "globex", "globex-1", "no-acme-1"].map(tenant);
    tenants.iter().for_each(|tenant| serve(&documents, tenant));
    let believed = async |verifier: &Verifier| {
        let mut believed = Vec::new();
        for tenant in &tenants {
            if verdict(verifier, token(tenant)).await.is_ok() {
                believed.push(tenant.url().split('/').nth(3).unwrap());
            }
        }
        believed
    };
    let exact = build(&documents, Verifier::builder(template().with_tenants(["acme", "globex"])));
    assert_eq!(believed(&exact).await, ["acme", "globex"]);
    let begun = build(&documents, Verifier::builder(template().with_tenants(["acme-*", "globex"])));
    assert_eq!(believed(&begun).await, ["acme-1", "acme-", "globex"]);
    let asked = documents.asked();
    assert!(!asked.iter().any(|url| url.contains("globex-1") || url.contains("no-acme")), "{asked:?}");
}

#[tokio::test]
async fn metadata_may_name_the_tenant_or_the_template_and_no_other() {
    for (states, expected) in [
        (name("acme"), Ok(())),
        (TEMPLATE.to_owned(), Ok(())),
        (name("{tenantid}"), Ok(())),
        (name("globex"), Err(Reason::KeysUnavailable)),
        ("https://login.example/{tenantid}".to_owned(), Err(Reason::KeysUnavailable)),
        ("https://evil.example/{tenantid}/v2.0".to_owned(), Err(Reason::KeysUnavailable)),
    ] {
        let (documents, acme) = (Documents::default(), tenant("acme"));
        documents.serve_metadata(acme.url(), &states, KEYS);
        documents.serve(KEYS, acme.jwks());
        let verifier = build(&documents, Verifier::builder(template()));
        assert_eq!(verdict(&verifier, token(&acme)).await, expected, "{states}");
    }
}

fn key_of(key: &SigningKey, issuer: Option<&str>) -> Value {
    let mut jwk = key.public_jwk();
    if let Some(issuer) = issuer {
        jwk["issuer"] = json!(issuer);
    }
    jwk
}

/// As Entra ID publishes them: one set for all tenants, in which each key may say whose tokens it signs.
#[tokio::test]
async fn a_key_serves_the_issuer_that_it_names() {
    let keys = ["all", "any", "acme", "junk"].map(new_key);
    let stated = [Some(name("{tenantid}")), None, Some(name("acme")), Some("https://login.example/{x}".to_owned())];
    let jwks: Vec<_> = keys.iter().zip(&stated).map(|(key, issuer)| key_of(key, issuer.as_deref())).collect();
    let documents = Documents::default();
    let metadata = json!({ "issuer": name("{tenantid}"), "jwks_uri": KEYS });
    documents.serve("https://login.example/common/metadata", metadata.to_string());
    documents.serve(KEYS, json!({ "keys": jwks }).to_string());
    let rules = template().with_discovery_url("https://login.example/common/metadata");
    let verifier = build(&documents, Verifier::builder(rules));
    verifier.ready().await.unwrap();
    for (key, of_acme, of_globex) in [(0, true, true), (1, true, true), (2, true, false), (3, false, false)] {
        for (of, expected) in [("acme", of_acme), ("globex", of_globex)] {
            let token = token(&tenant(of)).signed_by(&keys[key]);
            // Three are refused, and two of them have a refetch.
            let refused = if (key, of) == (3, "globex") { Reason::RefetchExhausted } else { Reason::UnknownKey };
            let expected = if expected { Ok(()) } else { Err(refused) };
            assert_eq!(verdict(&verifier, token).await, expected, "key {key}, {of}");
        }
    }
    let status = verifier.status();
    assert_eq!(status.iter().map(|status| status.issuer.as_str()).collect::<Vec<_>>(), [TEMPLATE]);
}

/// The address of the keys is the operator's, whatever the tenants are called.
#[tokio::test]
async fn keys_that_all_tenants_share_are_fetched_once_and_from_any_address() {
    let home = TestIssuer::start().await;
    let rules = template().with_jwks_uri(home.jwks_uri());
    let verifier = Verifier::builder(rules).build().unwrap();
    for at in 0..100 {
        let of = format!("t{at}");
        let token = home.token().claim("iss", name(&of)).claim("tid", of);
        assert_eq!(verdict(&verifier, token).await, Ok(()));
    }
    assert_eq!(home.fetches().jwks(), 1);
}

#[tokio::test]
async fn the_operators_own_tenants_may_be_on_loopback_and_others_may_not() {
    let home = TestIssuer::builder().with_path("/acme/v2.0").start().await;
    let text = home.url().replace("acme", "{tenant}");
    let rules = || Issuer::new(&text, AUDIENCE).with_tenant_claim("tid");
    let verifier = Verifier::builder(rules().with_tenants(["acme"])).build().unwrap();
    verifier.ready().await.unwrap();
    assert_eq!(verdict(&verifier, home.token().claim("tid", "acme")).await, Ok(()));
    let error = Verifier::builder(rules()).build().unwrap_err();
    assert_eq!(error.problems()[0].path(), "issuers[0].issuer");
}

#[tokio::test]
async fn no_tenant_that_was_found_keeps_a_service_from_being_ready() {
    let verifier = build(&Documents::default(), Verifier::builder(template()));
    assert_eq!(verdict(&verifier, token(&tenant("acme"))).await, Err(Reason::KeysUnavailable));
    assert!(verifier.ready().await.is_ok());
    assert!(verifier.refresh_now().await.is_err());
}

/// Tenants share the budget of issuers found at run time.
#[tokio::test]
async fn invented_tenants_cannot_make_us_ask_for_all_of_them() {
    let (documents, clock) = (Documents::default(), TestClock::at_second(NOW));
    let verifier = build(&documents, Verifier::builder(template()).with_clock(clock.clone()));
    let stranger = TestIssuer::builder().with_clock(clock.clone()).in_memory();
    for at in 0..1000 {
        let of = format!("t{at}");
        let token = stranger.token().claim("iss", name(&of)).claim("tid", of);
        assert_eq!(verdict(&verifier, token).await, Err(Reason::KeysUnavailable));
    }
    // Five of them, whose metadata are looked for at both places.
    assert_eq!(documents.asked().len(), 10);
}

/// Attack G3.
#[tokio::test]
async fn tenants_that_never_signed_push_out_no_other_and_all_of_them_are_bounded() {
    let (documents, clock) = (Documents::default(), TestClock::at_second(NOW));
    let builder = Verifier::builder(template()).with_max_found_issuers(16).with_clock(clock.clone());
    let verifier = build(&documents, builder);
    let real = |of: &str| TestIssuer::builder().with_issuer(name(of)).with_clock(clock.clone()).in_memory();
    let known = ["acme", "globex"].map(real);
    for tenant in &known {
        serve(&documents, tenant);
        assert_eq!(verdict(&verifier, token(tenant)).await, Ok(()));
    }
    for at in 0..500 {
        clock.advance(Duration::from_millis(10));
        let of = format!("t{at}");
        let junk = known[0].token().claim("iss", name(&of)).claim("tid", of);
        assert_eq!(verdict(&verifier, junk).await, Err(Reason::KeysUnavailable));
    }
    let names = || verifier.status().into_iter().map(|status| status.issuer).collect::<Vec<_>>();
    assert!(names().len() <= 16, "{:?}", names());
    let asked = documents.asked().len();
    for tenant in &known {
        assert!(names().contains(&tenant.url().to_owned()));
        assert_eq!(verdict(&verifier, token(tenant)).await, Ok(()));
    }
    assert_eq!(documents.asked().len(), asked, "their keys were at hand");

    // After a minute nobody wants the invented ones any more.
    clock.advance(Duration::from_secs(60));
    for at in 0..100 {
        clock.advance(Duration::from_secs(1));
        let tenant = real(&format!("real-{at}"));
        serve(&documents, &tenant);
        assert_eq!(verdict(&verifier, token(&tenant)).await, Ok(()));
        assert!(names().len() <= 16);
    }
}

#[tokio::test]
async fn an_issuer_by_name_goes_before_a_template_and_both_can_be_removed() {
    let documents = Documents::default();
    let [acme, globex] = ["acme", "globex"].map(tenant);
    serve(&documents, &globex);
    let by_name = Issuer::new(acme.url(), "other").with_jwks(acme.jwks());
    let verifier = build(&documents, Verifier::builder(by_name));
    verifier.add_issuer(template()).unwrap();
    assert!(verifier.add_issuer(template()).is_err());
    let seen_before = token(&globex).sign();
    assert!(verifier.verify(&seen_before).await.is_ok());
    assert_eq!(verdict(&verifier, acme.token().audience("other")).await, Ok(()));
    assert_eq!(verdict(&verifier, token(&acme)).await, Err(Reason::WrongAudience));
    assert!(!verifier.remove_issuer(globex.url()), "a tenant goes with its template");
    assert!(verifier.remove_issuer(TEMPLATE));
    assert_eq!(verdict(&verifier, token(&globex)).await, Err(Reason::UnknownIssuer));
    assert_eq!(verifier.verify(&seen_before).await.unwrap_err().reason(), Reason::UnknownIssuer);
    assert_eq!(verifier.status().len(), 1);
}

/// It is judged by its own rules from then on, a token too that passed by those of the template.
#[tokio::test]
async fn a_tenant_that_comes_by_name_leaves_its_template() {
    let documents = Documents::default();
    let acme = tenant("acme");
    serve(&documents, &acme);
    let verifier = build(&documents, Verifier::builder(template()));
    let text = token(&acme).sign();
    assert!(verifier.verify(&text).await.is_ok());
    let own = Issuer::new(acme.url(), AUDIENCE).with_jwks(acme.jwks()).require_claim("org_id");
    verifier.add_issuer(own).unwrap();
    assert_eq!(verifier.verify(&text).await.unwrap_err().reason(), Reason::MissingClaim);
    // The template has it again.
    assert!(verifier.remove_issuer(acme.url()));
    assert!(verifier.verify(&text).await.is_ok());
}

#[tokio::test]
async fn a_configuration_file_can_have_a_template() {
    let acme = tenant("acme");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), acme.jwks()).unwrap();
    let table = json!({
        "issuer": TEMPLATE,
        "audience": AUDIENCE,
        "tenant_claim": "tid",
        "tenants": ["ac*", "globex"],
        "jwks_file": file.path(),
    });
    let read = |table: &Value| AuthConfig::read(json!({ "resource": AUDIENCE, "issuers": [table] }));
    let cfg = read(&table).unwrap();
    assert_eq!(verdict(cfg.verifier(), token(&acme)).await, Ok(()));
    let other = token(&acme).claim("iss", name("initech")).claim("tid", "initech");
    assert_eq!(verdict(cfg.verifier(), other).await, Err(Reason::UnknownIssuer));
    // A template is no authorization server that a client could ask (RFC 9728, section 3.2).
    let metadata = serde_json::to_value(AuthLayer::new(cfg).resource_metadata()).unwrap();
    assert_eq!(metadata.get("authorization_servers"), None);
    let mut wrong = table;
    wrong.as_object_mut().unwrap().remove("tenant_claim");
    wrong["tenants"] = json!([]);
    let error = read(&wrong).unwrap_err();
    let paths: Vec<_> = error.problems().iter().map(|problem| problem.path()).collect();
    assert_eq!(paths, ["issuers[0].tenant_claim", "issuers[0].tenants"]);
}
