//! Refused uploads to a program that other clients need too.

use std::fs;

use claviger_testing::TestIssuer;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::program::Program;

/// Uploads that trickle, and what they may cost.
const SLOW: usize = 2000;
const MOST_KIB: usize = 64 * 1024;

struct Client(TcpStream);

impl Client {
    async fn connect(origin: &str) -> Self {
        Self(TcpStream::connect(origin.strip_prefix("http://").unwrap()).await.unwrap())
    }

    /// The status of the answer to a request that is sent as a whole, or as far as `body` goes.
    async fn status(&mut self, method: &str, fields: &str, body: &[u8]) -> u16 {
        let head = format!("{method} /reports HTTP/1.1\r\nhost: localhost\r\n{fields}\r\n");
        self.0.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
        let mut status = [0; 12];
        self.0.read_exact(&mut status).await.unwrap();
        std::str::from_utf8(&status).unwrap().strip_prefix("HTTP/1.1 ").unwrap().parse().unwrap()
    }
}

/// Half of the files that this process may have open: the program has the other ends.
fn connections() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let open = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    open.split_whitespace().next().unwrap().parse().map_or(SLOW, |open: usize| SLOW.min(open / 2))
}

#[tokio::test]
async fn thousands_of_slow_ones_cost_little_and_keep_no_answer_from_others() {
    let issuer = TestIssuer::start().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let table = format!("[[issuers]]\nissuer = \"{}\"\naudience = \"https://api.example.com\"\n", issuer.url());
    fs::write(&file, table).unwrap();
    let config = file.path().to_str().unwrap();
    let mut program = Program::start("resource_server", &["--config", config, "--listen", "127.0.0.1:0"]);
    let origin = program.origin().await;
    let good = format!("authorization: Bearer {}\r\n", issuer.token().scope("read:reports").sign());
    assert_eq!(Client::connect(&origin).await.status("GET", &good, b"").await, 200);
    let before = program.resident_kib();

    let mut slow = Vec::new();
    for _ in 0..connections() {
        let mut client = Client::connect(&origin).await;
        assert_eq!(client.status("POST", "content-length: 1000000\r\n", b"x").await, 401);
        slow.push(client);
    }
    // Some have given way, and their connections are closed.
    for client in &mut slow {
        let _ = client.0.write_all(b"x").await;
    }
    for _ in 0..10 {
        let upload = vec![b'x'; 1024 * 1024];
        let length = format!("content-length: {}\r\n", upload.len());
        let mut client = Client::connect(&origin).await;
        assert_eq!(client.status("POST", &length, &upload).await, 401);
    }
    assert_eq!(Client::connect(&origin).await.status("GET", &good, b"").await, 200);
    let grown = program.resident_kib().saturating_sub(before);
    println!("{} slow uploads: {grown} KiB more", slow.len());
    assert!(grown < MOST_KIB, "{grown} KiB more");
}
