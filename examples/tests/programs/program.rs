//! An example as a process of its own.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncBufReadExt;
use tokio::io::BufReader;
use tokio::io::Lines;
use tokio::process::Child;
use tokio::process::ChildStdout;
use tokio::process::Command;
use tokio::time::timeout;

/// A running example; it ends when this is dropped.
pub(crate) struct Program {
    lines: Lines<BufReader<ChildStdout>>,
    process: Child,
}

impl Program {
    /// Starts `name` on a free port.
    pub(crate) fn start(name: &str, arguments: &[&str]) -> Self {
        Self::start_with(name, arguments, &[])
    }

    /// The same, with these variables in its environment.
    pub(crate) fn start_with(name: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut process =
            command(name, arguments).envs(variables.iter().copied()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { lines, process }
    }

    /// The next line that it prints.
    pub(crate) async fn line(&mut self) -> String {
        let line = timeout(LIMIT, self.lines.next_line()).await.expect("the program prints a line in time");
        line.unwrap().expect("the program has not ended")
    }

    /// How much memory it has, in KiB.
    pub(crate) fn resident_kib(&self) -> usize {
        let status = format!("/proc/{}/status", self.process.id().expect("it runs"));
        let status = std::fs::read_to_string(status).expect("Linux reports it");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it is one of the lines");
        line.split_whitespace().next().and_then(|size| size.parse().ok()).expect("a number")
    }

    /// The origin that it says it listens on.
    pub(crate) async fn origin(&mut self) -> String {
        self.line().await.strip_prefix("listening on ").expect("the first line tells the address").to_owned()
    }
}

/// `name` as cargo has built it beside this test.
pub(crate) fn command(name: &str, arguments: &[&str]) -> Command {
    let tests = std::env::current_exe().unwrap();
    let profile: PathBuf = tests.ancestors().nth(2).unwrap().into();
    let program = profile.join("examples").join(name);
    assert!(program.exists(), "{name} is not built: run `cargo test -p claviger-examples`, which builds the examples");
    let mut command = Command::new(program);
    command.args(arguments).env("PORT", "0").kill_on_drop(true);
    command
}

/// What `command` prints, given to a shell as it is.
pub(crate) async fn shell(command: &str) -> String {
    let run = Command::new("sh").args(["-c", command]).kill_on_drop(true).output();
    let output = timeout(LIMIT, run).await.expect("the command ends in time").unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A hang fails the test rather than the run; nothing is expected to take so long.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);
