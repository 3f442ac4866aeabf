//! What a million distinct tokens leave in memory, and what making room for them costs:
//! `cargo run --release -p claviger-bench --example distinct`.
//!
//! Each token is new to two verifiers, one of which keeps tokens and one of which does not; they take turns, so what
//! else the machine does falls on both alike. What counts is how the first column compares with the second.

use std::error::Error;
use std::time::Duration;
use std::time::Instant;

use claviger_bench::KeyKind;
use claviger_bench::Latencies;
use claviger_bench::resident_kib;
use claviger_core::Issuer;
use claviger_core::Verifier;
use claviger_testing::TestIssuer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let issuer = TestIssuer::builder().with_key(KeyKind::Ed25519.generate()).in_memory();
    let trusted = Issuer::new(issuer.url(), "https://api.example.com").with_jwks(issuer.jwks());
    let keeping = Verifier::builder(trusted.clone()).build()?;
    let forgetting = Verifier::builder(trusted).with_cache_bytes(0).build()?;
    let (mut kept, mut forgotten) = (room(), room());
    keeping.verify(&issuer.token().sign()).await?;
    let before = resident_kib();
    for at in 0..TOKENS {
        let token = issuer.token().sign();
        for turn in [at % 2, (at + 1) % 2] {
            let (verifier, took) = if turn == 0 { (&keeping, &mut kept) } else { (&forgetting, &mut forgotten) };
            let began = Instant::now();
            verifier.verify(&token).await?;
            took.push(began.elapsed());
        }
    }
    let after = resident_kib();
    let (kept, forgotten) = (Latencies::new(kept), Latencies::new(forgotten));
    println!("{TOKENS} distinct tokens    kept   not kept");
    for (name, part) in [("median", 0.5), ("99th percentile", 0.99), ("99.99th", 0.9999), ("longest", 1.0)] {
        println!("{name:<20} {:>11.1?} {:>10.1?}", kept.quantile(part), forgotten.quantile(part));
    }
    println!("{:<20} {:>11} {:>10}", "over 1 ms", kept.over(LIMIT), forgotten.over(LIMIT));
    println!("{:?}", keeping.cache_status());
    println!("resident memory: {before} KiB before, {after} KiB after");
    Ok(())
}

/// Written once, so that it is resident before anything is compared.
fn room() -> Vec<Duration> {
    let mut room = vec![LIMIT; TOKENS];
    room.clear();
    room
}

const TOKENS: usize = 1_000_000;
const LIMIT: Duration = Duration::from_millis(1);
