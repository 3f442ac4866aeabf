//! The first keys of a process may be read on several threads at once.

use std::env;
use std::process::Command;
use std::sync::Arc;
use std::sync::Barrier;
use std::thread;

use claviger_core::vectors;

use crate::source::Vectors;

/// In processes of their own, because only the first keys of one were ever lost.
#[test]
fn keys_are_not_lost_when_the_first_are_read_at_once() {
    if Vectors::open().is_none() {
        return;
    }
    for _ in 0..10 {
        let child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "first_use::eight_threads_read_the_same_set", "--ignored"])
            .output()
            .unwrap();
        assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    }
}

#[test]
#[ignore = "run by `keys_are_not_lost_when_the_first_are_read_at_once`"]
fn eight_threads_read_the_same_set() {
    let Some(vectors) = Vectors::open() else { return };
    let jwks: Arc<str> = vectors.text("jwks/entra-common.json").into();
    let start = Arc::new(Barrier::new(8));
    let readers: Vec<_> = (0..8)
        .map(|_| {
            let (jwks, start) = (Arc::clone(&jwks), Arc::clone(&start));
            thread::spawn(move || {
                start.wait();
                vectors::usable_keys(&jwks)
            })
        })
        .collect();
    for reader in readers {
        assert_eq!(reader.join().unwrap(), Ok(7));
    }
}
