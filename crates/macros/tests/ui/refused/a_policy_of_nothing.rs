fn main() {
    let _ = claviger::policy!();
}
