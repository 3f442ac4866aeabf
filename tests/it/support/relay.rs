//! What stands between a client and a server, and can let connections go deaf.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::task::yield_now;
use tokio::time::timeout;

/// Hands on what comes, in both directions, until it swallows it: everything is still acknowledged, and nothing answered.
pub(crate) struct Relay {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    accepted: AtomicUsize,
    open: AtomicUsize,
    /// Connections before this one are deaf.
    deaf_before: AtomicUsize,
    is_deaf_from_the_first_byte: AtomicBool,
}

impl Relay {
    /// On loopback, to `target`.
    pub(crate) async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, state) = (listener.local_addr().unwrap(), Arc::<State>::default());
        let relay = Self { address, state: Arc::clone(&state) };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&state).carry(client, target));
            }
        });
        relay
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Swallows what comes over the connections that there are. Those that are made later are served.
    pub(crate) fn go_deaf(&self) {
        self.state.deaf_before.store(self.connections(), Ordering::SeqCst);
    }

    /// Whether connections made from now on are deaf.
    pub(crate) fn answer_nobody(&self, nobody: bool) {
        self.state.is_deaf_from_the_first_byte.store(nobody, Ordering::SeqCst);
    }

    /// All that were ever made.
    pub(crate) fn connections(&self) -> usize {
        self.state.accepted.load(Ordering::SeqCst)
    }

    /// Waits until the clients have closed all connections.
    pub(crate) async fn closed(&self) {
        let closed = async {
            while self.state.open.load(Ordering::SeqCst) > 0 {
                yield_now().await;
            }
        };
        timeout(LIMIT, closed).await.unwrap();
    }
}

impl State {
    async fn carry(self: Arc<Self>, client: TcpStream, target: SocketAddr) {
        let number = self.accepted.fetch_add(1, Ordering::SeqCst);
        self.open.fetch_add(1, Ordering::SeqCst);
        let is_deaf = self.is_deaf_from_the_first_byte.load(Ordering::SeqCst);
        let server = TcpStream::connect(target).await.unwrap();
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        let back = tokio::spawn(Arc::clone(&self).copy(from_server, to_client, (number, is_deaf)));
        Arc::clone(&self).copy(from_client, to_server, (number, is_deaf)).await;
        back.abort();
        self.open.fetch_sub(1, Ordering::SeqCst);
    }

    /// Until the sender closes, or the receiver has.
    async fn copy(self: Arc<Self>, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, (number, is_deaf): (usize, bool)) {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = from.read(&mut buffer).await {
            let is_swallowed = is_deaf || number < self.deaf_before.load(Ordering::SeqCst);
            if !is_swallowed && to.write_all(&buffer[..read]).await.is_err() {
                return;
            }
        }
    }
}

/// A hang fails the test rather than the run.
const LIMIT: Duration = Duration::from_secs(15);
