//! Issuers found at run time (section 3 of the contract): how often something is fetched for them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use claviger::Fetch;
use claviger::FetchError;
use claviger::FetchFuture;
use claviger::Issuer;
use claviger::Verifier;
use claviger::clock::Clock;
use claviger::error::Reason;
use claviger::error::Refusal;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use http::Request;
use http::Response;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::AUDIENCE;
use crate::support::NOW;
use crate::support::new_key;

/// What each host answers, from memory.
#[derive(Clone, Debug)]
struct Hosts {
    clock: TestClock,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    documents: BTreeMap<String, String>,
    are_down: bool,
    asked: Vec<(String, Duration)>,
}

impl Hosts {
    fn new(clock: &TestClock) -> Self {
        Self { clock: clock.clone(), state: Arc::default() }
    }

    fn serve(&self, host: &str, document: String) {
        self.state.lock().unwrap().documents.insert(host.to_owned(), document);
    }

    fn set_down(&self, are_down: bool) {
        self.state.lock().unwrap().are_down = are_down;
    }

    /// When those hosts were asked whose names end so.
    fn asked(&self, suffix: &str) -> Vec<Duration> {
        let state = self.state.lock().unwrap();
        state.asked.iter().filter(|(host, _)| host.ends_with(suffix)).map(|(_, at)| *at).collect()
    }
}

impl Fetch for Hosts {
    fn fetch(&self, request: Request<()>) -> FetchFuture<'_> {
        let host = request.uri().host().unwrap().to_owned();
        let mut state = self.state.lock().unwrap();
        let document = state.documents[&host].clone();
        state.asked.push((host, self.clock.monotonic()));
        let answer = if state.are_down { Err(FetchError::Deadline) } else { Ok(Response::new(Bytes::from(document))) };
        Box::pin(async move { answer })
    }

    fn keeps_to_public_addresses(&self) -> bool {
        true
    }
}

/// Customers with an issuer each, one issuer that the operator has named, and one verifier.
struct World {
    clock: TestClock,
    hosts: Hosts,
    customers: Vec<TestIssuer>,
    named: TestIssuer,
    verifier: Verifier,
}

impl World {
    fn of(customers: usize) -> Self {
        let (clock, key) = (TestClock::at_second(NOW), new_key("1"));
        let hosts = Hosts::new(&clock);
        let issuer = |host: &str| {
            let issuer = TestIssuer::builder().with_issuer(format!("https://{host}")).with_key(key.clone());
            let issuer = issuer.with_clock(clock.clone()).in_memory();
            hosts.serve(host, issuer.jwks());
            issuer
        };
        let named = issuer("login.operator.example");
        let customers: Vec<_> = (0..customers).map(|at| issuer(&format!("{at}.customers.example"))).collect();
        let trusted =
            |issuer: &TestIssuer| Issuer::new(issuer.url(), AUDIENCE).with_jwks_uri(format!("{}/jwks", issuer.url()));
        let found = customers.iter().map(|issuer| trusted(issuer).found_at_run_time());
        let verifier = Verifier::for_issuers(found.chain([trusted(&named)]));
        let verifier = verifier.with_clock(clock.clone()).with_fetch(hosts.clone()).build().unwrap();
        Self { clock, hosts, customers, named, verifier }
    }

    async fn verdict(&self, token: String) -> Result<(), Refusal> {
        self.verifier.verify(&token).await.map(|_| ()).map_err(|error| error.refusal())
    }

    async fn customer(&self, at: usize) -> Result<(), Refusal> {
        self.verdict(self.customers[at].token().sign()).await
    }

    async fn junk(&self, at: usize) -> Result<(), Refusal> {
        self.verdict(self.customers[at].token().header("kid", "junk").sign()).await
    }

    fn fetches(&self) -> usize {
        self.hosts.asked(".customers.example").len()
    }
}

const LATER: Refusal = Refusal::Unavailable { retry_after: Duration::from_secs(1) };

/// None of them has verified a signature before, for whom the other half is kept.
#[tokio::test]
async fn together_new_ones_fetch_five_at_once_and_one_a_second() {
    let world = World::of(10);
    for at in 0..10 {
        let expected = if at < 5 { Ok(()) } else { Err(LATER) };
        assert_eq!(world.customer(at).await, expected, "customer {at}");
    }
    for second in 1..=5 {
        world.clock.advance(Duration::from_secs(1));
        assert_eq!(world.customer(4 + second).await, Ok(()));
        for at in 0..10 {
            let expected = if at < 5 + second { Ok(()) } else { Err(LATER) };
            assert_eq!(world.customer(at).await, expected, "customer {at} after {second} s");
        }
        assert_eq!(world.fetches(), 5 + second);
    }
}

