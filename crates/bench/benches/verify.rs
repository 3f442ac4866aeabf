//! A token seen for the first time, beside the bare signature over the same bytes; what counts is the ratio.

use std::fs;
use std::hint::black_box;
use std::path::Path;

use claviger_bench::Subject;
use criterion::Criterion;
use serde_json::Value;

fn main() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("criterion");
    let mut criterion = Criterion::default().output_directory(&directory).configure_from_args();
    for (name, subject) in [("RS256", Subject::rs256()), ("ES256", Subject::es256())] {
        let mut group = criterion.benchmark_group(name);
        group.bench_function("bare", |bencher| bencher.iter(|| black_box(&subject).verify_bare()));
        group.bench_function("verifier", |bencher| bencher.iter(|| black_box(&subject).verify()));
        group.finish();
        let bytes = subject.token_bytes();
        match (median(&directory, name, "verifier"), median(&directory, name, "bare")) {
            (Some(verifier), Some(bare)) => {
                println!("{name}, {bytes} bytes: {:.3} × the bare signature", verifier / bare)
            }
            _ => println!("{name}: not measured"),
        }
    }
}

/// In nanoseconds, as criterion has just written it down.
fn median(directory: &Path, group: &str, bench: &str) -> Option<f64> {
    let text = fs::read_to_string(directory.join(group).join(bench).join("new/estimates.json")).ok()?;
    let estimates: Value = serde_json::from_str(&text).ok()?;
    estimates["median"]["point_estimate"].as_f64()
}
