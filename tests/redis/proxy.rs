//! What stands between an instance and Redis, and can be made to fail.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU16;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use claviger::redis::Redis;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::server::LIMIT;
use crate::server::Server;

pub(crate) struct Proxy {
    port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// Where new connections go.
    target: AtomicU16,
    loses_next: AtomicBool,
    accepted: AtomicUsize,
    open: AtomicUsize,
    /// Connections before this one swallow what comes.
    deaf_before: AtomicUsize,
}

impl Proxy {
    pub(crate) async fn before(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, state) = (listener.local_addr().unwrap().port(), Arc::<State>::default());
        let proxy = Self { port, state: Arc::clone(&state) };
        proxy.lead_to(server);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(state.clone().carry(client));
            }
        });
        proxy
    }

    /// Connections that stand stay where they are.
    pub(crate) fn lead_to(&self, server: &Server) {
        self.state.target.store(server.port(), Ordering::SeqCst);
    }

    /// Closes the connection instead of giving the next answer.
    pub(crate) fn lose_next_answer(&self) {
        self.state.loses_next.store(true, Ordering::SeqCst);
    }

    pub(crate) fn has_lost(&self) -> bool {
        !self.state.loses_next.load(Ordering::SeqCst)
    }

    /// From now on the connections that there are swallow what comes, in both directions. Those that are made later are
    /// served.
    pub(crate) fn go_deaf(&self) {
        self.state.deaf_before.store(self.connections(), Ordering::SeqCst);
    }

    /// Whether all connections swallow what comes, those too that are made later.
    pub(crate) fn answer_nobody(&self, nobody: bool) {
        let before = if nobody { usize::MAX } else { self.connections() };
        self.state.deaf_before.store(before, Ordering::SeqCst);
    }

    /// All that were ever made.
    pub(crate) fn connections(&self) -> usize {
        self.state.accepted.load(Ordering::SeqCst)
    }

    /// Waits until so many are open.
    pub(crate) async fn open(&self, count: usize) {
        let open = async {
            while self.state.open.load(Ordering::SeqCst) != count {
                yield_now().await;
            }
        };
        timeout(LIMIT, open).await.expect("connections that are of no use are closed");
    }

    pub(crate) fn redis(&self) -> Redis {
        let url = format!("redis://127.0.0.1:{}", self.port);
        Redis::open(&url).unwrap().with_deadline(Duration::from_secs(10))
    }
}

impl State {
    async fn carry(self: Arc<Self>, client: TcpStream) {
        let number = self.accepted.fetch_add(1, Ordering::SeqCst);
        self.open.fetch_add(1, Ordering::SeqCst);
        let server = TcpStream::connect(("127.0.0.1", self.target.load(Ordering::SeqCst))).await.unwrap();
        let (mut commands, mut to_client) = client.into_split();
        let (mut answers, mut to_server) = server.into_split();
        let is_deaf = |state: &Self| number < state.deaf_before.load(Ordering::SeqCst);
        let up = async {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = commands.read(&mut buffer).await {
                if !is_deaf(&self) && to_server.write_all(&buffer[..read]).await.is_err() {
                    break;
                }
            }
        };
        let down = async {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = answers.read(&mut buffer).await {
                if is_deaf(&self) {
                    continue;
                }
                let is_lost = self.loses_next.swap(false, Ordering::SeqCst);
                if is_lost || to_client.write_all(&buffer[..read]).await.is_err() {
                    break;
                }
            }
        };
        tokio::select! {
            () = up => {}
            () = down => {}
        }
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}
