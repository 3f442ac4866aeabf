//! A token whose key is not there, or has not signed it: the contract's rows "unknown `kid`" and the two behind it.

use super::*;

/// From a cache that has had it for so long.
fn cached(age: u64) -> Outcome {
    Outcome::Keys { lifetime: None, age: seconds(age) }
}

/// What a request is told that has just come, and has seen the keys at hand.
fn unknown_now(policy: &mut Policy, now: Duration) -> Decision {
    let ask = unknown(policy.landings, policy.flights());
    policy.decide(now, ask)
}

fn refetch(policy: &mut Policy, now: Duration, outcome: Outcome) {
    let decision = unknown_now(policy, now);
    let Decision::FetchAndWait(flight) = decision else { panic!("no fetch but {decision:?}") };
    policy.land(now, flight, outcome, MIDDLE);
}

#[test]
fn unknown_keys_have_a_budget_of_two_refilled_every_thirty_seconds() {
    let mut policy = holding(seconds(0));
    let mut fetched_at = Vec::new();
    let mut copy_from = seconds(0);
    for now in (1..=90).map(seconds) {
        let decision = unknown_now(&mut policy, now);
        if let Decision::FetchAndWait(flight) = decision {
            policy.land(now, flight, KEYS, MIDDLE);
            copy_from = now;
            fetched_at.push(now);
        } else {
            let refills = [31, 61, 91].map(seconds);
            let retry_after = refills[fetched_at.len() - 2] - now;
            assert_eq!(decision, Decision::Undecided { copy_age: now - copy_from, retry_after });
        }
    }
    assert_eq!(fetched_at, [1, 2, 31, 61].map(seconds));
}

#[test]
fn failed_tries_are_counted() {
    let mut policy = holding(seconds(0));
    refetch(&mut policy, seconds(10), Outcome::Failed);
    refetch(&mut policy, seconds(12), Outcome::Failed);
    // In back-off, and then with nothing left.
    assert_eq!(unknown_now(&mut policy, seconds(13)), Decision::Unavailable { retry_after: seconds(27) });
    let expected = Decision::Undecided { copy_age: seconds(20), retry_after: seconds(20) };
    assert_eq!(unknown_now(&mut policy, seconds(20)), expected);
}

#[test]
fn a_fetch_that_began_before_the_request_does_not_count_for_it() {
    let mut policy = holding(seconds(0));
    assert_eq!(policy.decide(seconds(10), unknown(1, 1)), Decision::FetchAndWait(2));
    // Arrived while that fetch was under way: it is joined for nothing, and when it did not help, a second one starts.
    assert_eq!(policy.decide(seconds(11), unknown(1, 2)), Decision::Join(2));
    policy.land(seconds(12), 2, KEYS, MIDDLE);
    assert_eq!(policy.decide(seconds(12), unknown(1, 2)), Decision::Serve);
    assert_eq!(policy.decide(seconds(12), unknown(2, 1)), Decision::NothingNewer);
    assert_eq!(policy.decide(seconds(12), unknown(2, 2)), Decision::FetchAndWait(3));
    policy.land(seconds(13), 3, KEYS, MIDDLE);
    assert_eq!(policy.decide(seconds(13), unknown(3, 2)), Decision::NothingNewer);
    // Both of the budget are used, and this request came after either began.
    let from_the_start_of_the_fetch = Decision::Undecided { copy_age: seconds(1), retry_after: seconds(27) };
    assert_eq!(policy.decide(seconds(13), unknown(3, 3)), from_the_start_of_the_fetch);
}

#[test]
fn joining_costs_nothing() {
    let mut policy = holding(seconds(0));
    for now in [10, 11] {
        let Decision::FetchAndWait(flight) = unknown_now(&mut policy, seconds(now)) else { panic!("no fetch") };
        for _ in 0..500 {
            assert_eq!(unknown_now(&mut policy, seconds(now)), Decision::Join(flight));
        }
        policy.land(seconds(now), flight, KEYS, MIDDLE);
    }
}

#[test]
fn a_clock_that_stands_still_hides_no_rotation() {
    let mut policy = holding(seconds(0));
    assert_eq!(policy.decide(seconds(0), unknown(1, 1)), Decision::FetchAndWait(2));
}

#[test]
fn a_refetch_that_a_cache_answers_decides_nothing_and_is_not_repeated_for_the_same_request() {
    let mut policy = holding(seconds(0));
    assert_eq!(policy.decide(seconds(10), unknown(1, 1)), Decision::FetchAndWait(2));
    policy.land(seconds(12), 2, cached(1800), MIDDLE);
    let of_the_cache = Decision::Undecided { copy_age: seconds(2 + 1800), retry_after: seconds(28) };
    assert_eq!(policy.decide(seconds(12), unknown(2, 1)), of_the_cache);
    // The next request has a refetch of its own, which gets past the cache.
    assert_eq!(policy.decide(seconds(12), unknown(2, 2)), Decision::FetchAndWait(3));
    policy.land(seconds(13), 3, KEYS, MIDDLE);
    assert_eq!(policy.decide(seconds(13), unknown(3, 2)), Decision::NothingNewer);
}

