//! Issuers that come and go while a verifier works.

use std::sync::Arc;
use std::sync::Mutex;

use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::CheckVerdict;
use claviger::DpopSettings;
use claviger::Issuer;
use claviger::Presentation;
use claviger::ProofUse;
use claviger::ReplayFuture;
use claviger::ReplayStore;
use claviger::ReplayVerdict;
use claviger::TargetUri;
use claviger::VerifiedToken;
use claviger::Verifier;
use claviger::error::Reason;
use claviger_testing::DpopClient;
use claviger_testing::Fault;
use claviger_testing::Gate;
use claviger_testing::TestIssuer;
use http::Method;
use http::Request;

use crate::support::AUDIENCE;

async fn verdict(verifier: &Verifier, token: &str) -> Result<(), Reason> {
    verifier.verify(token).await.map(|_| ()).map_err(|error| error.reason())
}

fn in_memory(issuer: &TestIssuer) -> Issuer {
    Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks())
}

fn names(verifier: &Verifier) -> Vec<String> {
    verifier.status().into_iter().map(|status| status.issuer).collect()
}

/// One that stays, one that comes and goes.
fn two() -> (TestIssuer, TestIssuer, Verifier) {
    let [stays, other] = ["https://a.example", "https://b.example"].map(TestIssuer::in_memory);
    let verifier = Verifier::builder(in_memory(&stays)).build().unwrap();
    (stays, other, verifier)
}

#[tokio::test]
async fn an_issuer_that_is_added_is_believed_by_all_clones_until_it_is_removed() {
    let (stays, other, verifier) = two();
    let (clone, token) = (verifier.clone(), other.token().sign());
    assert_eq!(verdict(&clone, &token).await, Err(Reason::UnknownIssuer));
    verifier.add_issuer(in_memory(&other)).unwrap();
    assert_eq!(verdict(&clone, &token).await, Ok(()));
    assert!(clone.remove_issuer(other.url()));
    assert_eq!(verdict(&verifier, &token).await, Err(Reason::UnknownIssuer));
    assert!(!verifier.remove_issuer(other.url()));
    assert_eq!(verdict(&verifier, &stays.token().sign()).await, Ok(()));
}

#[tokio::test]
async fn an_issuer_that_comes_again_comes_with_its_new_rules() {
    let (_, other, verifier) = two();
    verifier.add_issuer(in_memory(&other)).unwrap();
    let error = verifier.add_issuer(in_memory(&other).require_claim("org_id")).unwrap_err();
    assert_eq!(error.problems()[0].path(), "issuer.issuer");
    assert_eq!(verdict(&verifier, &other.token().sign()).await, Ok(()));
    verifier.remove_issuer(other.url());
    verifier.add_issuer(in_memory(&other).require_claim("org_id")).unwrap();
    assert_eq!(verdict(&verifier, &other.token().sign()).await, Err(Reason::MissingClaim));
}

#[tokio::test]
async fn an_issuer_takes_no_name_that_another_has_and_goes_with_all_of_its_own() {
    let (stays, other, verifier) = two();
    let aliased = |alias: &str| in_memory(&other).add_alias(alias);
    assert!(verifier.add_issuer(aliased(stays.url())).is_err());
    assert_eq!(verdict(&verifier, &other.token().sign()).await, Err(Reason::UnknownIssuer));
    verifier.add_issuer(aliased("b.example")).unwrap();
    assert!(verifier.add_issuer(Issuer::new("https://c.example", AUDIENCE).add_alias("b.example")).is_err());
    let by_alias = other.token().claim("iss", "b.example").sign();
    assert_eq!(verdict(&verifier, &by_alias).await, Ok(()));
    assert!(verifier.remove_issuer("b.example"));
    for token in [by_alias, other.token().sign()] {
        assert_eq!(verdict(&verifier, &token).await, Err(Reason::UnknownIssuer));
    }
}

#[test]
fn a_wrong_issuer_changes_nothing_and_every_problem_is_told() {
    let (_, _, verifier) = two();
    let wrong = Issuer::new(" ", " ").with_jwks("{}");
    let error = verifier.add_issuer(wrong).unwrap_err();
    let paths: Vec<_> = error.problems().iter().map(|problem| problem.path()).collect();
    assert_eq!(paths, ["issuer.issuer", "issuer.audience", "issuer.jwks"]);
    let error = verifier.add_issuer(Issuer::new("https://10.0.0.1", AUDIENCE).found_at_run_time()).unwrap_err();
    assert_eq!(error.problems()[0].path(), "issuer.issuer");
    assert_eq!(names(&verifier), ["https://a.example"]);
}

/// Attack G6: nothing that was begun before outlives the removal.
#[tokio::test]
async fn a_token_that_waits_for_keys_is_refused_if_its_issuer_goes_meanwhile() {
    let issuer = TestIssuer::start().await;
    let gate = Gate::new();
    issuer.fail_jwks(Fault::Held(gate.clone()));
    let verifier = Verifier::builder(Issuer::new(issuer.url(), AUDIENCE)).build().unwrap();
    let token = issuer.token().sign();
    let removed = async {
        issuer.wait_for_jwks(1).await;
        assert!(verifier.remove_issuer(issuer.url()));
        gate.open();
    };
    let ((), verdict) = tokio::join!(removed, verdict(&verifier, &token));
    assert_eq!(verdict, Err(Reason::UnknownIssuer));
}

