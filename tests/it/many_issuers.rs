//! One API and many issuers: each is judged by its own keys and rules, and none stands in the way of another.

use std::time::Duration;

use claviger::AuthConfig;
use claviger::Issuer;
use claviger::KeyPool;
use claviger::KeySettings;
use claviger::Profile;
use claviger::Verifier;
use claviger::error::Reason;
use claviger_testing::Fault;
use claviger_testing::Gate;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;

use crate::support::AUDIENCE;
use crate::support::Api;
use crate::support::NOW;
use crate::support::new_key;

async fn verdict(verifier: &Verifier, token: &str) -> Result<(), Reason> {
    verifier.verify(token).await.map(|_| ()).map_err(|error| error.reason())
}

/// An issuer in memory whose one key is called `1`, whatever it is.
fn issuer(name: &str) -> TestIssuer {
    TestIssuer::builder().with_issuer(name).with_key(new_key("1")).in_memory()
}

fn trusted(issuer: &TestIssuer) -> Issuer {
    Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks())
}

/// Attack G2.
#[tokio::test]
async fn a_token_of_one_issuer_signed_by_another_is_refused_though_their_keys_have_one_name() {
    let [a, b] = ["https://a.example", "https://b.example"].map(issuer);
    let verifier = Verifier::builder(trusted(&a)).add_issuer(trusted(&b)).build().unwrap();
    for (says, signs) in [(&a, &b), (&b, &a)] {
        assert_eq!(verdict(&verifier, &says.token().sign()).await, Ok(()));
        let crossed = says.token().signed_by(&signs.current_key());
        assert_eq!(verdict(&verifier, &crossed.clone().sign()).await, Err(Reason::BadSignature));
        let nameless = crossed.without_header("kid").sign();
        assert_eq!(verdict(&verifier, &nameless).await, Err(Reason::BadSignature));
        let renamed = says.token().signed_by(&new_key("2")).sign();
        assert_eq!(verdict(&verifier, &renamed).await, Err(Reason::UnknownKey));
    }
}

/// Attack G1; and the rules of each are its own.
#[tokio::test]
async fn each_issuer_has_its_own_rules_and_no_other_is_asked() {
    let [a, b, stranger] = [TestIssuer::start().await, TestIssuer::start().await, TestIssuer::start().await];
    let strict = Issuer::new(a.url(), AUDIENCE).require_claim("org_id");
    let lax = Issuer::new(b.url(), "reports").with_profile(Profile::Jwt).with_leeway(Duration::from_secs(300));
    let verifier = Verifier::builder(strict).add_issuer(lax).build().unwrap();
    assert_eq!(verdict(&verifier, &stranger.token().sign()).await, Err(Reason::UnknownIssuer));
    assert_eq!((stranger.fetches().discovery(), a.fetches().discovery(), b.fetches().discovery()), (0, 0, 0));

    let plain = b.token().header("typ", "JWT").audience("reports");
    assert_eq!(verdict(&verifier, &plain.sign()).await, Ok(()));
    assert_eq!(verdict(&verifier, &b.token().sign()).await, Err(Reason::WrongAudience));
    assert_eq!((a.fetches().jwks(), b.fetches().jwks()), (0, 1));
    assert_eq!(verdict(&verifier, &a.token().claim("org_id", "acme").sign()).await, Ok(()));
    assert_eq!(verdict(&verifier, &a.token().sign()).await, Err(Reason::MissingClaim));
    assert_eq!(verdict(&verifier, &a.token().header("typ", "JWT").sign()).await, Err(Reason::WrongType));
    assert_eq!((a.fetches().jwks(), b.fetches().jwks(), stranger.fetches().jwks()), (1, 1, 0));
}