#[test]
fn what_a_cache_has_answered_before_the_request_could_ask_past_it_is_asked_again() {
    let mut policy = policy();
    assert_eq!(policy.decide(seconds(0), ANY), Decision::FetchAndWait(1));
    policy.land(seconds(0), 1, cached(5), MIDDLE);
    assert_eq!(policy.decide(seconds(0), unknown(1, 0)), Decision::FetchAndWait(2));
}

#[test]
fn what_another_process_has_fetched_is_not_the_issuers_word_of_now() {
    let mut policy = policy();
    assert_eq!(policy.decide(seconds(100), ANY), Decision::FetchAndWait(1));
    let stored = Outcome::Stored { lifetime: seconds(600), since: Duration::ZERO, age: Duration::ZERO };
    policy.land(seconds(100), 1, stored, MIDDLE);
    assert_eq!(policy.decide(seconds(100), unknown(1, 0)), Decision::FetchAndWait(2));
}

#[test]
fn a_stored_copy_is_as_old_as_it_was_there_and_has_been_since() {
    let mut policy = policy();
    policy.seed(seconds(0), seconds(600), seconds(100), seconds(1800), MIDDLE);
    policy.settings.refetch_budget = 0;
    policy.unknown_keys = Bucket::new(1, seconds(30));
    policy.unknown_keys.take(seconds(0));
    let expected = Decision::Undecided { copy_age: seconds(1800 + 100 + 10), retry_after: seconds(20) };
    assert_eq!(unknown_now(&mut policy, seconds(10)), expected);
}

#[test]
fn while_refetches_fail_an_unknown_key_is_nobodys_fault_and_a_bad_signature_is_the_tokens() {
    let mut policy = holding(seconds(0));
    let Decision::FetchAndWait(flight) = policy.decide(seconds(10), unknown(1, 1)) else { panic!("no fetch") };
    policy.land(seconds(10), flight, Outcome::Failed, MIDDLE);
    assert_eq!(policy.decide(seconds(10), unknown(1, 1)), Decision::Unavailable { retry_after: seconds(1) });
    assert_eq!(policy.decide(seconds(10), bad_signature(1, 1)), Decision::Denied);
    assert_eq!(policy.decide(seconds(10), ANY), Decision::Serve);
}

#[test]
fn bad_signatures_have_a_budget_of_their_own() {
    let mut policy = holding(seconds(0));
    assert_eq!(policy.decide(seconds(10), bad_signature(1, 1)), Decision::FetchAndWait(2));
    policy.land(seconds(10), 2, KEYS, MIDDLE);
    assert_eq!(policy.decide(seconds(11), bad_signature(2, 2)), Decision::Denied);
    assert_eq!(policy.decide(seconds(11), unknown(2, 2)), Decision::FetchAndWait(3));
    policy.land(seconds(11), 3, KEYS, MIDDLE);
    assert_eq!(policy.decide(seconds(310), bad_signature(3, 3)), Decision::FetchAndWait(4));
}

#[test]
fn a_bad_signature_is_decided_though_a_cache_has_answered() {
    let mut policy = holding(seconds(0));
    assert_eq!(policy.decide(seconds(10), bad_signature(1, 1)), Decision::FetchAndWait(2));
    policy.land(seconds(10), 2, cached(1800), MIDDLE);
    assert_eq!(policy.decide(seconds(10), bad_signature(2, 1)), Decision::Denied);
}

#[test]
fn the_next_try_is_when_both_back_off_and_budget_allow_it() {
    let mut policy = holding(seconds(0));
    for _ in 0..2 {
        refetch(&mut policy, seconds(10), KEYS);
    }
    let flight = policy.refresh(seconds(10));
    policy.land(seconds(10), flight, Outcome::Failed, MIDDLE);
    assert_eq!(unknown_now(&mut policy, seconds(10)), Decision::Unavailable { retry_after: seconds(30) });
}

#[test]
fn the_longest_intervals_do_not_overflow() {
    let mut settings = KeySettings::default();
    (settings.refetch_interval, settings.refetch_budget) = (Duration::MAX, 1);
    (settings.default_lifetime, settings.max_stale) = (Duration::MAX, Duration::MAX);
    let mut policy = Policy::new(settings);
    policy.decide(seconds(1), ANY);
    policy.land(seconds(1), 1, Outcome::Keys { lifetime: None, age: Duration::MAX }, 1.0);
    refetch(&mut policy, seconds(2), Outcome::Keys { lifetime: None, age: Duration::MAX });
    let expected = Decision::Undecided { copy_age: Duration::MAX, retry_after: Duration::MAX - seconds(3) };
    assert_eq!(unknown_now(&mut policy, seconds(3)), expected);
}