#[tokio::test]
async fn a_token_that_the_application_is_asked_about_is_refused_if_its_issuer_goes_meanwhile() {
    let issuer = TestIssuer::in_memory("https://a.example");
    let verifier: Arc<Mutex<Option<Verifier>>> = Arc::default();
    let asked = Arc::clone(&verifier);
    let built = Verifier::builder(in_memory(&issuer)).with_check(async move |token: VerifiedToken| {
        let verifier = asked.lock().unwrap().clone().unwrap();
        assert!(verifier.remove_issuer(token.issuer()));
        Ok(CheckVerdict::Allow)
    });
    let built = built.build().unwrap();
    *verifier.lock().unwrap() = Some(built.clone());
    assert_eq!(verdict(&built, &issuer.token().sign()).await, Err(Reason::UnknownIssuer));
}

/// A store that takes its time, in which the issuer goes.
#[derive(Clone, Debug, Default)]
struct Removing(Arc<Mutex<Option<Verifier>>>);

impl ReplayStore for Removing {
    fn record<'a>(&'a self, _: &'a ProofUse) -> ReplayFuture<'a> {
        Box::pin(async {
            assert!(self.0.lock().unwrap().as_ref().unwrap().remove_issuer("https://a.example"));
            Ok(ReplayVerdict::FirstUse)
        })
    }
}

#[tokio::test]
async fn a_token_whose_proof_is_being_recorded_is_refused_if_its_issuer_goes_meanwhile() {
    let (issuer, store, client) = (TestIssuer::in_memory("https://a.example"), Removing::default(), DpopClient::new());
    let dpop = DpopSettings::default().with_replay_store(store.clone());
    let verifier = Verifier::builder(in_memory(&issuer)).with_dpop(dpop).build().unwrap();
    *store.0.lock().unwrap() = Some(verifier.clone());
    let token = issuer.token().claim("cnf", client.confirmation()).sign();
    let proof = client.proof(&Method::GET, "https://api.example.com/", &token).sign();
    let request = Request::get("/").header("DPoP", proof).body(()).unwrap();
    let target = TargetUri::new("https://api.example.com", "/");
    let presentation = Presentation::dpop(request.method(), Some(target)).with_proofs(request.headers());
    let refused = verifier.verify_presented(&token, presentation, None).await.unwrap_err();
    assert_eq!(refused.reason(), Reason::UnknownIssuer);
}

#[tokio::test]
async fn status_readiness_and_snapshots_follow() {
    let [first, second] = [TestIssuer::start().await, TestIssuer::start().await];
    let verifier = Verifier::builder(Issuer::new(first.url(), AUDIENCE)).build().unwrap();
    verifier.ready().await.unwrap();
    verifier.add_issuer(Issuer::new(second.url(), AUDIENCE)).unwrap();
    verifier.ready().await.unwrap();
    assert_eq!((first.fetches().jwks(), second.fetches().jwks()), (1, 1));
    let mut both = vec![first.url().to_owned(), second.url().to_owned()];
    both.sort();
    assert_eq!(names(&verifier), both);
    let saved = verifier.key_snapshots();
    assert_eq!(saved.iter().map(|snapshot| snapshot.issuer()).collect::<Vec<_>>(), both);

    verifier.remove_issuer(first.url());
    first.fail_jwks(Fault::Close);
    verifier.refresh_now().await.unwrap();
    assert_eq!((first.fetches().jwks(), second.fetches().jwks()), (1, 2));
    assert_eq!(names(&verifier), [second.url()]);
    assert_eq!(verifier.key_snapshots().len(), 1);

    // What was saved for an issuer serves it also where it comes later.
    let restarted = Verifier::builder(Issuer::new(first.url(), AUDIENCE)).with_key_snapshots(saved).build().unwrap();
    restarted.add_issuer(Issuer::new(second.url(), AUDIENCE)).unwrap();
    assert_eq!(verdict(&restarted, &second.token().sign()).await, Ok(()));
    assert_eq!(second.fetches().jwks(), 2);
}

#[tokio::test]
async fn the_layer_follows_the_verifier_of_its_configuration() {
    let (_, other, _) = two();
    let stays = TestIssuer::in_memory("https://a.example");
    let cfg = AuthConfig::builder(in_memory(&stays)).build().unwrap();
    let app = axum::Router::new().route("/", axum::routing::get(async || "")).layer(AuthLayer::new(cfg.clone()));
    let token = other.token().sign();
    let status = async || {
        let request = crate::support::bearer("/", &token);
        tower::ServiceExt::oneshot(app.clone(), request).await.unwrap().status().as_u16()
    };
    assert_eq!(status().await, 401);
    cfg.verifier().add_issuer(in_memory(&other)).unwrap();
    assert_eq!(status().await, 200);
    cfg.verifier().remove_issuer(other.url());
    assert_eq!(status().await, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_when_many_come_and_go_at_once() {
    let (stays, other, verifier) = two();
    let jwks = other.jwks();
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let (verifier, jwks) = (verifier.clone(), jwks.clone());
            tokio::spawn(async move {
                for at in 0..50 {
                    let name = format!("https://{task}-{at}.example");
                    verifier.add_issuer(Issuer::new(&name, AUDIENCE).with_jwks(&jwks)).unwrap();
                    assert!(at % 2 == 0 || verifier.remove_issuer(&name));
                }
            })
        })
        .collect();
    for _ in 0..200 {
        assert_eq!(verdict(&verifier, &stays.token().sign()).await, Ok(()));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(verifier.status().len(), 1 + 8 * 25);
}
