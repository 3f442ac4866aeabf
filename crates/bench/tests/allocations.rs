//! How often a verification asks for memory.

use allocation_counter::measure;
use claviger_bench::Freshness;
use claviger_bench::Guarded;
use claviger_bench::KeyKind;
use claviger_bench::ProofSubject;
use claviger_bench::Signed;
use claviger_bench::Uses;
use claviger_bench::Work;
use claviger_core::Issuer;
use claviger_core::Verification;
use claviger_core::Verifier;
use claviger_testing::TestIssuer;
use serde_json::Value;

const MOST: u64 = 10;
const MOST_OF_PROOF: u64 = 12;

#[test]
fn a_verification_allocates_ten_times_at_most() {
    for kind in [KeyKind::Rs256, KeyKind::Es256] {
        let issuer = TestIssuer::builder().with_key(kind.generate()).in_memory();
        let signed = Signed::by(&issuer, kind, 1, 0);
        let mut core = Guarded::with_keys_of(&issuer).core(signed.tokens(), Freshness::FirstSeen);
        core.run();
        core.prepare();
        let info = measure(|| core.run());
        println!("{kind}: {} allocations, {} bytes", info.count_total, info.bytes_total);
        assert!((1..=MOST).contains(&info.count_total), "{kind}: {} allocations", info.count_total);
    }
}

/// With its claims, as a handler takes them.
#[test]
fn a_token_that_was_seen_before_allocates_nothing() {
    let issuer = TestIssuer::builder().with_key(KeyKind::Ed25519.generate()).in_memory();
    let trusted = Issuer::new(issuer.url(), "https://api.example.com").with_jwks(issuer.jwks());
    let verifier = Verifier::builder(trusted).build().expect("a sound configuration");
    let token = issuer.token().sign();
    let take = || match verifier.begin(&token) {
        Verification::Decided(Ok(verified)) => drop(verified.claims::<Value>().expect("any claims fit")),
        refused @ (Verification::Decided(Err(_)) | Verification::Waiting(_)) => panic!("{refused:?}"),
    };
    // The first time it is verified, and its claims are parsed; the second time this thread begins to count.
    take();
    take();
    assert_eq!(measure(take).count_total, 0);
}

#[test]
fn a_proof_allocates_twelve_times_at_most() {
    let subject = ProofSubject::es256();
    assert!(subject.judge().is_ok() && subject.verify_bare());
    let info = measure(|| drop(subject.judge()));
    println!("{} allocations, {} bytes", info.count_total, info.bytes_total);
    assert!((1..=MOST_OF_PROOF).contains(&info.count_total), "{} allocations", info.count_total);
    assert_eq!(info.count_current, 0, "nothing is left behind");
}

/// The benchmark `dpop` has ten million.
#[test]
fn a_bounded_replay_store_stays_within_its_bytes() {
    const BOUND: usize = 8 * 1024 * 1024;
    for (keys, a_second) in [(1, 100), (100, 100), (100_000, 100), (100_000, u64::MAX)] {
        let mut recorded = 0;
        let info = measure(|| recorded = Uses::within(BOUND).record(1..300_000, keys, a_second));
        println!("{keys} keys, {a_second} a second: {recorded} recorded, {} bytes at the most", info.bytes_max);
        assert!(info.bytes_max <= BOUND as u64, "{keys} keys, {a_second} a second: {} bytes", info.bytes_max);
        assert!(recorded >= 1000);
    }
}
