//! Any schedule of requests, rotations and fetches, over a cache between us and the issuer: no good token is refused for
//! good.

use std::collections::HashMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// A token by the newest key comes, with an `iat` that is off by these seconds.
    Good { skew: i64 },
    /// A token comes whose key nobody has.
    Junk,
    /// Another key beside those before.
    Rotate,
    /// The oldest fetch under way ends.
    End { fails: bool },
}

fn step() -> impl Strategy<Value = (u64, Step)> {
    let step = prop_oneof![
        4 => (-SKEW..=SKEW).prop_map(|skew| Step::Good { skew }),
        6 => Just(Step::Junk),
        2 => Just(Step::Rotate),
        5 => proptest::bool::weighted(0.2).prop_map(|fails| Step::End { fails }),
    ];
    // Junk comes 500 times a second.
    let pause = prop_oneof![6 => Just(2_u64), 3 => 0_u64..3000, 2 => 0_u64..40_000, 1 => 0_u64..4_000_000];
    (pause, step)
}

/// What stands at the issuer, at the cache, on the way and here. A key is named by the moment of its publication, and a
/// set by its newest key.
struct World {
    now: Duration,
    policy: Policy,
    published: Duration,
    cache: Cache,
    /// The key and the age of each answer on the way, by the number of its fetch.
    under_way: Vec<(u64, Duration, Duration)>,
    /// The key that each landing has brought.
    brought: HashMap<u64, Duration>,
    waiting: Vec<(u64, Request)>,
}

/// Between us and the issuer.
#[derive(Clone, Copy, Debug)]
struct Cache {
    /// How long it answers by itself; not at all for 0.
    fresh_for: Duration,
    /// Whether it answers by itself also who wants the issuer's word.
    is_deaf: bool,
    key: Duration,
    at: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Request {
    /// `None` if nobody has it.
    key: Option<Duration>,
    /// Signed, because it may be before the start of the clock.
    iat: i128,
    arrival: Arrival,
}

impl World {
    fn new(fresh_for: u64, is_deaf: bool) -> Self {
        let now = seconds(10_000);
        let cache = Cache { fresh_for: seconds(fresh_for), is_deaf, key: now, at: now };
        let (under_way, brought, waiting) = (Vec::new(), HashMap::new(), Vec::new());
        Self { now, policy: policy(), published: now, cache, under_way, brought, waiting }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Rotate => self.published = self.now,
            Step::End { fails } => self.end(fails),
            Step::Junk => self.request(None, 0),
            Step::Good { skew } => self.request(Some(self.published), skew),
        }
    }

    fn request(&mut self, key: Option<Duration>, skew: i64) {
        let arrival = Arrival { at: self.now, flights: self.policy.flights() };
        let iat = i128::from(self.now.as_secs()) + i128::from(skew);
        self.ask(Request { key, iat, arrival }, Ask::Any(arrival), Cause::UnknownKey);
    }

    fn ask(&mut self, request: Request, ask: Ask, cause: Cause) {
        let decision = self.policy.decide(self.now, ask);
        match decision {
            Decision::Serve => self.judge(request, cause),
            Decision::ServeAndFetch(flight) => {
                self.begin(flight, ask.wanted());
                self.judge(request, cause);
            }
            Decision::FetchAndWait(flight) => {
                self.begin(flight, ask.wanted());
                self.waiting.push((flight, request));
            }
            Decision::Join(flight) => self.waiting.push((flight, request)),
            Decision::NothingNewer | Decision::Denied => {
                assert_eq!(request.key, None, "a good token is refused: {decision:?}, {request:?}");
            }
            Decision::Undecided { copy_age, .. } => {
                let published = i128::from(self.now.saturating_sub(copy_age).as_secs());
                let is_older = request.iat + i128::from(LEEWAY) < published;
                assert!(request.key.is_none() || !is_older, "a good token is refused: {decision:?}, {request:?}");
            }
            Decision::Unavailable { .. } => {}
            Decision::Exhausted { .. } => panic!("there is no shared budget"),
        }
    }

    /// By the keys at hand.
    fn judge(&mut self, request: Request, cause: Cause) {
        let seen = self.policy.landings;
        let is_there = |newest: &&Duration| request.key.is_some_and(|key| key <= **newest);
        if self.brought.get(&seen).filter(is_there).is_none() {
            self.ask(request, Ask::Newer { seen, arrival: request.arrival, cause }, cause);
        }
    }

    /// What the issuer publishes now is what it answers, however long that takes.
    fn begin(&mut self, flight: u64, wanted: Wanted) {
        let age = self.now - self.cache.at;
        // `Age: 0` is the issuer's own word, so the cache of this world answers from its first second on.
        let answers =
            (seconds(1)..self.cache.fresh_for).contains(&age) && (wanted == Wanted::Fresh || self.cache.is_deaf);
        if !answers {
            (self.cache.key, self.cache.at) = (self.published, self.now);
        }
        // Whole seconds, rounded down, as the field has them.
        let age = if answers { seconds(age.as_secs()) } else { Duration::ZERO };
        self.under_way.push((flight, self.cache.key, age));
    }

    fn end(&mut self, fails: bool) {
        if self.under_way.is_empty() {
            return;
        }
        let (flight, key, age) = self.under_way.remove(0);
        let outcome = if fails { Outcome::Failed } else { Outcome::Keys { lifetime: None, age } };
        if let Landed::Swap { landing, .. } = self.policy.land(self.now, flight, outcome, MIDDLE) {
            self.brought.insert(landing, key);
        }
        let (ended, waiting) = self.waiting.iter().partition(|(of, _)| *of == flight);
        self.waiting = waiting;
        let ended: Vec<(u64, Request)> = ended;
        for (_, request) in ended {
            // Who waits for a fetch that fails is told to come again.
            if !fails {
                self.judge(request, Cause::UnknownKey);
            }
        }
    }
}

proptest! {
    #[test]
    fn no_good_token_is_refused_for_good(fresh_for in prop_oneof![Just(0_u64), Just(1800)], is_deaf: bool, steps in vec(step(), 1..300)) {
        let mut world = World::new(fresh_for, is_deaf);
        for (pause, step) in steps {
            world.now += Duration::from_millis(pause);
            world.take(step);
        }
    }
}

/// Seconds.
const LEEWAY: i64 = 30;
/// `Age` is rounded down, so a copy can be a second older than that says.
const SKEW: i64 = LEEWAY - 1;
