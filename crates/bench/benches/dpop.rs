//! A DPoP proof beside the bare signature over the same bytes, the replay store under several tasks, and ten million
//! distinct proofs in a bounded store.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use allocation_counter::measure;
use claviger_bench::ProofSubject;
use claviger_bench::Uses;
use claviger_bench::distinct;
use claviger_core::MemoryReplayStore;
use claviger_core::clock::SystemClock;
use criterion::Criterion;
use tokio::runtime::Builder;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let subject = ProofSubject::es256();
    let mut group = criterion.benchmark_group("proof");
    group.bench_function("bare", |bencher| bencher.iter(|| black_box(&subject).verify_bare()));
    group.bench_function("judged", |bencher| bencher.iter(|| black_box(&subject).judge()));
    group.finish();
    println!("ES256 proof, {} bytes: {:.3} × the bare signature", subject.proof_bytes(), ratio(&subject));
    for tasks in [1, 2, 8] {
        println!("replay store, {tasks} tasks: {:.0} ns for each use", shared(tasks).as_nanos());
    }
    flood();
}

/// The median of rounds in which both are measured one right after the other, so that a machine that is slower for a
/// while is slower for both.
fn ratio(subject: &ProofSubject) -> f64 {
    let mut ratios: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let bare = time(|| black_box(subject).verify_bare());
            let judged = time(|| black_box(subject).judge());
            judged.as_secs_f64() / bare.as_secs_f64()
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

/// The time of one use, where tasks record theirs at the same time.
#[expect(clippy::expect_used, reason = "a benchmark cannot go on without its runtime")]
fn shared(tasks: u64) -> Duration {
    let runtime = Builder::new_multi_thread().worker_threads(8).build().expect("a runtime");
    let store = Arc::new(MemoryReplayStore::new(1 << 30, Arc::new(SystemClock::new())));
    let next = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    runtime.block_on(async {
        let record = |_| {
            let (store, next) = (Arc::clone(&store), Arc::clone(&next));
            tokio::spawn(async move {
                for _ in 0..USES / tasks {
                    black_box(store.record(&distinct(next.fetch_add(1, Ordering::Relaxed), 1000)));
                }
            })
        };
        for task in (0..tasks).map(record).collect::<Vec<_>>() {
            task.await.expect("a task ends");
        }
    });
    began.elapsed() / u32::try_from(USES).unwrap_or(u32::MAX)
}

/// At a rate that the store can hold, and at once.
fn flood() {
    for (name, a_second) in [("at 4,000 a second", 4000), ("all at once", u64::MAX)] {
        let mut recorded = 0;
        let info = measure(|| recorded = Uses::within(BOUND).record(1..DISTINCT, 100_000, a_second));
        let peak = info.bytes_max;
        println!("ten million distinct proofs {name}: {recorded} recorded, {peak} bytes at the most, bound {BOUND}");
        assert!(peak <= BOUND as u64, "the store outgrew its bound");
    }
}

const ROUNDS: usize = 2001;
const RUNS: usize = 20;
const USES: u64 = 400_000;
const DISTINCT: u64 = 10_000_001;
const BOUND: usize = 256 * 1024 * 1024;
