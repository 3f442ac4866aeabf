//! Any schedule of requests, rotations, outages and clock steps: how much leaves for the issuer, and what a good token
//! can meet.

use std::time::Duration;

use claviger::Issuer;
use claviger::Verifier;
use claviger::clock::Clock;
use claviger::error::Reason;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::support::AUDIENCE;
use crate::support::NOW;
use crate::support::Published;
use crate::support::SharedCache;
use crate::support::new_key;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A token by the key that is published now.
    Good,
    /// A token by the key that was published first, perhaps withdrawn since.
    Old,
    /// A token whose time is over.
    Expired,
    /// A token with an invented `kid`.
    Junk,
    /// A twentieth of a second of junk, at 500 a second.
    Flood,
    /// A token with a published `kid` and a signature by nobody.
    Forged,
    /// Another key in place of all others.
    Rotate,
    Break,
    Mend,
    /// Somebody sets our wall clock, to so many seconds beside the issuer's.
    SetClock(i64),
}

fn step() -> impl Strategy<Value = (Duration, Step)> {
    let step = prop_oneof![
        6 => Just(Step::Good),
        1 => Just(Step::Old),
        6 => Just(Step::Junk),
        2 => Just(Step::Forged),
        2 => Just(Step::Rotate),
        1 => Just(Step::Break),
        2 => Just(Step::Mend),
        1 => skew().prop_map(Step::SetClock),
    ];
    let pause = prop_oneof![4 => 0_u64..3, 3 => 0_u64..40, 2 => 0_u64..700, 1 => 0_u64..9000];
    (pause.prop_map(Duration::from_secs), step)
}

/// The issuer is never down.
fn step_of_junk_and_rotation() -> impl Strategy<Value = (Duration, Step)> {
    let step = prop_oneof![
        6 => Just(Step::Good),
        2 => Just(Step::Expired),
        3 => Just(Step::Flood),
        2 => Just(Step::Junk),
        2 => Just(Step::Rotate),
        2 => skew().prop_map(Step::SetClock),
    ];
    let pause = prop_oneof![5 => 0_u64..100, 3 => 0_u64..40_000, 1 => 0_u64..2_500_000];
    (pause.prop_map(Duration::from_millis), step)
}

/// The leeway is 30 s, and `Age` is rounded down to whole ones.
fn skew() -> impl Strategy<Value = i64> {
    -29_i64..=29
}

fn shared_cache() -> impl Strategy<Value = Option<SharedCache>> {
    let fresh_for = Duration::from_secs(1801);
    option::of(any::<bool>().prop_map(move |ignores_no_cache| SharedCache {
        fresh_for,
        ignores_no_cache,
        stored: None,
    }))
}

struct World {
    clock: TestClock,
    issuers_clock: TestClock,
    off_by: i64,
    issuer: TestIssuer,
    published: Published,
    verifier: Verifier,
    rotations: usize,
    has_key_ids: bool,
}

impl World {
    fn new(has_key_ids: bool, cache: Option<SharedCache>) -> Self {
        let (clock, issuers_clock) = (TestClock::at_second(NOW), TestClock::at_second(NOW));
        let key = key(0, has_key_ids);
        let issuer = TestIssuer::builder().with_key(key).with_clock(issuers_clock.clone()).in_memory();
        let published = Published::new(clock.clone(), issuer.jwks()).behind(cache);
        let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks_uri("https://issuer.example.com/jwks");
        let builder = Verifier::builder(trusted).with_clock(clock.clone()).with_fetch(published.clone());
        let verifier = builder.build().unwrap();
        Self { clock, issuers_clock, off_by: 0, issuer, published, verifier, rotations: 0, has_key_ids }
    }

    fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.issuers_clock.advance(by);
    }

    async fn verdict(&self, token: String) -> Result<(), Reason> {
        self.verifier.verify(&token).await.map(|_| ()).map_err(|error| error.reason())
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Good => self.judge_good().await,
            // What becomes of it depends on when the keys were fetched; that it is judged without a panic is enough.
            Step::Old => drop(self.verdict(self.issuer.token().header("kid", "0").sign()).await),
            Step::Expired => self.judge_expired().await,
            Step::Junk => self.judge_junk().await,
            Step::Flood => {
                for _ in 0..25 {
                    self.judge_junk().await;
                    self.advance(Duration::from_millis(2));
                }
            }
            Step::Forged => {
                let forged = self.issuer.token().with_signature([1; 64]).sign();
                let verdict = self.verdict(forged).await;
                assert!(!matches!(verdict, Ok(())), "a forged token is believed");
            }
            Step::Rotate => {
                self.rotations += 1;
                self.issuer.replace_keys(vec![key(self.rotations, self.has_key_ids)]);
                self.published.publish(self.issuer.jwks());
            }
            Step::Break => self.published.set_up(false),
            Step::Mend => self.published.set_up(true),
            Step::SetClock(seconds) => {
                self.clock.step_wall(seconds - self.off_by);
                self.off_by = seconds;
            }
        }
    }

    /// By a key that nobody has.
    async fn judge_junk(&self) {
        let junk = self.issuer.token();
        let junk = if self.has_key_ids { junk.header("kid", "junk") } else { junk.with_signature([1; 64]) };
        let verdict = self.verdict(junk.sign()).await;
        let unknown = if self.has_key_ids { Reason::UnknownKey } else { Reason::BadSignature };
        let refused = [unknown, Reason::RefetchExhausted, Reason::KeysUnavailable];
        assert!(verdict.is_err_and(|reason| refused.contains(&reason)), "{verdict:?}");
    }

    async fn judge_expired(&self) {
        let exp = self.issuers_clock.unix().unwrap().as_secs() - 60;
        let expired = self.issuer.token().claim("exp", exp).claim("iat", exp - 600);
        let unknown = expired.clone().header("kid", "junk");
        let tokens = if self.has_key_ids { vec![expired, unknown] } else { vec![expired] };
        for token in tokens {
            assert_eq!(self.verdict(token.sign()).await, Err(Reason::Expired));
        }
    }

    /// A token of a published key is never invalid. It is to come again only while the budget is empty, or where a cache
    /// answers in place of the issuer; and it is 503 only while tries have just failed.
    async fn judge_good(&self) {
        let verdict = self.verdict(self.issuer.token().sign()).await;
        let (now, asked) = (self.clock.monotonic(), self.published.asked());
        let within = |seconds: u64, was_up: bool| {
            let since = now.saturating_sub(Duration::from_secs(seconds));
            asked.iter().filter(|(at, up)| *at >= since && *up == was_up).count()
        };
        match verdict {
            Ok(()) => {}
            Err(Reason::RefetchExhausted) => {
                assert!(within(30, true) + within(30, false) >= 1, "it comes again with a budget: {asked:?}")
            }
            Err(Reason::KeysUnavailable) => assert!(within(60, false) >= 1, "503 though nothing failed: {asked:?}"),
            Err(other) => panic!("a good token is refused for {other}"),
        }
    }

    /// Unknown `kid`s: 2 and one in 30 s. Bad signatures: one, and one in 300 s. Scheduled: one in 432 s, which is 72 %
    /// of the lifetime, the first included. Retries follow a failure, and back off to a minute.
    fn assert_bounded(&self) {
        let asked = self.published.asked();
        for (from, (first, _)) in asked.iter().enumerate() {
            for (to, (last, _)) in asked.iter().enumerate().skip(from) {
                let seconds = (*last - *first).as_secs_f64();
                let failures = asked[from..=to].iter().filter(|(_, up)| !up).count();
                let retries = failures as f64;
                let most = 2.0 + seconds / 30.0 + 1.0 + seconds / 300.0 + 1.0 + seconds / 432.0 + retries;
                assert!((to - from + 1) as f64 <= most, "{} fetches in {seconds} s: {asked:?}", to - from + 1);
                if failures == to - from + 1 {
                    assert!(failures as f64 <= 7.0 + seconds / 48.0, "{failures} failures in {seconds} s: {asked:?}");
                }
            }
        }
    }
}

fn key(number: usize, has_key_id: bool) -> SigningKey {
    let nameless = || SigningKey::generate(SigningAlgorithm::Es256).without_key_id();
    if has_key_id { new_key(&number.to_string()) } else { nameless() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn the_issuer_is_asked_within_the_bound_and_good_tokens_pass(steps in vec(step(), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new(true, None);
            for (pause, step) in steps {
                world.advance(pause);
                world.take(step).await;
            }
            world.assert_bounded();
        });
    }

    #[test]
    fn no_good_token_is_ever_invalid_and_an_expired_one_always_is(
        has_key_ids: bool,
        cache in shared_cache(),
        steps in vec(step_of_junk_and_rotation(), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new(has_key_ids, cache);
            for (pause, step) in steps {
                world.advance(pause);
                world.take(step).await;
            }
        });
    }
}
