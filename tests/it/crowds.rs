//! Many at once: instances that start together, and junk by the thousand.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger::Issuer;
use claviger::Verifier;
use claviger::error::Reason;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;

use crate::support::AUDIENCE;
use crate::support::NOW;
use crate::support::Published;

/// An issuer and its instances, whose time is the same.
struct Fleet {
    clock: TestClock,
    issuer: TestIssuer,
    instances: Vec<(Published, Verifier)>,
}

impl Fleet {
    fn of(size: usize) -> Self {
        let clock = TestClock::at_second(NOW);
        let issuer = TestIssuer::builder().with_clock(clock.clone()).in_memory();
        let trusted = || Issuer::new(issuer.url(), AUDIENCE).with_jwks_uri("https://issuer.example.com/jwks");
        let start = |_| {
            let published = Published::new(clock.clone(), issuer.jwks());
            let builder = Verifier::builder(trusted()).with_clock(clock.clone()).with_fetch(published.clone());
            (published, builder.build().unwrap())
        };
        let instances = (0..size).map(start).collect();
        Self { clock, issuer, instances }
    }
}

/// All from `least` to `most` seconds, and more than a quarter of that apart. Twenty random numbers lie closer together
/// less than once in ten billion times: 20 · (1/4)^19 < 10^-10.
fn assert_spread(times: &[Duration], least: f64, most: f64) {
    let seconds: Vec<_> = times.iter().map(Duration::as_secs_f64).collect();
    let (first, last) = seconds.iter().fold((f64::MAX, f64::MIN), |(first, last), at| (at.min(first), at.max(last)));
    assert!(first >= least && last <= most, "not from {least} s to {most} s: {seconds:?}");
    assert!(last - first >= (most - least) / 4.0, "not spread over {least} s to {most} s: {seconds:?}");
}

/// At 80 % of ten minutes, ±10 %.
#[tokio::test]
async fn instances_that_start_together_do_not_refresh_together() {
    let fleet = Fleet::of(20);
    let mut refreshes = Vec::new();
    for (_, verifier) in &fleet.instances {
        verifier.ready().await.unwrap();
        refreshes.push(verifier.status()[0].refresh_in.unwrap());
    }
    assert_spread(&refreshes, 432.0, 528.0);
}

/// The third back-off is four seconds, ±20 %, and is seen to the hundredth of a second.
#[tokio::test]
async fn instances_that_fail_together_do_not_try_again_together() {
    let fleet = Fleet::of(20);
    let token = fleet.issuer.token().sign();
    fleet.instances.iter().for_each(|(published, _)| published.set_up(false));
    for _ in 0..1000 {
        for (_, verifier) in &fleet.instances {
            assert_eq!(verifier.verify(&token).await.unwrap_err().reason(), Reason::KeysUnavailable);
        }
        fleet.clock.advance(Duration::from_millis(10));
    }
    let tries = fleet.instances.iter().map(|(published, _)| published.asked());
    let back_offs: Vec<_> = tries.map(|tries| tries[3].0 - tries[2].0).collect();
    assert_spread(&back_offs, 3.2, 4.81);
}

#[tokio::test]
async fn a_minute_of_junk_costs_the_budget_no_good_token_and_no_memory() {
    let Fleet { clock, issuer, instances } = Fleet::of(1);
    let (published, verifier) = &instances[0];
    let good = issuer.token().sign();
    verifier.ready().await.unwrap();
    // All that is remembered shows there.
    let size = || format!("{verifier:?}").len();
    let before = size();
    for second in 0..60 {
        for at in 0..10_000 {
            let junk = with_key_id(&good, &format!("junk-{second}-{at}"));
            let refused = verifier.verify(&junk).await.unwrap_err().reason();
            assert!(matches!(refused, Reason::UnknownKey | Reason::RefetchExhausted), "{refused}");
            if at % 1000 == 0 {
                verifier.verify(&good).await.unwrap();
            }
        }
        clock.advance(Duration::from_secs(1));
    }
    assert!(published.asked().len() <= 1 + 2 + 60 / 30, "{:?}", published.asked());
    assert!(size() < before + 100, "{verifier:?}");
}

fn with_key_id(token: &str, key_id: &str) -> String {
    let header = format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":"{key_id}"}}"#);
    format!("{}{}", URL_SAFE_NO_PAD.encode(header), &token[token.find('.').unwrap()..])
}
