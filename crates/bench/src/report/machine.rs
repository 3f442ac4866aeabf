//! On what it was measured, and when.

use std::env::consts::ARCH;
use std::env::consts::OS;
use std::fs;
use std::process::Command;
use std::thread::available_parallelism;
use std::time::SystemTime;

/// One line: processor, system, compiler, version and date.
pub(super) fn description() -> String {
    let cores = available_parallelism().map_or(1, usize::from);
    let parts = [
        processor().unwrap_or_else(|| ARCH.to_owned()),
        if cores == 1 { "1 core".to_owned() } else { format!("{cores} cores") },
        said_by("uname", &["-sr"]).unwrap_or_else(|| OS.to_owned()),
        said_by("rustc", &["--version"]).unwrap_or_else(|| "an unknown compiler".to_owned()),
        format!("claviger {}{}", env!("CARGO_PKG_VERSION"), commit().unwrap_or_default()),
        httpdate::fmt_http_date(SystemTime::now()),
    ];
    format!("{}.", parts.join(", "))
}

fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let name = text.lines().find_map(|line| line.strip_prefix("model name"))?;
    Some(name.trim_start_matches([' ', '\t', ':']).trim_end().to_owned())
}

fn commit() -> Option<String> {
    said_by("git", &["-C", env!("CARGO_MANIFEST_DIR"), "rev-parse", "--short", "HEAD"]).map(|id| format!(" ({id})"))
}

fn said_by(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
