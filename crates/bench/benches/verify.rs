//! A token seen for the first time, beside the bare signature over the same bytes; what counts is the ratio.

use std::hint::black_box;
use std::time::Duration;
use std::time::Instant;

use claviger_bench::Subject;
use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for (name, subject) in [("RS256", Subject::rs256()), ("ES256", Subject::es256())] {
        let mut group = criterion.benchmark_group(name);
        group.bench_function("bare", |bencher| bencher.iter(|| black_box(&subject).verify_bare()));
        group.bench_function("verifier", |bencher| bencher.iter(|| black_box(&subject).verify()));
        group.finish();
        println!("{name}, {} bytes: {:.3} × the bare signature", subject.token_bytes(), ratio(&subject));
    }
}

/// The median of rounds in which both are measured one right after the other, so that a machine that is slower for a
/// while is slower for both.
fn ratio(subject: &Subject) -> f64 {
    let mut ratios: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let bare = time(|| black_box(subject).verify_bare());
            let verifier = time(|| black_box(subject).verify());
            verifier.as_secs_f64() / bare.as_secs_f64()
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(ROUNDS / 2).copied().unwrap_or(f64::NAN)
}

fn time<T>(run: impl Fn() -> T) -> Duration {
    let began = Instant::now();
    for _ in 0..RUNS {
        black_box(run());
    }
    began.elapsed()
}

const ROUNDS: usize = 2001;
const RUNS: usize = 20;