/// Every token of every application and issuer against every verifier: only the diagonal passes. All keys have one
/// name, so that nothing but the issuer tells them apart.
#[tokio::test]
async fn every_token_passes_its_own_verifier_and_no_other() {
    let issuers = ["https://login.example/a", "https://login.example/b", "https://login.example/a/"].map(issuer);
    let applications = ["billing", "reports", "Billing"];
    let audiences = ["https://api.example.com", "https://api.example.com/"];
    let places: Vec<_> = issuers
        .iter()
        .flat_map(|issuer| applications.iter().map(move |application| (issuer, *application)))
        .flat_map(|(issuer, application)| audiences.iter().map(move |audience| (issuer, application, *audience)))
        .collect();
    for (at, (issuer, application, audience)) in places.iter().enumerate() {
        let rules = Issuer::new(issuer.url(), *audience).with_jwks(issuer.jwks()).bind_claim("app_id", *application);
        let verifier = Verifier::builder(rules).build().unwrap();
        for (from, (of, application, audience)) in places.iter().enumerate() {
            let token = of.token().audience(*audience).claim("app_id", *application).sign();
            let verdict = verdict(&verifier, &token).await;
            assert_eq!(verdict.is_ok(), at == from, "the token of {from} at {at}: {verdict:?}");
        }
        for broken in [serde_json::json!(null), serde_json::json!(["billing"]), serde_json::json!(1)] {
            let token = issuer.token().audience(*audience).claim("app_id", broken.clone()).sign();
            assert!(verdict(&verifier, &token).await.is_err(), "{broken}");
        }
        let token = issuer.token().audience(*audience).sign();
        assert_eq!(verdict(&verifier, &token).await, Err(Reason::MissingClaim));
    }
}

#[tokio::test]
async fn an_issuer_with_two_spellings_is_one_issuer() {
    let google = issuer("https://accounts.google.example");
    let rules = trusted(&google).add_alias("accounts.google.example");
    let verifier = Verifier::builder(rules.clone()).build().unwrap();
    for spelling in ["https://accounts.google.example", "accounts.google.example"] {
        let token = verifier.verify(&google.token().claim("iss", spelling).sign()).await.unwrap();
        assert_eq!(token.issuer(), "https://accounts.google.example");
    }
    for other in ["Accounts.google.example", "accounts.google.example/", "http://accounts.google.example", ""] {
        let token = google.token().claim("iss", other).sign();
        assert_eq!(verdict(&verifier, &token).await, Err(Reason::UnknownIssuer), "{other}");
    }
    assert_eq!(verifier.status().len(), 1);
    assert!(verifier.remove_issuer("accounts.google.example"));
    assert_eq!(verdict(&verifier, &google.token().sign()).await, Err(Reason::UnknownIssuer));

    let other = issuer("https://b.example");
    let paths = |issuers: [Issuer; 2]| {
        let error = Verifier::for_issuers(issuers).build().unwrap_err();
        error.problems().iter().map(|problem| problem.path().to_owned()).collect::<Vec<_>>()
    };
    let taken = trusted(&other).add_alias("https://accounts.google.example");
    assert_eq!(paths([rules.clone(), taken]), ["issuers[1].aliases"]);
    assert_eq!(paths([rules, trusted(&other).add_alias(" ")]), ["issuers[1].aliases"]);
}

/// Attack G7.
#[tokio::test]
async fn a_token_that_no_issuer_signed_gets_one_challenge() {
    let [a, b] = ["https://a.example", "https://b.example"].map(issuer);
    let (rules, others) = (trusted(&a), trusted(&b));
    let api = Api::guarded(a, TestClock::at_second(NOW), rules, |settings| settings.add_issuer(others));
    api.show(&api.token().signed_by(&b.current_key()).sign()).await.assert_invalid_token(Reason::BadSignature);
    api.show(&api.token().claim("iss", "https://c.example").sign()).await.assert_invalid_token(Reason::UnknownIssuer);
}

/// Attack G5.
#[tokio::test]
async fn an_issuer_that_hangs_delays_no_other() {
    let [slow, quick] = [TestIssuer::start().await, TestIssuer::start().await];
    let gate = Gate::new();
    slow.fail_jwks(Fault::Held(gate.clone()));
    let rules = [&slow, &quick].map(|issuer| Issuer::new(issuer.url(), AUDIENCE));
    let verifier = Verifier::for_issuers(rules).build().unwrap();
    let (slow_token, quick_token) = (slow.token().sign(), quick.token().sign());
    let others = async {
        slow.wait_for_jwks(1).await;
        for _ in 0..3 {
            assert_eq!(verdict(&verifier, &quick_token).await, Ok(()));
        }
        gate.open();
    };
    let ((), slow) = tokio::join!(others, verdict(&verifier, &slow_token));
    assert_eq!(slow, Ok(()));
}

