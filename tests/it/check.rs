//! The application's own check: the last step before a token is believed.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::CheckFuture;
use claviger::CheckVerdict;
use claviger::Issuer;
use claviger::TokenCheck;
use claviger::Verification;
use claviger::VerifiedToken;
use claviger::Verifier;
use claviger::error::Reason;
use claviger::respond::GrpcAnswers;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use http::Method;
use http::StatusCode;
use http::Version;
use http::header::CONTENT_TYPE;
use http::header::RETRY_AFTER;
use http::header::WWW_AUTHENTICATE;
use tokio::sync::Notify;
use tower::ServiceExt;

use crate::support::AUDIENCE;
use crate::support::Answer;
use crate::support::Api;
use crate::support::NOW;
use crate::support::bearer;

/// Denies `mallory`, cannot decide about `nobody`, and takes everybody else.
#[derive(Clone, Default)]
pub(crate) struct Accounts {
    asked: Arc<AtomicUsize>,
}

impl Accounts {
    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl TokenCheck for Accounts {
    fn check<'a>(&'a self, token: &'a VerifiedToken) -> CheckFuture<'a> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            tokio::task::yield_now().await;
            match token.subject() {
                Some("mallory") => Ok(CheckVerdict::deny("marker: suspended")),
                Some("nobody") => Err(io::Error::other("marker: the database is away").into()),
                _ => Ok(CheckVerdict::Allow),
            }
        })
    }
}

pub(crate) fn assert_check_failed(answer: &Answer) {
    answer.assert_problem(StatusCode::SERVICE_UNAVAILABLE, None);
    assert_eq!(answer.reason, Some(Reason::CheckFailed));
    assert!(!answer.headers.contains_key(WWW_AUTHENTICATE));
    let retry_after: u64 = answer.headers[RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&retry_after));
}

#[tokio::test]
async fn the_application_allows_denies_or_cannot_tell() {
    let api = Api::with_settings(|settings| settings.with_check(Accounts::default()));
    let show = async |subject: &str| api.show(&api.token().claim("sub", subject).sign()).await;
    show("alice").await.assert_passed();
    let denied = show("mallory").await;
    denied.assert_invalid_token(Reason::Revoked);
    let undecided = show("nobody").await;
    assert_check_failed(&undecided);
    for answer in [denied, undecided] {
        let told = format!("{:?} {}", answer.headers, answer.body);
        assert!(!told.contains("marker"), "{told}");
    }
}

#[tokio::test]
async fn a_denial_and_a_failure_have_their_codes_of_grpc() {
    let api = Api::with_settings(|settings| settings.with_check(Accounts::default()).with_grpc(GrpcAnswers::Status));
    for (subject, code) in [("mallory", "16"), ("nobody", "14")] {
        let mut request = bearer("/", &api.token().claim("sub", subject).sign());
        request.headers_mut().insert(CONTENT_TYPE, "application/grpc".parse().unwrap());
        *request.method_mut() = Method::POST;
        *request.version_mut() = Version::HTTP_2;
        assert_eq!(api.send(request).await.headers["grpc-status"], code);
    }
}

#[tokio::test]
async fn it_is_asked_last_and_once_for_each_request_with_a_token() {
    let accounts = Accounts::default();
    let api = Api::with_settings(|settings| settings.allow_anonymous().with_check(accounts.clone()));
    for refused in [
        "junk".to_owned(),
        api.token().claim("exp", 1).sign(),
        api.token().audience("x").sign(),
        api.token().claim("iss", "https://other.example").sign(),
        api.token().header("kid", "unknown").sign(),
        api.token().with_signature(b"x").sign(),
        api.token().claim("cnf", serde_json::json!({ "jkt": "x" })).sign(),
    ] {
        assert_eq!(api.show(&refused).await.status, StatusCode::UNAUTHORIZED);
    }
    api.authorize(&[]).await.assert_passed();
    assert_eq!(accounts.asked(), 0);

    let token = api.token().sign();
    for asked in 1..=3 {
        api.show(&token).await.assert_passed();
        assert_eq!(accounts.asked(), asked);
    }
}

#[tokio::test]
async fn a_denied_token_is_401_where_it_also_lacks_the_scope() {
    let api = Api::with_settings(|settings| settings.with_check(Accounts::default()));
    let denied = api.token().claim("sub", "mallory").sign();
    api.send(bearer("/reports", &denied)).await.assert_invalid_token(Reason::Revoked);
    api.send(bearer("/reports", &api.token().sign())).await.assert_insufficient_scope("read:reports");
}

#[tokio::test]
async fn it_is_asked_behind_keys_that_were_waited_for() {
    let clock = TestClock::at_second(NOW);
    let issuer = TestIssuer::builder().with_clock(clock.clone()).start().await;
    let trusted = Issuer::new(issuer.url(), AUDIENCE);
    let accounts = Accounts::default();
    let check = accounts.clone();
    let api = Api::guarded(issuer, clock, trusted, |settings| settings.with_check(check));
    for _ in 0..2 {
        api.show(&api.token().claim("sub", "mallory").sign()).await.assert_invalid_token(Reason::Revoked);
        api.show(&api.token().sign()).await.assert_passed();
    }
    assert_eq!(accounts.asked(), 4);
}

