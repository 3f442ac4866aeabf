//! A `redis-server` of its own.

use std::fs;
use std::hash::BuildHasher;
use std::hash::Hasher;
use std::hash::RandomState;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use claviger::redis::Redis;
use claviger::redis::redis::Client;
use claviger::redis::redis::Cmd;
use claviger::redis::redis::FromRedisValue;
use claviger::redis::redis::cmd;
use tempfile::TempDir;
use tokio::io::AsyncBufReadExt;
use tokio::io::BufReader;
use tokio::io::Lines;
use tokio::net::TcpStream;
use tokio::process::Child;
use tokio::process::ChildStdout;
use tokio::process::Command;
use tokio::task::yield_now;
use tokio::time::timeout;

/// A server that writes each change to its disk before it answers; it ends when this is dropped.
pub(crate) struct Server {
    port: u16,
    directory: TempDir,
    options: Vec<String>,
    running: Option<(Child, Lines<BufReader<ChildStdout>>)>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let mut server = Self::absent();
        server.run().await;
        server
    }

    /// Not started yet.
    pub(crate) fn absent() -> Self {
        Self { port: free_port(), directory: tempfile::tempdir().unwrap(), options: Vec::new(), running: None }
    }

    /// One that also has a port for TLS, with these files in PEM.
    pub(crate) async fn start_with_tls(certificate: &[u8], key: &[u8]) -> (Self, u16) {
        let (mut server, port) = (Self::absent(), free_port());
        server.options = ["--tls-auth-clients", "no", "--tls-port"].map(str::to_owned).into();
        server.options.push(port.to_string());
        for (name, pem) in [("cert", certificate), ("key", key)] {
            let file = server.directory.path().join(name);
            fs::write(&file, pem).unwrap();
            server.options.extend([format!("--tls-{name}-file"), file.to_str().unwrap().to_owned()]);
        }
        server.run().await;
        (server, port)
    }

    /// A Redis Cluster of one node, which has all slots.
    pub(crate) async fn start_as_cluster() -> Self {
        let mut server = Self::absent();
        // Unless it is told, the port of the cluster's bus is 10,000 above the other, which need not be one.
        let bus = free_port().to_string();
        server.options = ["--cluster-enabled", "yes", "--cluster-require-full-coverage", "no", "--cluster-port", &bus]
            .map(str::to_owned)
            .into();
        server.run().await;
        server.ask::<()>(cmd("CLUSTER").arg("ADDSLOTSRANGE").arg(0).arg(16_383));
        let is_well = async {
            while !server.ask::<String>(cmd("CLUSTER").arg("INFO")).contains("cluster_state:ok") {
                yield_now().await;
            }
        };
        timeout(LIMIT, is_well).await.expect("the cluster is well in time");
        server
    }

    /// Starts it, or starts it anew, with what is on its disk.
    pub(crate) async fn run(&mut self) {
        let mut process = Command::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--save", ""])
            .args(["--appendonly", "yes", "--appendfsync", "always", "--dir"])
            .arg(self.directory.path())
            .args(&self.options)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("Debian's package redis-server is installed");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if line.contains("Ready to accept connections") {
                    return;
                }
            }
            panic!("redis-server has ended");
        };
        timeout(LIMIT, ready).await.expect("redis-server is ready in time");
        self.running = Some((process, lines));
    }

    /// As if by a power failure.
    pub(crate) async fn kill(&mut self) {
        self.running.take().unwrap().0.kill().await.unwrap();
    }

    /// It goes on to take connections and commands, and answers nothing.
    pub(crate) async fn pause(&self) {
        let process = self.signal("-STOP").await;
        let is_stopped = async || {
            while !fs::read_to_string(format!("/proc/{process}/stat")).unwrap().contains(") T ") {
                yield_now().await;
            }
        };
        timeout(LIMIT, is_stopped()).await.expect("a process that is stopped stops");
    }

    /// It answers what it was asked meanwhile, and has done so when this returns.
    pub(crate) async fn resume(&self) {
        self.signal("-CONT").await;
        self.ask::<String>(&cmd("PING"));
    }

    async fn signal(&self, signal: &str) -> u32 {
        let process = self.running.as_ref().unwrap().0.id().unwrap();
        assert!(Command::new("kill").args([signal, &process.to_string()]).status().await.unwrap().success());
        process
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// With a deadline that a busy machine keeps.
    pub(crate) fn redis(&self) -> Redis {
        Redis::open(&self.url()).unwrap().with_deadline(Duration::from_secs(10))
    }

    /// What it answers to somebody else.
    pub(crate) fn ask<T: FromRedisValue>(&self, command: &Cmd) -> T {
        command.query(&mut Client::open(self.url()).unwrap().get_connection().unwrap()).unwrap()
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.ask(cmd("KEYS").arg("*"));
        keys.sort();
        keys
    }
}

/// One that watches a server, and ends when this is dropped.
pub(crate) struct Sentinel {
    port: u16,
    _directory: TempDir,
    _running: Child,
}

impl Sentinel {
    pub(crate) async fn watching(server: &Server) -> Self {
        let (port, directory) = (free_port(), tempfile::tempdir().unwrap());
        let file = directory.path().join("sentinel.conf");
        let watched = format!("sentinel monitor primary 127.0.0.1 {} 1", server.port());
        fs::write(&file, format!("port {port}\nbind 127.0.0.1\n{watched}\n")).unwrap();
        let mut process = Command::new("redis-server");
        let process = process.arg(&file).arg("--sentinel").stdout(Stdio::null()).kill_on_drop(true).spawn();
        let answers = async { while TcpStream::connect(("127.0.0.1", port)).await.is_err() {} };
        timeout(LIMIT, answers).await.expect("a Sentinel is ready in time");
        Self { port, _directory: directory, _running: process.unwrap() }
    }

    pub(crate) fn redis(&self) -> Redis {
        Redis::open(&format!("redis://127.0.0.1:{}", self.port)).unwrap().with_deadline(Duration::from_secs(10))
    }
}

/// Below those that the kernel gives to connections, which could take it while the server is down.
fn free_port() -> u16 {
    loop {
        let random = RandomState::new().build_hasher().finish();
        let port = 20_000 + u16::try_from(random % 12_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A hang fails the test rather than the run; nothing is expected to take so long.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);
