//! The end of a token, for answers that live longer than their request.

use std::pin::Pin;
use std::task::Context;
use std::task::Waker;
use std::time::Duration;

use claviger::Issuer;
use claviger::VerifiedToken;
use claviger::Verifier;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use tokio::time;

use crate::support::AUDIENCE;
use crate::support::NOW;

const LEEWAY: u64 = 30;

/// A believed token whose `exp` is this JSON text, and the clock that it was judged by.
async fn token(exp: &str) -> (VerifiedToken, TestClock) {
    let (verifier, raw, clock) = signed(exp);
    (verifier.verify(&raw).await.unwrap(), clock)
}

fn signed(exp: &str) -> (Verifier, String, TestClock) {
    let clock = TestClock::at_second(NOW);
    let issuer = TestIssuer::builder().with_clock(clock.clone()).in_memory();
    let payload = r#"{"iss":"@","aud":"https://api.example.com","sub":"s","client_id":"c","iat":0,"jti":"j","exp":#}"#
        .replace('@', issuer.url())
        .replace('#', exp);
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let verifier = Verifier::builder(trusted.with_leeway(Duration::from_secs(LEEWAY))).with_clock(clock.clone());
    (verifier.build().unwrap(), issuer.token().raw_payload(payload).sign(), clock)
}

/// One that expires in these seconds, plus the leeway.
async fn expiring_in(seconds: u64) -> (VerifiedToken, TestClock) {
    token(&(NOW + seconds).to_string()).await
}

/// Lets time pass, on the wall and for who sleeps.
async fn pass(clock: &TestClock, by: Duration) {
    clock.advance(by);
    time::advance(by).await;
}

fn is_over(mut future: impl Future<Output = ()> + Unpin) -> bool {
    Pin::new(&mut future).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[tokio::test(start_paused = true)]
async fn it_ends_when_exp_and_the_leeway_have_passed_and_not_before() {
    let (token, clock) = expiring_in(100).await;
    let mut expired = token.expired();
    assert!(!is_over(&mut expired));
    pass(&clock, Duration::from_secs(100)).await;
    assert!(!is_over(&mut expired));
    pass(&clock, Duration::from_millis(1000 * LEEWAY - 1)).await;
    assert!(!is_over(&mut expired));
    pass(&clock, Duration::from_millis(1)).await;
    assert!(is_over(&mut expired));
    assert!(is_over(token.expired()), "asked afterwards, it is over at once");
}

#[tokio::test(start_paused = true)]
async fn a_fraction_of_a_second_counts() {
    let (token, clock) = token(&format!("{NOW}.5")).await;
    let mut expired = token.expired();
    assert!(!is_over(&mut expired));
    pass(&clock, Duration::from_millis(1000 * LEEWAY + 499)).await;
    assert!(!is_over(&mut expired));
    pass(&clock, Duration::from_millis(1)).await;
    assert!(is_over(&mut expired));
}

#[tokio::test]
async fn it_is_over_when_the_verifier_refuses_the_token() {
    for exp in [NOW.to_string(), format!("{NOW}.25"), format!("{}e-1", NOW * 10 + 7)] {
        let (verifier, raw, clock) = signed(&exp);
        let token = verifier.verify(&raw).await.unwrap();
        clock.advance(Duration::from_secs(LEEWAY));
        let mut over = 0;
        for _ in 0..100 {
            let is_refused = verifier.verify(&raw).await.is_err();
            assert_eq!(is_over(token.expired()), is_refused, "{exp}: {clock:?}");
            over += u32::from(is_refused);
            clock.advance(Duration::from_millis(10));
        }
        assert!((1..=100).contains(&over), "{exp}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wall_clock_that_is_put_forward_is_noticed_within_a_minute() {
    let (token, clock) = expiring_in(86_400).await;
    let mut expired = token.expired();
    assert!(!is_over(&mut expired));
    clock.step_wall(100_000);
    assert!(!is_over(&mut expired));
    time::advance(Duration::from_secs(60)).await;
    assert!(is_over(&mut expired));
}

#[tokio::test(start_paused = true)]
async fn a_wall_clock_that_is_put_back_makes_it_last_as_long_as_the_token() {
    let (token, clock) = expiring_in(100).await;
    let mut expired = token.expired();
    assert!(!is_over(&mut expired));
    clock.step_wall(-50);
    for _ in 0..17 {
        pass(&clock, Duration::from_secs(10)).await;
        assert!(!is_over(&mut expired));
    }
    pass(&clock, Duration::from_secs(10)).await;
    assert!(is_over(&mut expired));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_does_not_know_the_time_ends_it() {
    let (token, clock) = expiring_in(86_400).await;
    let mut begun = token.expired();
    assert!(!is_over(&mut begun));
    clock.set_unix(None);
    assert!(is_over(token.expired()));
    time::advance(Duration::from_secs(60)).await;
    assert!(is_over(&mut begun));
}

#[tokio::test(start_paused = true)]
async fn beyond_any_calendar_it_never_ends() {
    for exp in ["1e19", "1e300", "1e400"] {
        let (token, clock) = token(exp).await;
        let mut expired = token.expired();
        for _ in 0..3 {
            assert!(!is_over(&mut expired), "{exp}");
            pass(&clock, Duration::from_secs(100 * 365 * 86_400)).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn it_can_outlive_the_token_and_be_raced_on_another_task() {
    let (token, clock) = expiring_in(10).await;
    let expired = token.expired();
    drop(token);
    let task = tokio::spawn(async move {
        tokio::select! {
            () = expired => "expired",
            () = time::sleep(Duration::from_secs(3600)) => "slept",
        }
    });
    tokio::task::yield_now().await;
    pass(&clock, Duration::from_secs(10 + LEEWAY)).await;
    assert_eq!(task.await.unwrap(), "expired");
}
