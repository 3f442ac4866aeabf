//! The commands that the quickstart prints, given to a shell as they are.

use tokio::process::Command;
use tokio::time::timeout;

use crate::program::LIMIT;
use crate::program::Program;

async fn first_line_of(command: &str) -> String {
    let run = Command::new("sh").args(["-c", command]).kill_on_drop(true).output();
    let output = timeout(LIMIT, run).await.expect("curl ends in time").unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn its_commands_answer_200_401_and_403() {
    let mut program = Program::start("quickstart", &[]);
    let mut answers = Vec::new();
    while answers.len() < 3 {
        let line = program.line().await;
        if line.starts_with("curl ") {
            answers.push(first_line_of(&line).await);
        }
    }
    assert_eq!(answers, ["HTTP/1.1 200 OK", "HTTP/1.1 401 Unauthorized", "HTTP/1.1 403 Forbidden"]);
}
