//! The quickstart: the commands that it prints, given to a shell as they are, and what it logs.

use std::net::TcpListener;
use std::process::Stdio;

use tokio::io::AsyncBufReadExt;
use tokio::io::BufReader;
use tokio::time::timeout;

use crate::program::LIMIT;
use crate::program::Program;
use crate::program::command;
use crate::program::shell;

#[tokio::test]
async fn its_commands_answer_200_401_and_403() {
    let mut program = Program::start("quickstart", &[]);
    let mut answers = Vec::new();
    while answers.len() < 3 {
        let line = program.line().await;
        if line.starts_with("curl ") {
            answers.push(shell(&line).await.lines().next().unwrap_or_default().to_owned());
        }
    }
    assert_eq!(answers, ["HTTP/1.1 200 OK", "HTTP/1.1 401 Unauthorized", "HTTP/1.1 403 Forbidden"]);
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_with_the_variable_that_sets_another() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for port in [&*port, "http"] {
        let ended = timeout(LIMIT, command("quickstart", &[]).env("PORT", port).output()).await;
        let output = ended.expect("it ends at once").unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains(port) && told.contains("PORT"), "{told}");
    }
}

#[tokio::test]
async fn refusals_are_logged() {
    let mut process = command("quickstart", &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut printed = BufReader::new(process.stdout.take().unwrap()).lines();
    let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
    let mut asked = 0;
    while asked < 3 {
        let line = timeout(LIMIT, printed.next_line()).await.expect("it prints commands").unwrap().unwrap();
        if line.starts_with("curl ") {
            shell(&line).await;
            asked += 1;
        }
    }
    for reason in ["missing_credentials", "insufficient_scope"] {
        loop {
            let line = timeout(LIMIT, log.next_line()).await.expect("the refusal is logged").unwrap().unwrap();
            if line.contains(reason) {
                break;
            }
        }
    }
}
