//! The rows of the contract's section on keys, under virtual time.

use super::*;
use crate::keys::Arrival;

mod found;
mod refetches;
mod schedules;

const MIDDLE: f64 = 0.5;

/// When it came matters only for how long it waits.
const ANY: Ask = Ask::Any(Arrival { at: Duration::ZERO, flights: 0 });

/// From the issuer itself, and without a word on how long they are fresh.
const KEYS: Outcome = Outcome::Keys { lifetime: None, age: Duration::ZERO };

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn policy() -> Policy {
    Policy::new(KeySettings::default())
}

/// Fetched at `now`, fresh for 600 s, so from 480 s on refreshed behind.
fn holding(now: Duration) -> Policy {
    let mut policy = policy();
    let Decision::FetchAndWait(flight) = policy.decide(now, ANY) else { panic!("no fetch") };
    policy.land(now, flight, KEYS, MIDDLE);
    policy
}

fn fail(policy: &mut Policy, now: Duration) {
    let decision = policy.decide(now, ANY);
    let (Decision::FetchAndWait(flight) | Decision::ServeAndFetch(flight)) = decision else {
        panic!("no fetch but {decision:?}");
    };
    policy.land(now, flight, Outcome::Failed, MIDDLE);
}

/// A request that came after this many flights had begun, and has seen the keys of this landing.
fn newer(seen: u64, flights: u64, cause: Cause) -> Ask {
    Ask::Newer { seen, arrival: Arrival { at: Duration::ZERO, flights }, cause }
}

fn unknown(seen: u64, flights: u64) -> Ask {
    newer(seen, flights, Cause::UnknownKey)
}

fn bad_signature(seen: u64, flights: u64) -> Ask {
    newer(seen, flights, Cause::BadSignature)
}

#[test]
fn a_cold_start_is_one_fetch_that_all_join() {
    let mut policy = policy();
    assert_eq!(policy.state(seconds(0)), KeyState::Empty);
    assert_eq!(policy.decide(seconds(0), ANY), Decision::FetchAndWait(1));
    assert_eq!(policy.decide(seconds(0), ANY), Decision::Join(1));
    assert_eq!(policy.decide(seconds(1), unknown(0, 1)), Decision::Join(1));
}

#[test]
fn a_failed_cold_start_backs_off_from_one_second_to_sixty() {
    let mut policy = policy();
    let mut now = seconds(0);
    for expected in [1, 2, 4, 8, 16, 32, 60, 60] {
        fail(&mut policy, now);
        assert_eq!(policy.decide(now, ANY), Decision::Unavailable { retry_after: seconds(expected) });
        now += seconds(expected);
    }
}

#[test]
fn fresh_keys_serve_and_are_refreshed_behind_from_four_fifths_on() {
    let mut policy = holding(seconds(0));
    assert_eq!(policy.decide(seconds(479), ANY), Decision::Serve);
    assert_eq!(policy.state(seconds(479)), KeyState::Fresh);
    assert_eq!(policy.decide(seconds(480), ANY), Decision::ServeAndFetch(2));
    assert_eq!(policy.decide(seconds(480), ANY), Decision::Serve);
    assert_eq!(policy.state(seconds(480)), KeyState::Refreshing);
}

#[test]
fn jitter_moves_the_refresh_by_a_tenth_at_most() {
    for (jitter, expected) in [(0.0, 432), (1.0, 528)] {
        let mut policy = policy();
        policy.decide(seconds(0), ANY);
        let landed = policy.land(seconds(0), 1, KEYS, jitter);
        let Landed::Swap { landing: 1, refresh_at, .. } = landed else { panic!("{landed:?}") };
        assert_eq!(refresh_at, seconds(expected));
    }
}

#[test]
fn lifetimes_are_clamped_from_one_minute_to_one_hour() {
    for (stated, fresh) in [(0, 60), (15, 60), (600, 600), (3_828_277, 3600), (u64::MAX, 3600)] {
        let mut policy = policy();
        policy.decide(seconds(0), ANY);
        policy.land(seconds(0), 1, Outcome::Keys { lifetime: Some(seconds(stated)), age: Duration::ZERO }, MIDDLE);
        assert_eq!(policy.state(seconds(fresh - 1)), KeyState::Fresh, "{stated}");
        assert_eq!(policy.state(seconds(fresh)), KeyState::Stale, "{stated}");
    }
}

#[test]
fn failing_refreshes_leave_the_old_keys_serving_for_an_hour_past_their_lifetime() {
    let mut policy = holding(seconds(0));
    fail(&mut policy, seconds(480));
    assert_eq!(policy.decide(seconds(480), ANY), Decision::Serve);
    fail(&mut policy, seconds(600));
    assert_eq!(policy.state(seconds(600)), KeyState::Stale);
    assert!(!policy.is_worryingly_stale(seconds(2399)));
    assert!(policy.is_worryingly_stale(seconds(2400)));
    fail(&mut policy, seconds(4199));
    assert_eq!(policy.decide(seconds(4199), ANY), Decision::Serve);
    assert!(policy.may_serve(seconds(4199)));
    assert_eq!(policy.state(seconds(4200)), KeyState::Expired);
    assert!(matches!(policy.decide(seconds(4200), ANY), Decision::Unavailable { .. }));
}