#[tokio::test]
async fn nested_layers_of_one_configuration_ask_once() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let accounts = Accounts::default();
    let cfg = AuthConfig::builder(trusted).with_check(accounts.clone()).build().unwrap();
    let app = Router::new().route("/", get(|| async {})).layer(AuthLayer::new(cfg.clone())).layer(AuthLayer::new(cfg));
    assert_eq!(app.oneshot(bearer("/", &issuer.token().sign())).await.unwrap().status(), StatusCode::OK);
    assert_eq!(accounts.asked(), 1);
}

#[tokio::test]
async fn a_panic_grants_nothing_and_the_service_goes_on() {
    fn of(token: &VerifiedToken, subject: &str) -> bool {
        token.subject() == Some(subject)
    }
    struct Panicking;
    impl TokenCheck for Panicking {
        fn check<'a>(&'a self, token: &'a VerifiedToken) -> CheckFuture<'a> {
            assert!(!of(token, "at once"));
            Box::pin(async move {
                assert!(!of(token, "at the first poll"));
                tokio::task::yield_now().await;
                assert!(!of(token, "later"));
                Ok(CheckVerdict::Allow)
            })
        }
    }
    let api = Api::with_settings(|settings| settings.with_check(Panicking));
    for subject in ["at once", "at the first poll", "later"] {
        assert_check_failed(&api.show(&api.token().claim("sub", subject).sign()).await);
    }
    api.show(&api.token().sign()).await.assert_passed();
}

#[tokio::test]
async fn a_closure_may_be_async_or_return_a_future() {
    let suspended = Arc::new("mallory".to_owned());
    let shared = Arc::clone(&suspended);
    let asynchronous = Api::with_settings(|settings| {
        settings.with_check(async move |token: VerifiedToken| {
            tokio::task::yield_now().await;
            let subject = token.subject().ok_or("nobody")?;
            Ok(if subject == *shared { CheckVerdict::deny("suspended") } else { CheckVerdict::Allow })
        })
    });
    let returning = Api::with_settings(|settings| {
        settings.with_check(move |token: VerifiedToken| {
            let is_suspended = token.subject() == Some(&suspended);
            async move { Ok(if is_suspended { CheckVerdict::deny("suspended") } else { CheckVerdict::Allow }) }
        })
    });
    for api in [asynchronous, returning] {
        api.show(&api.token().claim("sub", "mallory").sign()).await.assert_invalid_token(Reason::Revoked);
        api.show(&api.token().sign()).await.assert_passed();
    }
}

#[tokio::test]
async fn a_check_that_does_not_answer_holds_its_own_request_alone() {
    let answer = Arc::new(Notify::new());
    let asked = Arc::clone(&answer);
    let api = Api::with_settings(|settings| {
        settings.with_check(async move |token: VerifiedToken| {
            if token.subject() == Some("slow") {
                asked.notified().await;
            }
            Ok(CheckVerdict::Allow)
        })
    });
    let slow = api.token().claim("sub", "slow").sign();
    let mut held = Box::pin(api.show(&slow));
    tokio::select! {
        biased;
        _ = &mut held => panic!("nobody has answered yet"),
        other = async { api.show(&api.token().sign()).await } => other.assert_passed(),
    }
    answer.notify_one();
    held.await.assert_passed();
}

#[tokio::test]
async fn programs_without_a_server_get_it_too() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let verifier = Verifier::builder(trusted).with_check(Accounts::default()).build().unwrap();
    assert!(verifier.verify(&issuer.token().sign()).await.is_ok());
    let error = verifier.verify(&issuer.token().claim("sub", "mallory").sign()).await.unwrap_err();
    assert_eq!((error.reason(), error.to_string().contains("marker: suspended")), (Reason::Revoked, true));
    assert_eq!(error.facts().unwrap().issuer(), Some(issuer.url()));
    assert!(matches!(verifier.begin(&issuer.token().sign()), Verification::Waiting(_)));
    assert!(matches!(verifier.begin("junk"), Verification::Decided(Err(_))));
}

/// Section 2: the claims type is the last part of step 6, the application's own check is step 8.
#[tokio::test]
async fn a_token_of_another_shape_is_refused_before_the_application_is_asked() {
    #[derive(serde::Deserialize)]
    struct Member {
        #[expect(dead_code, reason = "only its presence counts")]
        org_id: String,
    }

    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let accounts = Accounts::default();
    let cfg = AuthConfig::builder(trusted).with_check(accounts.clone()).build().unwrap();
    let app = Router::new().route("/", get(|| async {})).layer(AuthLayer::new(cfg).with_claims::<Member>());
    for subject in ["ann", "mallory", "nobody"] {
        let token = issuer.token().claim("sub", subject).sign();
        let response = app.clone().oneshot(bearer("/", &token)).await.unwrap();
        Answer::of(response, false).await.assert_invalid_token(Reason::ClaimsShape);
    }
    assert_eq!(accounts.asked(), 0);
    let token = issuer.token().claim("sub", "ann").claim("org_id", "o").sign();
    assert_eq!(app.oneshot(bearer("/", &token)).await.unwrap().status(), StatusCode::OK);
    assert_eq!(accounts.asked(), 1);
}
