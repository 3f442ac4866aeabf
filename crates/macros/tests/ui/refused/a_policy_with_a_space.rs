fn main() {
    let _ = claviger::policy!("read write");
}
