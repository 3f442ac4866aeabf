fn main() {
    let _ = claviger::policy!("read", report_only);
}
