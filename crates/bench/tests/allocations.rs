//! How often a verification asks for memory.

use allocation_counter::measure;
use claviger_bench::Subject;

const MOST: u64 = 10;

#[test]
fn a_verification_allocates_ten_times_at_most() {
    for (name, subject) in [("RS256", Subject::rs256()), ("ES256", Subject::es256())] {
        assert!(subject.verify().is_ok() && subject.verify_bare(), "{name}");
        let info = measure(|| drop(subject.verify()));
        println!("{name}: {} allocations, {} bytes", info.count_total, info.bytes_total);
        assert!((1..=MOST).contains(&info.count_total), "{name}: {} allocations", info.count_total);
        assert_eq!(info.count_current, 0, "{name}: nothing is left behind");
    }
}