#[tokio::test]
async fn an_issuer_that_the_operator_has_named_has_no_part_in_it() {
    let world = World::of(6);
    for at in 0..5 {
        assert_eq!(world.customer(at).await, Ok(()));
    }
    assert_eq!(world.verdict(world.named.token().sign()).await, Ok(()));
    let junk = world.named.token().header("kid", "junk").sign();
    assert_eq!(world.verdict(junk).await, Err(Refusal::InvalidToken));
    assert_eq!(world.hosts.asked("login.operator.example").len(), 2);
    assert_eq!(world.customer(5).await, Err(LATER));
}

/// A token of a key that nobody has looked for may be good: the client keeps it and comes again.
#[tokio::test]
async fn with_nothing_left_known_keys_serve_and_unknown_ones_are_429() {
    let world = World::of(6);
    for at in 0..5 {
        assert_eq!(world.customer(at).await, Ok(()));
    }
    assert_eq!(world.customer(5).await, Err(LATER));
    // Those that have verified a signature have the other half.
    for at in 0..5 {
        assert_eq!(world.junk(at).await, Err(Refusal::InvalidToken));
    }
    assert_eq!(world.fetches(), 10);
    let error = world.verifier.verify(&world.customers[0].token().header("kid", "2").sign()).await.unwrap_err();
    let refusal = |seconds| Refusal::TooManyRequests { retry_after: Duration::from_secs(seconds) };
    assert_eq!((error.reason(), error.refusal()), (Reason::RefetchExhausted, refusal(1)));
    let status = world.verifier.status();
    let customer = status.iter().find(|status| status.issuer == world.customers[0].url()).unwrap();
    assert_eq!((customer.counters.fetches, customer.counters.refetches_denied), (2, 1));
    assert!(customer.last_error.is_none());

    // What was denied has cost the issuer nothing of its own: one is left of two.
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.junk(0).await, Err(Refusal::InvalidToken));
    world.clock.advance(Duration::from_secs(2));
    assert_eq!(world.junk(0).await, Err(refusal(27)));
    assert_eq!(world.fetches(), 11);
}

#[tokio::test]
async fn a_failed_fetch_is_remembered_for_sixty_seconds() {
    let world = World::of(1);
    world.hosts.set_down(true);
    let in_seconds = |seconds| Err(Refusal::Unavailable { retry_after: Duration::from_secs(seconds) });
    assert_eq!(world.customer(0).await, in_seconds(60));
    world.hosts.set_down(false);
    world.clock.advance(Duration::from_secs(59));
    assert_eq!(world.customer(0).await, in_seconds(1));
    assert_eq!(world.fetches(), 1);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.customer(0).await, Ok(()));
    assert_eq!(world.fetches(), 2);
}

#[tokio::test]
async fn none_of_them_keeps_a_service_from_coming_up_and_an_operator_can_refresh_them_all() {
    let world = World::of(20);
    world.verifier.ready().await.unwrap();
    assert_eq!((world.fetches(), world.hosts.asked("login.operator.example").len()), (0, 1));
    world.verifier.refresh_now().await.unwrap();
    assert_eq!((world.fetches(), world.hosts.asked("login.operator.example").len()), (20, 2));
}

/// Each step: how many milliseconds pass, whose token comes, whether its key is an invented one, and whether the issuers
/// are down.
fn steps() -> impl Strategy<Value = Vec<(u64, usize, bool, bool)>> {
    let pause = prop_oneof![6 => Just(0), 3 => 0_u64..1500, 1 => 0_u64..90_000, 1 => 0_u64..4_000_000];
    vec((pause, 0_usize..20, any::<bool>(), proptest::bool::weighted(0.2)), 1..200)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// In any span of t seconds at most 10 + t.
    #[test]
    fn whatever_comes_the_bound_holds_in_every_span_of_time(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::of(20);
            for (pause, at, is_junk, are_down) in steps {
                world.clock.advance(Duration::from_millis(pause));
                world.hosts.set_down(are_down);
                let verdict = if is_junk { world.junk(at).await } else { world.customer(at).await };
                assert!(!(is_junk && verdict.is_ok()));
                // A fetch behind the request asks now, and not when the clock has moved on.
                tokio::task::yield_now().await;
            }
            let asked = world.hosts.asked(".customers.example");
            for (from, first) in asked.iter().enumerate() {
                for (to, last) in asked.iter().enumerate().skip(from) {
                    let most = 10.0 + (*last - *first).as_secs_f64();
                    assert!((to - from + 1) as f64 <= most, "{} in {:?}", to - from + 1, *last - *first);
                }
            }
        });
    }
}
