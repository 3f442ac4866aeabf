//! Issuers found at run time: what they may fetch together, and how long a failure is remembered.

use super::*;

/// Issuers found at run time, of one verifier.
fn found(count: usize) -> Vec<Policy> {
    let budget = SharedBudget::of_found_issuers();
    let sharing = |_| {
        let mut policy = policy();
        policy.share(budget.clone());
        policy
    };
    (0..count).map(sharing).collect()
}

/// Nine other issuers found at run time, and this one, have fetched all that they may at this moment.
fn exhausted(now: Duration) -> Policy {
    let mut all = found(10);
    for policy in &mut all {
        let decision = policy.decide(now, ANY);
        assert_eq!(decision, Decision::FetchAndWait(1));
        policy.land(now, 1, KEYS, MIDDLE);
    }
    all.remove(0)
}

#[test]
fn issuers_found_at_run_time_fetch_ten_at_once_together_and_one_a_second() {
    let mut all = found(100);
    let mut fetches = 0;
    for now in 0..60 {
        for policy in &mut all {
            let decision = policy.decide(seconds(now), ANY);
            if let Decision::FetchAndWait(flight) = decision {
                fetches += 1;
                policy.land(seconds(now), flight, KEYS, MIDDLE);
            } else {
                assert!([Decision::Serve, Decision::Exhausted { retry_after: seconds(1) }].contains(&decision));
            }
        }
        assert_eq!(fetches, 10 + now);
    }
    let mut named = policy();
    assert_eq!(named.decide(seconds(59), ANY), Decision::FetchAndWait(1));
}

#[test]
fn what_the_shared_budget_denies_costs_the_issuer_nothing() {
    let mut policy = exhausted(seconds(0));
    for _ in 0..5 {
        let expected = Decision::Undecided { copy_age: seconds(0), retry_after: seconds(1) };
        assert_eq!(policy.decide(seconds(0), unknown(1, 1)), expected);
        assert_eq!(policy.decide(seconds(0), bad_signature(1, 1)), Decision::Denied);
    }
    assert_eq!((policy.flights(), policy.failures), (1, 0));
    for (now, seen) in [(1, 1), (2, 2)] {
        let decision = policy.decide(seconds(now), unknown(seen, policy.flights()));
        let Decision::FetchAndWait(flight) = decision else { panic!("no fetch but {decision:?}") };
        policy.land(seconds(now), flight, KEYS, MIDDLE);
    }
    let flights = policy.flights();
    let expected = Decision::Undecided { copy_age: seconds(1), retry_after: seconds(28) };
    assert_eq!(policy.decide(seconds(3), unknown(3, flights)), expected, "two of its own are used up");
    assert_eq!(policy.decide(seconds(3), bad_signature(3, flights)), Decision::FetchAndWait(4));
}

#[test]
fn with_the_shared_budget_used_up_keys_serve_on_as_long_as_they_may() {
    for (now, expected) in [
        (480, Decision::Serve),
        (600, Decision::Serve),
        (4199, Decision::Serve),
        (4200, Decision::Exhausted { retry_after: seconds(1) }),
    ] {
        let mut policy = exhausted(seconds(0));
        let budget = policy.shared.clone().unwrap();
        while budget.take(seconds(now)).is_ok() {}
        assert_eq!(policy.decide(seconds(now), ANY), expected, "at {now} s");
        assert_eq!((policy.flights(), policy.failures), (1, 0));
    }
}

#[test]
fn a_failure_of_an_issuer_found_at_run_time_is_remembered_for_sixty_seconds() {
    for jitter in [0.0, 1.0] {
        let mut policy = found(1).remove(0);
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
    let mut policy = exhausted(seconds(0));
    assert_eq!(policy.decide(seconds(10), unknown(1, 1)), Decision::FetchAndWait(2));
    policy.land(seconds(10), 2, Outcome::Failed, MIDDLE);
    assert_eq!(policy.decide(seconds(10), ANY), Decision::Serve);
    assert_eq!(policy.decide(seconds(69), unknown(1, 2)), Decision::Unavailable { retry_after: seconds(1) });
    assert_eq!(policy.decide(seconds(70), unknown(1, 2)), Decision::FetchAndWait(3));
}

#[test]
fn what_an_operator_asks_for_is_not_counted() {
    let mut policy = exhausted(seconds(0));
    assert_eq!(policy.refresh(seconds(0)), 2);
    policy.land(seconds(0), 2, KEYS, MIDDLE);
    assert_eq!(policy.decide(seconds(1), unknown(2, 2)), Decision::FetchAndWait(3));
}
