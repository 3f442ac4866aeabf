//! Real servers, and a client that sends all of its upload before it reads.

use std::io;

use axum::Router;
use axum::routing::any;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::DrainUnread;
use claviger::Issuer;
use claviger_testing::TestIssuer;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tower::Layer;

use crate::support::AUDIENCE;

const UPLOAD: usize = 1024 * 1024;

struct Served {
    address: std::net::SocketAddr,
    token: String,
}

impl Served {
    /// Guarded, by axum's own server.
    async fn by_axum() -> Self {
        let (auth, token) = auth();
        let app = Router::new().route("/", any(async || "in")).layer(auth);
        Self::serving(app, token).await
    }

    /// Open, and it reads nothing.
    async fn not_reading() -> Self {
        let app = Router::new().route("/", any(async || "in")).layer(DrainUnread::default());
        Self::serving(app, String::new()).await
    }

    async fn serving(app: Router, token: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, token }
    }

    /// The layer around a service that takes hyper's own body.
    async fn by_hyper() -> Self {
        let (auth, token) = auth();
        let inner = tower::service_fn(async |_: http::Request<hyper::body::Incoming>| {
            Ok::<_, std::convert::Infallible>(http::Response::new("in".to_owned()))
        });
        let service = TowerToHyperService::new(auth.layer(inner));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (connection, _) = listener.accept().await.unwrap();
                let serving = http1::Builder::new().serve_connection(TokioIo::new(connection), service.clone());
                tokio::spawn(serving);
            }
        });
        Self { address, token }
    }

    async fn connect(&self) -> Client {
        Client(TcpStream::connect(self.address).await.unwrap())
    }
}

fn auth() -> (AuthLayer, String) {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    (AuthLayer::new(AuthConfig::builder(trusted).build().unwrap()), issuer.token().sign())
}

struct Client(TcpStream);

impl Client {
    /// A whole request, before anything is read.
    async fn send(&mut self, method: &str, fields: &str, body: &[u8]) -> io::Result<()> {
        let head = format!("{method} / HTTP/1.1\r\nhost: localhost\r\n{fields}\r\n");
        self.0.write_all(head.as_bytes()).await?;
        self.0.write_all(body).await
    }

    /// The head of the next response, whose body is read too.
    async fn head(&mut self) -> io::Result<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await?);
        }
        let head = String::from_utf8(head).unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
        let mut body = vec![0; length.parse().unwrap()];
        self.0.read_exact(&mut body).await?;
        Ok(head)
    }

    async fn assert_ended(mut self) {
        assert_eq!(self.0.read(&mut [0]).await.unwrap(), 0);
    }
}

fn chunked(bytes: usize) -> Vec<u8> {
    let chunk = vec![b'x'; 1 << 14];
    let mut body = Vec::new();
    for _ in 0..bytes >> 14 {
        body.extend_from_slice(b"4000\r\n");
        body.extend_from_slice(&chunk);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"0\r\n\r\n");
    body
}

#[tokio::test]
async fn an_upload_is_refused_and_its_connection_serves_the_next_request() {
    for served in [Served::by_axum().await, Served::by_hyper().await] {
        let mut client = served.connect().await;
        let of_length = (format!("content-length: {UPLOAD}\r\n"), vec![b'x'; UPLOAD]);
        let of_chunks = ("transfer-encoding: chunked\r\n".to_owned(), chunked(UPLOAD));
        for (fields, body) in [of_length, of_chunks] {
            client.send("POST", &fields, &body).await.unwrap();
            let refused = client.head().await.unwrap();
            assert!(refused.starts_with("HTTP/1.1 401 ") && !refused.contains("connection:"), "{refused}");
            client.send("GET", &format!("authorization: Bearer {}\r\n", served.token), b"").await.unwrap();
            let accepted = client.head().await.unwrap();
            assert!(accepted.starts_with("HTTP/1.1 200 "), "{accepted}");
        }
    }
}

#[tokio::test]
async fn a_client_that_waits_for_100_gets_the_refusal_alone_and_the_connection_ends() {
    for served in [Served::by_axum().await, Served::by_hyper().await] {
        let mut client = served.connect().await;
        let fields = format!("expect: 100-continue\r\ncontent-length: {UPLOAD}\r\n");
        client.send("POST", &fields, b"").await.unwrap();
        let refused = client.head().await.unwrap();
        assert!(refused.starts_with("HTTP/1.1 401 ") && refused.contains("connection: close\r\n"), "{refused}");
        client.assert_ended().await;
    }
}

#[tokio::test]
async fn a_longer_upload_is_not_read_and_the_connection_ends() {
    for served in [Served::by_axum().await, Served::by_hyper().await] {
        let mut client = served.connect().await;
        client.send("POST", "content-length: 16777217\r\n", b"").await.unwrap();
        let refused = client.head().await.unwrap();
        assert!(refused.starts_with("HTTP/1.1 401 ") && refused.contains("connection: close\r\n"), "{refused}");
        client.assert_ended().await;
    }
}

#[tokio::test]
async fn a_handler_that_does_not_read_keeps_its_answer_too() {
    let mut client = Served::not_reading().await.connect().await;
    for _ in 0..2 {
        client.send("POST", &format!("content-length: {UPLOAD}\r\n"), &vec![b'x'; UPLOAD]).await.unwrap();
        let answered = client.head().await.unwrap();
        assert!(answered.starts_with("HTTP/1.1 200 "), "{answered}");
    }
}
