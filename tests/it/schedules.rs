//! Any schedule of requests, rotations, outages and clock steps: how much leaves for the issuer, and how long a good
//! token can be refused.

use std::time::Duration;

use claviger::Issuer;
use claviger::Verifier;
use claviger::clock::Clock;
use claviger::error::Reason;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::AUDIENCE;
use crate::support::NOW;
use crate::support::Published;
use crate::support::new_key;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A token by the key that is published now.
    Good,
    /// A token by the key that was published first, perhaps withdrawn since.
    Old,
    /// A token with an invented `kid`.
    Junk,
    /// A token with a published `kid` and a signature by nobody.
    Forged,
    /// Another key in place of all others.
    Rotate,
    Break,
    Mend,
    /// Somebody sets the wall clock, by seconds.
    SetClock(i64),
}

fn step() -> impl Strategy<Value = (u64, Step)> {
    let step = prop_oneof![
        6 => Just(Step::Good),
        1 => Just(Step::Old),
        6 => Just(Step::Junk),
        2 => Just(Step::Forged),
        2 => Just(Step::Rotate),
        1 => Just(Step::Break),
        2 => Just(Step::Mend),
        1 => (-20_i64..20).prop_map(Step::SetClock),
    ];
    let pause = prop_oneof![4 => 0_u64..3, 3 => 0_u64..40, 2 => 0_u64..700, 1 => 0_u64..9000];
    (pause, step)
}

struct World {
    clock: TestClock,
    issuer: TestIssuer,
    published: Published,
    verifier: Verifier,
    rotations: usize,
}

impl World {
    fn new() -> Self {
        let clock = TestClock::at_second(NOW);
        let issuer = TestIssuer::builder().with_key(new_key("0")).with_clock(clock.clone()).in_memory();
        let published = Published::new(clock.clone(), issuer.jwks());
        let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks_uri("https://issuer.example.com/jwks");
        let builder = Verifier::builder(trusted).with_clock(clock.clone()).with_fetch(published.clone());
        Self { clock, issuer, published, verifier: builder.build().unwrap(), rotations: 0 }
    }

    async fn verdict(&self, token: String) -> Result<(), Reason> {
        self.verifier.verify(&token).await.map(|_| ()).map_err(|error| error.reason())
    }

    async fn take(&mut self, step: Step) {
        let old = self.issuer.token().header("kid", "0");
        match step {
            Step::Good => self.judge_good().await,
            // What becomes of it depends on when the keys were fetched; that it is judged without a panic is enough.
            Step::Old => drop(self.verdict(old.sign()).await),
            Step::Junk => {
                let verdict = self.verdict(self.issuer.token().header("kid", "junk").sign()).await;
                assert!(matches!(verdict, Err(Reason::UnknownKey | Reason::KeysUnavailable)), "{verdict:?}");
            }
            Step::Forged => {
                let forged = self.issuer.token().with_signature([1; 64]).sign();
                let verdict = self.verdict(forged).await;
                assert!(!matches!(verdict, Ok(())), "a forged token is believed");
            }
            Step::Rotate => {
                self.rotations += 1;
                self.issuer.replace_keys(vec![new_key(&self.rotations.to_string())]);
                self.published.publish(self.issuer.jwks());
            }
            Step::Break => self.published.set_up(false),
            Step::Mend => self.published.set_up(true),
            Step::SetClock(seconds) => self.clock.step_wall(seconds),
        }
    }

    /// A token of a published key is refused only while the budget is empty, or while tries have just failed.
    async fn judge_good(&self) {
        let verdict = self.verdict(self.issuer.token().sign()).await;
        let (now, asked) = (self.clock.monotonic(), self.published.asked());
        let within = |seconds: u64, was_up: bool| {
            let since = now.saturating_sub(Duration::from_secs(seconds));
            asked.iter().filter(|(at, up)| *at >= since && *up == was_up).count()
        };
        match verdict {
            Ok(()) => {}
            Err(Reason::UnknownKey) => {
                assert!(within(30, true) + within(30, false) >= 1, "refused with a budget: {asked:?}")
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn the_issuer_is_asked_within_the_bound_and_good_tokens_pass(steps in vec(step(), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new();
            for (pause, step) in steps {
                world.clock.advance(Duration::from_secs(pause));
                world.take(step).await;
            }
            world.assert_bounded();
        });
    }
}
