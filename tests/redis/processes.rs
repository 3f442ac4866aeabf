//! Programs of their own that share a Redis, as they are deployed: `resource_server` from its file, and `dpop_fleet`.

use std::fs;
use std::process::Stdio;

use claviger_testing::DpopClient;
use claviger_testing::TestIssuer;
use http::Method;
use http::StatusCode;
use reqwest::Client;
use reqwest::Response;
use tempfile::TempDir;
use tokio::io::AsyncBufReadExt;
use tokio::io::BufReader;
use tokio::io::Lines;
use tokio::process::Child;
use tokio::process::ChildStdout;
use tokio::process::Command;
use tokio::time::timeout;

use crate::api::ORIGIN;
use crate::server::LIMIT;
use crate::server::Server;

/// A running example; it ends when this is dropped.
struct Program {
    lines: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl Program {
    /// `name` as cargo has built it beside this test.
    fn start(name: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let tests = std::env::current_exe().unwrap();
        let program = tests.ancestors().nth(2).unwrap().join("examples").join(name);
        assert!(program.exists(), "run `cargo build -p claviger-examples --features redis --example {name}` before");
        let mut command = Command::new(program);
        command.args(arguments).envs(variables.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.kill_on_drop(true).spawn().unwrap();
        Self { lines: BufReader::new(process.stdout.take().unwrap()).lines(), _process: process }
    }

    async fn line(&mut self) -> String {
        let line = timeout(LIMIT, self.lines.next_line()).await.expect("the program prints a line in time");
        line.unwrap().expect("the program goes on; it may be built without the feature redis")
    }
}

/// Two processes that were configured by files, one with the URL in it and one with the URL elsewhere.
struct Fleet {
    origins: Vec<String>,
    _programs: Vec<Program>,
    _files: TempDir,
}

impl Fleet {
    async fn start(issuer: &TestIssuer, server: &Server) -> Self {
        let files = tempfile::tempdir().unwrap();
        let url_file = files.path().join("url");
        fs::write(&url_file, format!("{}\n", server.url())).unwrap();
        let (mut programs, mut origins) = (Vec::new(), Vec::new());
        for (at, place) in [format!("{:?}", server.url()), format!("{{ file = {url_file:?} }}")].iter().enumerate() {
            let file = files.path().join(format!("{at}.toml"));
            let text = format!(
                r#"
                    public_url = "{ORIGIN}"

                    [[issuers]]
                    issuer = "{}"
                    audience = "{ORIGIN}"

                    [dpop]
                    replay = {{ redis = {place}, deadline = "10s" }}
                "#,
                issuer.url()
            );
            fs::write(&file, text).unwrap();
            let arguments = ["--config", file.to_str().unwrap(), "--listen", "127.0.0.1:0"];
            let mut program = Program::start("resource_server", &arguments, &[]);
            origins.push(program.line().await.strip_prefix("listening on ").unwrap().to_owned());
            programs.push(program);
        }
        Self { origins, _programs: programs, _files: files }
    }

    /// `GET /claims` of each in turn, all at once.
    async fn show(&self, times: usize, token: &str, proof: &str) -> Vec<StatusCode> {
        let http = Client::new();
        let sent = (0..times).map(|at| {
            let url = format!("{}/claims", self.origins[at % self.origins.len()]);
            let request = http.get(url).header("authorization", format!("DPoP {token}")).header("dpop", proof);
            tokio::spawn(request.send())
        });
        let mut answers = Vec::new();
        for answer in sent.collect::<Vec<_>>() {
            let answer: Response = answer.await.unwrap().unwrap();
            answers.push(StatusCode::from_u16(answer.status().as_u16()).unwrap());
        }
        answers
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_accept_a_proof_once_also_when_it_comes_a_hundred_times_and_after_redis_was_away() {
    let (issuer, mut server) = (TestIssuer::start().await, Server::start().await);
    let fleet = Fleet::start(&issuer, &server).await;
    let client = DpopClient::new();
    let token = issuer.token().claim("cnf", client.confirmation()).sign();
    let proof = || client.proof(&Method::GET, &format!("{ORIGIN}/claims"), &token).sign();

    let first = proof();
    let count = |answers: &[StatusCode], status| answers.iter().filter(|answer| **answer == status).count();
    let answers = fleet.show(100, &token, &first).await;
    assert_eq!(count(&answers, StatusCode::OK), 1, "{answers:?}");
    assert_eq!(count(&answers, StatusCode::UNAUTHORIZED), 99);

    server.kill().await;
    let second = proof();
    assert_eq!(fleet.show(2, &token, &first).await, [StatusCode::SERVICE_UNAVAILABLE; 2]);
    assert_eq!(fleet.show(2, &token, &second).await, [StatusCode::SERVICE_UNAVAILABLE; 2]);

    server.run().await;
    assert_eq!(fleet.show(2, &token, &first).await, [StatusCode::UNAUTHORIZED; 2]);
    let answers = fleet.show(100, &token, &second).await;
    assert_eq!(count(&answers, StatusCode::OK), 1, "{answers:?}");
    assert_eq!(count(&answers, StatusCode::UNAUTHORIZED), 99);
}

#[tokio::test]
async fn the_instances_of_the_example_accept_a_proof_once() {
    let server = Server::start().await;
    let mut program = Program::start("dpop_fleet", &[], &[("REDIS_URL", &server.url())]);
    assert_eq!(program.line().await, "the client, at the second: 200 OK, hello alice");
    assert!(program.line().await.starts_with("a thief, at the first: 401 Unauthorized"));
    assert_eq!(program.line().await, "a hundred copies of another request, at both at once: 1 accepted");
}
