//! Issuers found at run time: what they may fetch together, whose turn it is, and how long a failure is remembered.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::Weak;

use super::*;

/// Issuers found at run time, of one verifier.
#[derive(Debug, Default)]
struct Found {
    budget: SharedBudget,
    issuers: Vec<(Policy, Arc<dyn Candidate>)>,
    /// The issuers whose turn it was while others asked.
    turns: Arc<Mutex<Vec<usize>>>,
}

#[derive(Debug)]
struct Named {
    at: usize,
    turns: Arc<Mutex<Vec<usize>>>,
}

impl Candidate for Named {
    fn take_turn(self: Arc<Self>) {
        self.turns.lock().unwrap().push(self.at);
    }
}

impl Found {
    fn of(count: usize) -> Self {
        let mut found = Self::default();
        for _ in 0..count {
            found.add();
        }
        found
    }

    fn add(&mut self) -> usize {
        self.add_over_store(false)
    }

    fn add_over_store(&mut self, has_store: bool) -> usize {
        let at = self.issuers.len();
        let candidate = Arc::new(Named { at, turns: Arc::clone(&self.turns) });
        let weak: Weak<Named> = Arc::downgrade(&candidate);
        let mut policy = policy();
        policy.share(self.budget.share(at as u64, weak, has_store));
        self.issuers.push((policy, candidate));
        at
    }

    fn policy(&mut self, at: usize) -> &mut Policy {
        &mut self.issuers[at].0
    }

    /// As the hands of the policy do it: who was asked for gets it, and others whose turn it is fetch.
    fn ask(&mut self, at: usize, now: Duration, ask: Ask) -> Decision {
        let policy = self.policy(at);
        let decision = policy.decide(now, ask);
        policy.take_turns().into_iter().for_each(Candidate::take_turn);
        let turns = std::mem::take(&mut *self.turns.lock().unwrap());
        for at in turns {
            let flight = self.policy(at).take_turn(now);
            let Some((flight, _)) = flight else { continue };
            self.policy(at).land(now, flight, KEYS, MIDDLE);
        }
        decision
    }

    /// Whether a request for this issuer is served, whose fetches bring `outcome` at once.
    fn is_served(&mut self, at: usize, now: Duration, outcome: Outcome) -> bool {
        match self.ask(at, now, ANY) {
            Decision::Serve => true,
            Decision::ServeAndFetch(flight) | Decision::FetchAndWait(flight) => {
                self.policy(at).land(now, flight, outcome, MIDDLE);
                outcome != Outcome::Failed
            }
            Decision::Unavailable { .. } | Decision::Exhausted { .. } => false,
            decision @ (Decision::Join(_) | Decision::NothingNewer | Decision::Denied | Decision::Undecided { .. }) => {
                panic!("{decision:?}")
            }
        }
    }

    /// Holding keys, with nothing left to fetch others.
    fn exhausted(now: Duration) -> Self {
        let mut found = Self::of(1);
        assert!(found.is_served(0, now, KEYS));
        found.policy(0).confirm();
        found.budget.use_up(now);
        found
    }
}

#[test]
fn unconfirmed_issuers_fetch_five_at_once_together_and_one_a_second() {
    let mut found = Found::of(100);
    for now in 0..60 {
        let served = (0..100).filter(|at| found.is_served(*at, seconds(now), KEYS)).count() as u64;
        // Those behind the one whose turn it is have fetched in its place, and are served when they ask next.
        assert!((5 + now..=6 + now).contains(&served), "{served} after {now} s");
    }
    let mut named = policy();
    assert_eq!(named.decide(seconds(59), ANY), Decision::FetchAndWait(1));
}

#[test]
fn half_of_the_budget_is_kept_for_issuers_that_have_verified_a_signature() {
    let mut found = Found::of(20);
    (10..20).for_each(|at| found.policy(at).confirm());
    let served = |found: &mut Found, all: std::ops::Range<usize>| {
        all.filter(|at| found.is_served(*at, seconds(0), KEYS)).count()
    };
    assert_eq!(served(&mut found, 0..10), 5);
    assert_eq!(served(&mut found, 10..20), 5);
}

