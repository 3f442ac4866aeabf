//! What many issuers cost: a token of one among many that are configured, and of one tenant among many that were seen.

use std::hint::black_box;
use std::time::Duration;
use std::time::Instant;

use claviger_bench::Crowd;

fn main() {
    let one = Crowd::of_configured(1);
    // First, so that the memory of nobody else was used and given back before.
    for (kind, seen) in
        [("with own keys", Crowd::of_tenants()), ("with shared keys", Crowd::of_tenants_with_shared_keys())]
    {
        println!("a template {kind}: {:.3} × the cost of one issuer", ratio(&one, &seen));
        let (before, after) = seen.see_tenants(TENANTS);
        println!(
            "{TENANTS} tenants seen {kind}: {before} KiB resident before, {after} KiB after, {} kept",
            seen.kept()
        );
        println!("a tenant among them: {:.3} × the cost of one issuer", ratio(&one, &seen));
    }
    for count in [100, 10_000] {
        let many = Crowd::of_configured(count);
        println!("{count} issuers: {:.3} × the cost with one", ratio(&one, &many));
    }
}

/// The median of rounds in which both are measured one right after the other, so that a machine that is slower for a
/// while is slower for both.
fn ratio(one: &Crowd, many: &Crowd) -> f64 {
    let mut ratios: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let alone = time(one);
            time(many).as_secs_f64() / alone.as_secs_f64()
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(ROUNDS / 2).copied().unwrap_or(f64::NAN)
}

fn time(crowd: &Crowd) -> Duration {
    let began = Instant::now();
    for _ in 0..RUNS {
        black_box(crowd).verify();
    }
    began.elapsed()
}

const TENANTS: usize = 100_000;
const ROUNDS: usize = 501;
const RUNS: usize = 20;
