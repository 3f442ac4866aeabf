//! A test issuer in the place of the one that a configuration names.

use claviger::AuthConfig;
use claviger::AuthConfigBuilder;
use claviger::Issuer;
use claviger::KeyState;
use claviger::Profile;
use claviger::Verifier;
use claviger::error::Reason;
use claviger_testing::Fault;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use claviger_testing::TokenBuilder;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;

const AUDIENCE: &str = "https://api.example.com";

fn read(issuer: &Value) -> AuthConfigBuilder {
    AuthConfigBuilder::read(json!({ "issuers": [issuer] }))
}

async fn verdict(cfg: &AuthConfig, token: TokenBuilder) -> Result<String, Reason> {
    let verified = cfg.verifier().verify(&token.sign()).await;
    verified.map(|token| token.issuer().to_owned()).map_err(|error| error.reason())
}

#[tokio::test]
async fn wherever_keys_are_the_test_issuer_has_them() {
    let name = "https://tenant.example.com/";
    for location in [
        json!({}),
        json!({ "discovery_url": "https://elsewhere.example.com/metadata" }),
        json!({ "jwks_uri": "https://elsewhere.example.com/keys" }),
        json!({ "jwks_file": "/nowhere/keys.json" }),
        json!({ "jwks": "{}" }),
        json!({ "pem": "-----BEGIN PUBLIC KEY-----" }),
        json!({ "fetch_base_url": "http://idp:8080", "bearer_token_file": "/nowhere/token" }),
        json!({ "ca_file": "/nowhere/ca.pem" }),
        json!({ "found_at_run_time": true }),
    ] {
        let mut file = json!({ "issuer": name, "audience": AUDIENCE });
        file.as_object_mut().unwrap().extend(location.as_object().unwrap().clone());
        let issuer = TestIssuer::in_memory(name);
        let cfg = issuer.serve_for(read(&file)).build().unwrap();
        assert_eq!(verdict(&cfg, issuer.token()).await, Ok(name.to_owned()), "{location}");
        assert_eq!(issuer.fetches().jwks(), 1, "{location}");

        // Its rules stay those of the file, and its keys are nobody else's.
        assert_eq!(verdict(&cfg, issuer.token().audience("x")).await, Err(Reason::WrongAudience), "{location}");
        let other = TestIssuer::in_memory(name);
        let key = SigningKey::generate(SigningAlgorithm::Es256).with_key_id(issuer.current_key().key_id().unwrap());
        assert_eq!(verdict(&cfg, other.token().signed_by(&key)).await, Err(Reason::BadSignature), "{location}");
    }
}

#[tokio::test]
async fn an_issuer_that_is_no_address_has_keys_too() {
    let file = json!({ "issuer": "urn:example:issuer", "audience": AUDIENCE, "jwks_file": "/nowhere/keys.json" });
    let issuer = TestIssuer::in_memory("urn:example:issuer");
    let cfg = issuer.serve_for(read(&file)).build().unwrap();
    assert_eq!(verdict(&cfg, issuer.token()).await.as_deref(), Ok("urn:example:issuer"));
}

/// Each with what the preset demands of its tokens.
#[tokio::test]
async fn presets_of_providers_are_served() {
    let tenant = "9122040d-6c67-4c5b-b112-36a304b66dad";
    let cases = [
        (
            json!({ "provider": "1auth", "issuer": "https://auth.example.com", "app_id": "billing", "audience": AUDIENCE }),
            "https://auth.example.com".to_owned(),
            json!({ "app_id": "billing" }),
        ),
        (
            json!({ "provider": "auth0", "domain": "t.eu.auth0.com", "audience": AUDIENCE }),
            "https://t.eu.auth0.com/".to_owned(),
            json!({ "scope": "read" }),
        ),
        (
            json!({ "provider": "keycloak", "domain": "sso.example.com", "realm": "main", "audience": AUDIENCE }),
            "https://sso.example.com/realms/main".to_owned(),
            json!({ "typ": "Bearer", "azp": "web" }),
        ),
        (
            json!({ "provider": "cloudflare_access", "team": "my-team", "audience": AUDIENCE }),
            "https://my-team.cloudflareaccess.com".to_owned(),
            json!({ "type": "app" }),
        ),
        (
            json!({ "provider": "entra", "tenant": tenant, "audience": AUDIENCE }),
            format!("https://login.microsoftonline.com/{tenant}/v2.0"),
            json!({ "tid": tenant, "ver": "2.0", "scp": "read" }),
        ),
        (
            json!({ "provider": "entra", "tenants": [tenant], "audience": AUDIENCE }),
            format!("https://login.microsoftonline.com/{tenant}/v2.0"),
            json!({ "tid": tenant, "ver": "2.0", "scp": "read" }),
        ),
    ];
    // What these providers sign with.
    let key = SigningKey::generate(SigningAlgorithm::Rs256);
    for (file, name, claims) in cases {
        let issuer = TestIssuer::builder().with_issuer(&name).with_key(key.clone()).in_memory();
        let cfg = issuer.serve_for(read(&file)).build().unwrap();
        let token = issuer.token().header("typ", "JWT").without("client_id");
        let members = claims.as_object().unwrap().clone().into_iter();
        let token = members.fold(token, |token, (name, value)| token.claim(name, value));
        let verdict = verdict(&cfg, token).await;
        assert_eq!(verdict, Ok(name), "{file}");
    }
}