#[tokio::test]
async fn issuers_with_one_jwks_uri_share_its_keys() {
    let home = TestIssuer::start().await;
    let names = ["https://a.example", "https://b.example"];
    let rules = names.map(|name| Issuer::new(name, AUDIENCE).with_jwks_uri(home.jwks_uri()));
    let verifier = Verifier::for_issuers(rules).build().unwrap();
    for name in names {
        assert_eq!(verdict(&verifier, &home.token().claim("iss", name).sign()).await, Ok(()));
    }
    assert_eq!(home.fetches().jwks(), 1);
    let status = verifier.status();
    assert_eq!(status.iter().map(|status| status.issuer.as_str()).collect::<Vec<_>>(), names);
    assert!(status.iter().all(|status| status.counters.fetches == 1));
    let saved = verifier.key_snapshots();
    assert_eq!(saved.iter().map(|snapshot| snapshot.issuer()).collect::<Vec<_>>(), names);

    verifier.remove_issuer(names[0]);
    assert_eq!(verdict(&verifier, &home.token().claim("iss", names[1]).sign()).await, Ok(()));
    assert_eq!(home.fetches().jwks(), 1);
}

#[tokio::test]
async fn configurations_with_one_pool_share_what_they_fetch_in_the_same_way() {
    let issuer = TestIssuer::start().await;
    let pool = KeyPool::default();
    let build = |audience: &str, keys: KeySettings| {
        let rules = Issuer::new(issuer.url(), audience);
        AuthConfig::builder(rules).with_keys(keys).with_key_pool(pool.clone()).build().unwrap()
    };
    let fetches_after = async |cfg: &AuthConfig, audience: &str| {
        assert_eq!(verdict(cfg.verifier(), &issuer.token().audience(audience).sign()).await, Ok(()));
        issuer.fetches().jwks()
    };
    let (one, two) = (build("one", KeySettings::default()), build("two", KeySettings::default()));
    assert_eq!((fetches_after(&one, "one").await, fetches_after(&two, "two").await), (1, 1));
    assert_eq!(verdict(one.verifier(), &issuer.token().audience("two").sign()).await, Err(Reason::WrongAudience));

    let mut others = KeySettings::default();
    others.max_keys = 7;
    assert_eq!(fetches_after(&build("three", others), "three").await, 2);
    let alone = AuthConfig::new(issuer.url(), "four").unwrap();
    assert_eq!(fetches_after(&alone, "four").await, 3);
    // Keys go with the last that needs them.
    drop((one, two));
    assert_eq!(fetches_after(&build("five", KeySettings::default()), "five").await, 4);
}

/// The metadata name one issuer, so a second that is configured with the same address does not get its keys.
#[tokio::test]
async fn by_metadata_only_the_issuer_that_they_name_gets_keys() {
    let home = TestIssuer::start().await;
    let rules = |name: &str| Issuer::new(name, AUDIENCE).with_discovery_url(home.discovery_url());
    // The second is the same address as the first, and another issuer.
    let others = ["https://b.example".to_owned(), format!("{}/", home.url())];
    let rules = [home.url(), &others[0], &others[1]].map(rules);
    let verifier = Verifier::for_issuers(rules).build().unwrap();
    assert_eq!(verdict(&verifier, &home.token().sign()).await, Ok(()));
    for other in others {
        let foreign = home.token().claim("iss", &*other).sign();
        assert_eq!(verdict(&verifier, &foreign).await, Err(Reason::KeysUnavailable), "{other}");
    }
}

/// What one may see or is told must not depend on who asked first.
#[tokio::test]
async fn issuers_that_ask_the_same_address_differently_share_no_keys() {
    let home = TestIssuer::start().await;
    let token = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(token.path(), "token").unwrap();
    let rules = |name: &str| Issuer::new(name, AUDIENCE).with_jwks_uri(home.jwks_uri());
    let with_token = rules("https://b.example").with_bearer_token_file(token.path());
    let insecure = rules("https://c.example").with_insecure_http();
    let verifier = Verifier::for_issuers([rules("https://a.example"), with_token, insecure]).build().unwrap();
    for (name, has_token) in [("https://a.example", false), ("https://b.example", true), ("https://c.example", false)] {
        let before = home.fetches().jwks();
        assert_eq!(verdict(&verifier, &home.token().claim("iss", name).sign()).await, Ok(()));
        assert_eq!(home.fetches().jwks(), before + 1, "{name}");
        let fetches = home.fetches();
        assert_eq!(fetches.last_jwks_headers().unwrap().contains_key("authorization"), has_token, "{name}");
    }
}