#[test]
fn the_name_with_most_requests_is_first_and_of_several_the_oldest() {
    let mut found = Found::of(9);
    let failed = (0..5).filter(|at| found.is_served(*at, seconds(0), Outcome::Failed)).count();
    assert_eq!(failed, 0, "five tries, and nothing left");
    for (at, requests) in [(5, 1), (6, 3), (7, 3), (8, 2)] {
        for _ in 0..requests {
            assert_eq!(found.ask(at, seconds(0), ANY), Decision::Exhausted { retry_after: seconds(1) });
        }
    }
    // Each second somebody else asks for the first time, and it is the turn of the next one that has waited.
    for (now, next) in [(1, 6), (2, 7), (3, 8)] {
        let other = found.add();
        assert!(!found.is_served(other, seconds(now), KEYS));
        for at in 5..9 {
            assert_eq!(found.policy(at).may_serve(seconds(now)), at == next || now > 1 && (6..next).contains(&at));
        }
    }
    // Oldest of those that came once.
    let other = found.add();
    assert!(!found.is_served(other, seconds(4), KEYS));
    assert!(found.policy(5).may_serve(seconds(4)));
}

#[test]
fn an_unconfirmed_name_has_one_try_in_sixty_seconds() {
    let mut found = Found::of(1);
    assert!(found.is_served(0, seconds(0), KEYS));
    for now in [10, 59] {
        let expected = Decision::Undecided { copy_age: seconds(now), retry_after: seconds(60 - now) };
        assert_eq!(found.ask(0, seconds(now), unknown(1, 1)), expected);
    }
    assert_eq!(found.ask(0, seconds(60), unknown(1, 1)), Decision::FetchAndWait(2));
    // Also where all that is known of it was evicted meanwhile.
    let mut found = Found::of(1);
    assert!(!found.is_served(0, seconds(0), Outcome::Failed));
    let mut again = policy();
    again.share(found.budget.share(0, Arc::downgrade(&found.issuers[0].1), false));
    assert_eq!(again.decide(seconds(1), ANY), Decision::Exhausted { retry_after: seconds(59) });
}

/// 500 a second, and each once.
#[test]
fn invented_names_cost_confirmed_issuers_nothing_and_unconfirmed_ones_less_than_a_minute() {
    const OURS: usize = 40;
    let mut found = Found::of(OURS);
    (0..OURS / 2).for_each(|at| found.policy(at).confirm());
    let mut served_at = [None; OURS];
    for tick in 0..120_u64 * 500 {
        let now = Duration::from_millis(2 * tick);
        let stranger = found.add();
        assert!(!found.is_served(stranger, now, Outcome::Failed));
        if tick % 13 != 0 {
            continue;
        }
        // Ours come once a second each, one after the other; those that are confirmed from the second second on.
        let (at, round) = ((tick / 13) as usize % OURS, tick / 13 / OURS as u64);
        // And a few only every twelve seconds.
        if at % 10 == 9 && !round.is_multiple_of(12) {
            continue;
        }
        if at >= OURS / 2 || now >= seconds(1) {
            let is_served = found.is_served(at, now, KEYS);
            served_at[at] = served_at[at].or_else(|| is_served.then_some(now));
            if at < OURS / 2 && now > seconds(30) {
                assert!(is_served, "confirmed issuer {at} after {now:?}");
            }
            if is_served {
                found.policy(at).confirm();
            }
        }
    }
    for (at, served_at) in served_at.into_iter().enumerate() {
        assert!(served_at.is_some_and(|at| at < seconds(60)), "issuer {at}: {served_at:?}");
    }
}

#[test]
fn a_key_store_is_asked_before_the_budget_and_once_a_second() {
    let mut found = Found::of(1);
    let at = found.add_over_store(true);
    found.budget.use_up(seconds(0));
    let Decision::FetchAndWait(flight) = found.ask(at, seconds(0), ANY) else { panic!("the store is not asked") };
    let policy = found.policy(at);
    assert!(!policy.is_paid(flight));
    let retry_after = policy.pay(seconds(0), flight).unwrap_err();
    assert_eq!((policy.is_denied_for(seconds(0)), policy.state(seconds(0))), (Some(retry_after), KeyState::Empty));
    let half_a_second = Duration::from_millis(500);
    let expected = Decision::Exhausted { retry_after: retry_after - half_a_second };
    assert_eq!(policy.decide(half_a_second, ANY), expected);
    // Whom the store knows has verified a signature elsewhere, and has its half.
    let Decision::FetchAndWait(flight) = policy.decide(seconds(1), ANY) else { panic!("the store is not asked") };
    policy.confirm();
    policy.pay(seconds(1), flight).unwrap();
    assert_eq!(policy.land(seconds(1), flight, Outcome::Failed, MIDDLE), Landed::Keep);
}