/// Each tenant has keys of its own, and those that the configuration does not list are found at run time.
#[tokio::test]
async fn a_template_is_served_for_the_tenant_of_that_name() {
    let file =
        json!({ "issuer": "https://login.example.com/{tenant}/v2.0", "tenant_claim": "tid", "audience": AUDIENCE });
    let issuer = TestIssuer::in_memory("https://login.example.com/acme/v2.0");
    let cfg = issuer.serve_for(read(&file)).build().unwrap();
    let token = || issuer.token().claim("tid", "acme");
    assert_eq!(verdict(&cfg, token()).await.as_deref(), Ok("https://login.example.com/acme/v2.0"));
    assert_eq!(verdict(&cfg, token().claim("tid", "other")).await, Err(Reason::WrongClaim));
}

#[tokio::test]
async fn each_of_several_issuers_has_its_own_test_issuer() {
    let names = ["https://a.example.com", "https://b.example.com/"];
    let [a, b] = names.map(TestIssuer::in_memory);
    let list = Verifier::for_issuers(names.map(|name| Issuer::new(name, AUDIENCE)));
    let verifier = b.serve_for(a.serve_for(list)).build().unwrap();
    for issuer in [&a, &b] {
        assert_eq!(verifier.verify(&issuer.token().sign()).await.unwrap().issuer(), issuer.url());
        assert_eq!((issuer.fetches().discovery(), issuer.fetches().jwks()), (1, 1));
    }
    let crossed = a.token().claim("iss", b.url()).sign();
    assert_eq!(verifier.verify(&crossed).await.unwrap_err().reason(), Reason::UnknownKey);
}

#[tokio::test]
async fn keys_rotate_and_faults_apply_within_the_process() {
    let clock = TestClock::at_second(1_750_000_000);
    let issuer = TestIssuer::builder().with_issuer("https://tenant.example.com/").with_clock(clock.clone()).in_memory();
    let builder = AuthConfig::builder(Issuer::new(issuer.url(), AUDIENCE)).with_clock(clock);
    let cfg = issuer.serve_for(builder).build().unwrap();
    for fault in [Fault::Status(StatusCode::BAD_GATEWAY), Fault::Html] {
        issuer.fail_jwks(fault.clone());
        assert!(cfg.verifier().ready().await.is_err(), "{fault:?}");
    }
    issuer.recover();
    cfg.verifier().refresh_now().await.unwrap();
    assert_eq!(verdict(&cfg, issuer.token()).await.as_deref(), Ok(issuer.url()));
    issuer.rotate(SigningKey::generate(SigningAlgorithm::Ed25519).with_key_id("next"));
    assert_eq!(verdict(&cfg, issuer.token()).await.as_deref(), Ok(issuer.url()));
    assert_eq!(cfg.verifier().status()[0].state, KeyState::Fresh);
}

/// What a test says of the metadata is served as it is, so that a mismatch can be tested.
#[tokio::test]
async fn metadata_that_state_another_issuer_are_a_mismatch() {
    let issuer = TestIssuer::in_memory("https://tenant.example.com/");
    issuer.set_discovery_member("issuer", "https://attacker.example.com/");
    let cfg = issuer.serve_for(AuthConfig::builder(Issuer::new(issuer.url(), AUDIENCE))).build().unwrap();
    assert!(cfg.verifier().ready().await.is_err());
    assert_eq!(issuer.fetches().jwks(), 0);
}

#[tokio::test]
async fn rules_made_in_code_stay() {
    let issuer = TestIssuer::in_memory("https://tenant.example.com/");
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_profile(Profile::Jwt).bind_claim("app_id", "billing");
    let cfg = issuer.serve_for(AuthConfig::builder(trusted)).build().unwrap();
    let token = || issuer.token().header("typ", "JWT");
    assert_eq!(verdict(&cfg, token().claim("app_id", "billing")).await.as_deref(), Ok(issuer.url()));
    assert_eq!(verdict(&cfg, token().claim("app_id", "other")).await, Err(Reason::WrongClaim));
}

#[test]
#[should_panic(expected = "no issuer \"https://tenant.example.com\"; it has [\"https://tenant.example.com/\"]")]
fn a_name_that_the_configuration_does_not_have_is_told() {
    let issuer = TestIssuer::in_memory("https://tenant.example.com");
    let _ = issuer.serve_for(AuthConfig::builder(Issuer::new("https://tenant.example.com/", AUDIENCE)));
}
