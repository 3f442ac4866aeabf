//! What the attributes accept, and what they say about what they refuse.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

use std::env;
use std::io;
use std::io::Write;
use std::process::Command;

use trybuild::TestCases;

/// The compiler whose words stand in the `.stderr` files; each version words its own errors in its own way.
const TOOLCHAIN: &str = include_str!("ui/toolchain");

#[test]
fn what_is_right_compiles_without_a_warning() {
    TestCases::new().pass("tests/ui/accepted/*.rs");
}

#[test]
fn what_is_wrong_is_refused_where_it_stands() {
    if is_pinned_toolchain() {
        TestCases::new().compile_fail("tests/ui/refused/*.rs");
    }
}

/// If not, says so; where `UI_TOOLCHAIN=required` is set, fails.
#[expect(clippy::explicit_write, reason = "what `eprintln!` says is shown only if the test fails")]
fn is_pinned_toolchain() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().unwrap();
    let version = String::from_utf8(output.stdout).unwrap();
    let (found, pinned) = (version.split(' ').nth(1), TOOLCHAIN.trim());
    if found == Some(pinned) {
        return true;
    }
    let skipped = format!("the words of rustc {pinned} are expected, and this is {}", version.trim());
    assert!(env::var_os("UI_TOOLCHAIN").is_none_or(|rule| rule != "required"), "{skipped}");
    writeln!(io::stderr(), "skipped, {skipped}").unwrap();
    false
}
