//! The commands that the quickstart prints, given to a shell as they are.

use crate::program::Program;
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
