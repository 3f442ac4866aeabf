//! What a flood of junk costs the good requests: `cargo run --release -p claviger-bench --example flood`.
//!
//! An issuer and a verifier in one process on loopback, on two threads. Good tokens, each for the first time, are
//! verified alone, and then as many others while ten thousand tokens of invented key ids are sent round and round; it
//! ends with the good ones. What counts is how the second column compares with the first.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Instant;

use claviger_bench::Latencies;
use claviger_bench::resident_kib;
use claviger_core::Issuer;
use claviger_core::Verifier;
use claviger_testing::TestIssuer;
use tokio::task::JoinSet;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let issuer = TestIssuer::start().await;
    let verifier = Verifier::builder(Issuer::new(issuer.url(), "https://api.example.com")).build()?;
    verifier.ready().await?;
    let good = || (0..GOOD).map(|_| issuer.token().sign()).collect();
    let (quiet, flooded): (Vec<_>, Vec<_>) = (good(), good());
    let junk: Vec<_> = (0..JUNK).map(|at| issuer.token().header("kid", format!("junk-{at}")).sign()).collect();
    let fetches = || issuer.fetches().jwks();

    let alone = latencies(&verifier, &quiet).await?;
    let before = (fetches(), resident_kib());
    let ended = Arc::new(AtomicBool::new(false));
    let flood = {
        let (verifier, ended) = (verifier.clone(), Arc::clone(&ended));
        tokio::spawn(async move {
            let mut refused = 0_u64;
            for token in junk.iter().cycle().take_while(|_| !ended.load(Ordering::Relaxed)) {
                if verifier.verify(token).await.is_ok() {
                    return Err("junk was believed");
                }
                refused += 1;
                tokio::task::yield_now().await;
            }
            Ok(refused)
        })
    };
    let flooded = latencies(&verifier, &flooded).await?;
    ended.store(true, Ordering::Relaxed);
    let refused = flood.await??;

    println!("good tokens            alone   in the flood");
    for (name, part) in [("median", 0.5), ("99th percentile", 0.99)] {
        println!("{name:<18} {:>9.1?} {:>14.1?}", alone.quantile(part), flooded.quantile(part));
    }
    println!("junk tokens refused: {refused}, of {JUNK} key ids");
    println!("fetches: {} before, {} after", before.0, fetches());
    println!("resident memory: {} KiB before, {} KiB after", before.1, resident_kib());
    Ok(())
}

/// How long each took, from two tasks at once.
async fn latencies(verifier: &Verifier, tokens: &[String]) -> Result<Latencies, Box<dyn Error>> {
    let mut tasks = JoinSet::new();
    for half in tokens.chunks(tokens.len().div_ceil(2)) {
        let (verifier, half) = (verifier.clone(), half.to_vec());
        tasks.spawn(async move {
            let mut took = Vec::with_capacity(half.len());
            for token in &half {
                let began = Instant::now();
                verifier.verify(token).await.map_err(|error| error.to_string())?;
                took.push(began.elapsed());
                tokio::task::yield_now().await;
            }
            Ok::<_, String>(took)
        });
    }
    let mut all = Vec::with_capacity(tokens.len());
    while let Some(took) = tasks.join_next().await {
        all.extend(took??);
    }
    Ok(Latencies::new(all))
}

const GOOD: u32 = 20_000;
const JUNK: u32 = 10_000;
