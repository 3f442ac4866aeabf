//! The one use of a proof (RFC 9449, section 11.1).

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use claviger::CheckVerdict;
use claviger::MemoryReplayStore;
use claviger::ProofUse;
use claviger::ReplayFuture;
use claviger::ReplayStore;
use claviger::ReplayVerdict;
use claviger::StoreFailure;
use claviger::VerifiedToken;
use claviger::error::Reason;
use claviger_testing::DpopClient;
use http::Method;

use crate::dpop::Bound;
use crate::dpop::ORIGIN;
use crate::dpop::URL;
use crate::dpop::bound_token;
use crate::dpop::request;
use crate::support::NOW;

#[tokio::test]
async fn a_proof_is_good_for_one_request() {
    let bound = Bound::new();
    let proof = bound.proof().sign();
    bound.show(&proof).await.assert_passed();
    for _ in 0..3 {
        bound.show(&proof).await.assert_invalid_proof(Reason::ProofReplayed);
    }
    // The same `jti` in another proof is no other use.
    let named = |seconds| bound.proof().claim("jti", "one").issued(seconds).sign();
    bound.show(&named(0)).await.assert_passed();
    bound.show(&named(-1)).await.assert_invalid_proof(Reason::ProofReplayed);
}

/// Contract, section 2: the application's own check is step 10, the one use of a proof is recorded in step 11.
#[tokio::test]
async fn a_denial_or_a_failed_check_uses_up_no_proof() {
    for (first, reason) in
        [(Err("the database is away"), Reason::CheckFailed), (Ok(CheckVerdict::deny("suspended")), Reason::Revoked)]
    {
        let answers = Arc::new(Mutex::new(vec![Ok(CheckVerdict::Allow), first]));
        let check = async move |_: VerifiedToken| {
            answers.lock().unwrap().pop().unwrap_or(Ok(CheckVerdict::Allow)).map_err(Into::into)
        };
        let bound = Bound::at(|settings| settings.with_public_url(ORIGIN).with_check(check));
        let proof = bound.proof().sign();
        assert_eq!(bound.show(&proof).await.reason, Some(reason));
        bound.show(&proof).await.assert_passed();
        bound.show(&proof).await.assert_invalid_proof(Reason::ProofReplayed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_equal_proofs_at_once_one_passes() {
    let bound = Arc::new(Bound::new());
    let proof = bound.proof().sign();
    let sent = (0..100).map(|_| {
        let (bound, proof) = (Arc::clone(&bound), proof.clone());
        tokio::spawn(async move { bound.show(&proof).await.status.as_u16() })
    });
    let mut passed = 0;
    for status in sent.collect::<Vec<_>>() {
        let status = status.await.unwrap();
        assert!([200, 401].contains(&status));
        passed += u32::from(status == 200);
    }
    assert_eq!(passed, 1);
}

#[tokio::test]
async fn the_jti_of_another_key_is_another() {
    let bound = Bound::new();
    bound.show(&bound.proof().claim("jti", "one").sign()).await.assert_passed();
    let other = Bound::with_client(bound.api, DpopClient::new());
    other.show(&other.proof().claim("jti", "one").sign()).await.assert_passed();
}

/// From the future, so that it can be accepted for as long as any can.
#[tokio::test]
async fn a_use_is_remembered_until_the_proof_could_no_longer_be_accepted() {
    let bound = Bound::new();
    let proof = bound.proof().issued(30);
    let show = async || {
        let token = bound.token.clone();
        bound.api.send(request("DPoP", &token, &[&proof.clone().sign()])).await.reason
    };
    assert_eq!(show().await, None);
    // The token ends before the proof does, but has its leeway.
    for _ in 0..329 {
        bound.api.clock.advance(Duration::from_secs(1));
        assert_eq!(show().await, Some(Reason::ProofReplayed));
    }
    bound.api.clock.advance(Duration::from_secs(2));
    let token = bound_token(&bound.api, &bound.client);
    let late = proof.clone().token(&token).sign();
    assert_eq!(bound.api.send(request("DPoP", &token, &[&late])).await.reason, Some(Reason::ProofExpired));
}

#[tokio::test]
async fn a_clock_that_is_set_forward_and_back_revives_nothing() {
    let bound = Bound::new();
    let proof = bound.proof().sign();
    bound.show(&proof).await.assert_passed();
    bound.api.clock.step_wall(100_000);
    let token = bound_token(&bound.api, &bound.client);
    let other = bound.client.proof(&Method::GET, URL, &token).sign();
    bound.api.send(request("DPoP", &token, &[&other])).await.assert_passed();
    bound.api.clock.step_wall(-100_000);
    bound.show(&proof).await.assert_invalid_proof(Reason::ProofReplayed);
}

/// By as much as clocks may differ anyway: its use is remembered for so much longer.
#[tokio::test]
async fn a_clock_that_is_set_back_by_the_leeway_brings_no_proof_to_life() {
    for issued in [-200, 0, 30] {
        let bound = Bound::new();
        let proof = bound.proof().issued(issued).claim("jti", "one");
        bound.show(&proof.sign()).await.assert_passed();
        let last = 300_u64.saturating_add_signed(issued);
        bound.api.clock.advance(Duration::from_secs(last + 30));
        bound.api.clock.step_wall(-30);
        let token = bound_token(&bound.api, &bound.client);
        let again = bound
            .client
            .proof(&Method::GET, URL, &token)
            .claim("jti", "one")
            .claim("iat", NOW.saturating_add_signed(issued));
        let answer = bound.api.send(request("DPoP", &token, &[&again.sign()])).await;
        answer.assert_invalid_proof(Reason::ProofReplayed);
    }
}

/// Nor does the slower clock of another instance, also where clients are granted no leeway.
#[tokio::test]
async fn without_a_leeway_clocks_may_differ_all_the_same() {
    let bound = Bound::with(|dpop| dpop.with_proof_leeway(Duration::ZERO));
    bound.show(&bound.proof().claim("jti", "one").sign()).await.assert_passed();
    bound.api.clock.advance(Duration::from_secs(330));
    bound.api.clock.step_wall(-30);
    let token = bound_token(&bound.api, &bound.client);
    let again = bound.client.proof(&Method::GET, URL, &token).claim("jti", "one").claim("iat", NOW).sign();
    bound.api.send(request("DPoP", &token, &[&again])).await.assert_invalid_proof(Reason::ProofReplayed);
}

#[tokio::test]
async fn only_a_proof_that_passed_is_used_up() {
    let bound = Bound::new();
    let named = || bound.proof().claim("jti", "one");
    bound.show(&named().claim("htm", "POST").sign()).await.assert_invalid_proof(Reason::ProofMismatch);
    bound.show(&named().with_signature([1; 64]).sign()).await.assert_invalid_proof(Reason::ProofMismatch);
    bound.show(&named().sign()).await.assert_passed();
}

#[tokio::test]
async fn without_detection_a_request_can_be_sent_again() {
    let bound = Bound::with(claviger::DpopSettings::without_replay_detection);
    let proof = bound.proof().sign();
    for _ in 0..3 {
        bound.show(&proof).await.assert_passed();
    }
}

#[tokio::test]
async fn a_key_that_has_used_up_its_share_waits_and_others_do_not() {
    let bound = Bound::with(|dpop| dpop.with_replay_memory(512 * 1024));
    for _ in 0..1000 {
        bound.get().await.assert_passed();
    }
    bound.get().await.assert_unavailable_because(Reason::StoreUnavailable);
    let other = Bound::with_client(bound.api, DpopClient::new());
    other.get().await.assert_passed();
}

/// A store that several instances share, and that can be broken.
#[derive(Clone, Debug)]
struct Shared {
    store: Arc<MemoryReplayStore>,
    state: Arc<Mutex<State>>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Up,
    Down,
    Silent,
}

impl Shared {
    fn new() -> Self {
        let clock = Arc::new(claviger::clock::SystemClock::new());
        Self { store: Arc::new(MemoryReplayStore::new(1 << 20, clock)), state: Arc::new(Mutex::new(State::Up)) }
    }

    fn set(&self, state: State) {
        *self.state.lock().unwrap() = state;
    }
}

impl ReplayStore for Shared {
    fn record<'a>(&'a self, proof: &'a ProofUse) -> ReplayFuture<'a> {
        let state = *self.state.lock().unwrap();
        Box::pin(async move {
            match state {
                State::Up => Ok(self.store.record(proof)),
                State::Down => Err("connection refused".into()),
                State::Silent => std::future::pending().await,
            }
        })
    }
}

#[tokio::test]
async fn instances_that_share_a_store_accept_a_proof_once() {
    let shared = Shared::new();
    let [one, other] = [0, 1].map(|_| Bound::with(|dpop| dpop.with_replay_store(shared.clone())));
    let other = Bound { client: one.client.clone(), token: bound_token(&other.api, &one.client), ..other };
    one.show(&one.proof().claim("jti", "one").sign()).await.assert_passed();
    other.show(&other.proof().claim("jti", "one").sign()).await.assert_invalid_proof(Reason::ProofReplayed);
    other.get().await.assert_passed();
}

#[tokio::test(start_paused = true)]
async fn while_the_store_is_away_requests_are_refused_or_accepted_as_it_was_said() {
    let shared = Shared::new();
    let refusing = Bound::with(|dpop| dpop.with_replay_store(shared.clone()));
    let accepting = Bound::with(|dpop| dpop.with_replay_store(shared.clone()).with_store_failure(StoreFailure::Accept));
    for state in [State::Down, State::Silent] {
        shared.set(state);
        let before = tokio::time::Instant::now();
        refusing.get().await.assert_unavailable_because(Reason::StoreUnavailable);
        assert!(before.elapsed() <= Duration::from_millis(101));
        accepting.get().await.assert_passed();
    }
    shared.set(State::Up);
    let proof = accepting.proof().sign();
    accepting.show(&proof).await.assert_passed();
    accepting.show(&proof).await.assert_invalid_proof(Reason::ProofReplayed);
    refusing.get().await.assert_passed();
}

#[tokio::test]
async fn a_store_that_is_full_refuses_whatever_was_said_of_failures() {
    #[derive(Debug)]
    struct Full;

    impl ReplayStore for Full {
        fn record<'a>(&'a self, _: &'a ProofUse) -> ReplayFuture<'a> {
            Box::pin(async { Ok(ReplayVerdict::Full { retry_after: Duration::from_secs(7) }) })
        }
    }

    let bound = Bound::with(|dpop| dpop.with_replay_store(Full).with_store_failure(StoreFailure::Accept));
    let answer = bound.get().await;
    answer.assert_unavailable_because(Reason::StoreUnavailable);
    assert_eq!(answer.headers["retry-after"], "7");
}
