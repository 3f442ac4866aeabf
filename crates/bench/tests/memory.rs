//! What tokens leave behind in memory.

use std::sync::Arc;

use allocation_counter::measure;
use claviger_bench::Freshness;
use claviger_bench::Guarded;
use claviger_bench::KeyKind;
use claviger_bench::Signed;
use claviger_bench::Work;
use claviger_testing::TestIssuer;

const TOKENS: usize = 9000;
/// What verified tokens may take unless it is set, and a tenth.
const BOUND: i64 = (16 << 20) / 10 * 11;

#[test]
fn distinct_tokens_stay_within_the_bound() {
    let issuer = TestIssuer::builder().with_key(KeyKind::Ed25519.generate()).in_memory();
    let signed = Signed::by(&issuer, KeyKind::Ed25519, TOKENS, 4096);
    assert!(signed.tokens().len() * signed.bytes() > 20 << 20, "more than fits");
    let mut core = Guarded::with_keys_of(&issuer).core(signed.tokens(), Freshness::FirstSeen);
    let info = measure(|| all(&mut core));
    assert!(info.bytes_current <= BOUND, "{} bytes are left", info.bytes_current);
}

#[test]
fn refused_tokens_leave_nothing() {
    let issuer = TestIssuer::builder().with_key(KeyKind::Ed25519.generate()).in_memory();
    let expired = |_| issuer.token().claim("exp", 1_000_000_000).sign();
    let forged = |_| issuer.token().with_signature([1; 64]).sign();
    let tokens: Arc<[_]> = (0..500).map(expired).chain((0..500).map(forged)).collect();
    let mut core = Guarded::with_keys_of(&issuer).core(&tokens, Freshness::FirstSeen).refusing();
    // What happens once happens here.
    core.run();
    let info = measure(|| (1..tokens.len() / core.tokens()).for_each(|_| core.run()));
    assert_eq!((info.count_current, info.bytes_current), (0, 0));
}

fn all(core: &mut impl Work) {
    (0..TOKENS / core.tokens()).for_each(|_| core.run());
}
