//! What stands between an instance and Redis, and can be made to fail.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU16;
use std::sync::atomic::Ordering;
use std::time::Duration;

use claviger::redis::Redis;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::io::copy;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

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

    pub(crate) fn redis(&self) -> Redis {
        let url = format!("redis://127.0.0.1:{}", self.port);
        Redis::open(&url).unwrap().with_deadline(Duration::from_secs(10))
    }
}

impl State {
    async fn carry(self: Arc<Self>, client: TcpStream) {
        let server = TcpStream::connect(("127.0.0.1", self.target.load(Ordering::SeqCst))).await.unwrap();
        let (mut commands, mut to_client) = client.into_split();
        let (mut answers, mut to_server) = server.into_split();
        let up = tokio::spawn(async move { copy(&mut commands, &mut to_server).await });
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = answers.read(&mut buffer).await {
            let is_lost = self.loses_next.swap(false, Ordering::SeqCst);
            if is_lost || to_client.write_all(&buffer[..read]).await.is_err() {
                break;
            }
        }
        up.abort();
    }
}