#[test]
fn idle_past_its_lifetime_the_next_request_waits_for_one_fetch() {
    let mut policy = holding(seconds(0));
    assert_eq!(policy.decide(seconds(3000), ANY), Decision::FetchAndWait(2));
    assert_eq!(policy.decide(seconds(3000), ANY), Decision::Join(2));
    policy.land(seconds(3001), 2, Outcome::Failed, MIDDLE);
    assert_eq!(policy.decide(seconds(3001), ANY), Decision::Serve);
}

#[test]
fn an_old_answer_never_replaces_a_younger_one() {
    let mut policy = holding(seconds(0));
    let slow = policy.refresh(seconds(0));
    let fast = policy.refresh(seconds(0));
    assert!(matches!(policy.land(seconds(12), fast, KEYS, MIDDLE), Landed::Swap { landing: 2, .. }));
    assert_eq!(policy.land(seconds(13), slow, KEYS, MIDDLE), Landed::Outdated);
    assert_eq!(policy.land(seconds(13), slow, Outcome::Failed, MIDDLE), Landed::Outdated);
    assert_eq!(policy.decide(seconds(13), ANY), Decision::Serve);
}

#[test]
fn the_longest_settings_do_not_overflow() {
    let mut policy = policy();
    policy.decide(Duration::from_secs(u64::from(u32::MAX)), ANY);
    policy.land(
        Duration::from_secs(u64::from(u32::MAX)),
        1,
        Outcome::Keys { lifetime: Some(Duration::MAX), age: Duration::ZERO },
        1.0,
    );
    assert_eq!(policy.state(Duration::from_secs(u64::from(u32::MAX))), KeyState::Fresh);
}

#[test]
fn a_failure_within_the_lifetime_does_not_excuse_the_wait_past_it() {
    let mut policy = holding(seconds(0));
    assert_eq!(policy.decide(seconds(1), unknown(1, 1)), Decision::FetchAndWait(2));
    policy.land(seconds(1), 2, Outcome::Failed, MIDDLE);
    assert_eq!(policy.decide(seconds(3000), ANY), Decision::FetchAndWait(3));
    policy.land(seconds(3001), 3, Outcome::Failed, MIDDLE);
    assert_eq!(policy.decide(seconds(3001), ANY), Decision::Serve);
    assert_eq!(policy.decide(seconds(3004), ANY), Decision::ServeAndFetch(4));
}

#[test]
fn the_back_off_stays_between_one_second_and_sixty_with_any_jitter() {
    for jitter in [0.0, 1.0] {
        let mut policy = policy();
        let mut now = seconds(0);
        for _ in 0..10 {
            let Decision::FetchAndWait(flight) = policy.decide(now, ANY) else { panic!("no fetch") };
            policy.land(now, flight, Outcome::Failed, jitter);
            assert!((seconds(1)..=seconds(60)).contains(&policy.retry_after(now)));
            now += policy.retry_after(now);
        }
    }
}

#[test]
fn a_seed_is_as_old_as_it_says_and_ages_on() {
    let mut policy = policy();
    let now = seconds(100_000);
    assert_eq!(policy.seed(now, seconds(600), seconds(600 + 3600), seconds(0), MIDDLE), None, "too old to serve");
    assert!(matches!(
        policy.seed(now, seconds(600), seconds(500), seconds(0), MIDDLE),
        Some(Landed::Swap { landing: 1, .. })
    ));
    assert_eq!(policy.decide(now, ANY), Decision::ServeAndFetch(1), "past 80 % of its lifetime");
    policy.land(now, 1, Outcome::Failed, MIDDLE);
    assert_eq!(policy.state(now + seconds(99)), KeyState::Fresh);
    assert_eq!(policy.state(now + seconds(100)), KeyState::Stale);
    assert_eq!(policy.state(now + seconds(100 + 3600)), KeyState::Expired);
}

#[test]
fn a_seed_is_older_than_every_request() {
    let mut policy = policy();
    policy.seed(seconds(0), seconds(600), seconds(0), seconds(0), MIDDLE);
    assert_eq!(policy.decide(seconds(0), ANY), Decision::Serve);
    assert_eq!(policy.decide(seconds(0), unknown(1, 0)), Decision::FetchAndWait(1));
}

#[test]
fn a_seed_lives_no_longer_than_the_maximum() {
    let mut policy = policy();
    policy.seed(seconds(0), Duration::MAX, seconds(0), seconds(0), MIDDLE);
    assert_eq!(policy.state(seconds(3600)), KeyState::Stale);
}