#[test]
fn what_the_shared_budget_denies_costs_the_issuer_nothing() {
    let mut found = Found::exhausted(seconds(0));
    for _ in 0..5 {
        let expected = Decision::Undecided { copy_age: seconds(0), retry_after: seconds(1) };
        assert_eq!(found.ask(0, seconds(0), unknown(1, 1)), expected);
        assert_eq!(found.ask(0, seconds(0), bad_signature(1, 1)), Decision::Denied);
    }
    let policy = found.policy(0);
    assert_eq!((policy.flights(), policy.failures), (1, 0));
    for (now, seen) in [(1, 1), (3, 2)] {
        let decision = policy.decide(seconds(now), unknown(seen, policy.flights()));
        let Decision::FetchAndWait(flight) = decision else { panic!("no fetch but {decision:?}") };
        policy.land(seconds(now), flight, KEYS, MIDDLE);
    }
    let flights = policy.flights();
    let expected = Decision::Undecided { copy_age: seconds(2), retry_after: seconds(26) };
    assert_eq!(policy.decide(seconds(5), unknown(3, flights)), expected, "two of its own are used up");
    assert_eq!(policy.decide(seconds(5), bad_signature(3, flights)), Decision::FetchAndWait(4));
}

#[test]
fn with_the_shared_budget_used_up_keys_serve_on_as_long_as_they_may() {
    for (now, expected) in [
        (480, Decision::Serve),
        (600, Decision::Serve),
        (4199, Decision::Serve),
        (4200, Decision::Exhausted { retry_after: seconds(1) }),
    ] {
        let mut found = Found::exhausted(seconds(0));
        found.budget.use_up(seconds(now));
        assert_eq!(found.ask(0, seconds(now), ANY), expected, "at {now} s");
        assert_eq!((found.policy(0).flights(), found.policy(0).failures), (1, 0));
    }
}

#[test]
fn a_failure_of_an_issuer_found_at_run_time_is_remembered_for_sixty_seconds() {
    for jitter in [0.0, 1.0] {
        let mut found = Found::of(1);
        let policy = found.policy(0);
        for start in [0, 60, 120] {
            let decision = policy.decide(seconds(start), ANY);
            let Decision::FetchAndWait(flight) = decision else { panic!("no fetch but {decision:?}") };
            policy.land(seconds(start), flight, Outcome::Failed, jitter);
            for (later, retry_after) in [(0, 60), (1, 59), (59, 1)] {
                let decision = policy.decide(seconds(start + later), ANY);
                assert_eq!(decision, Decision::Unavailable { retry_after: seconds(retry_after) });
            }
        }
    }
}

#[test]
fn a_failed_refetch_of_an_issuer_found_at_run_time_is_remembered_too() {
    let mut found = Found::exhausted(seconds(0));
    let policy = found.policy(0);
    assert_eq!(policy.decide(seconds(10), unknown(1, 1)), Decision::FetchAndWait(2));
    policy.land(seconds(10), 2, Outcome::Failed, MIDDLE);
    assert_eq!(policy.decide(seconds(10), ANY), Decision::Serve);
    assert_eq!(policy.decide(seconds(69), unknown(1, 2)), Decision::Unavailable { retry_after: seconds(1) });
    assert_eq!(policy.decide(seconds(70), unknown(1, 2)), Decision::FetchAndWait(3));
}

#[test]
fn what_an_operator_asks_for_is_not_counted() {
    let mut found = Found::exhausted(seconds(0));
    let policy = found.policy(0);
    assert_eq!(policy.refresh(seconds(0)), 2);
    policy.land(seconds(0), 2, KEYS, MIDDLE);
    assert_eq!(policy.decide(seconds(1), unknown(2, 2)), Decision::FetchAndWait(3));
}
