//! The loopback server.

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::task::JoinSet;

use super::answer::answer;
use super::state::Shared;
use super::wire::Wire;

/// A running server: it ends, with all of its connections, when this is dropped.
#[derive(Debug)]
pub(super) struct Server {
    alive: oneshot::Sender<Infallible>,
    task: JoinHandle<()>,
}

impl Server {
    /// A socket on a free port of the loopback interface.
    pub(super) async fn listen() -> io::Result<TcpListener> {
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await
    }

    pub(super) fn run(listener: TcpListener, shared: Arc<Shared>) -> Self {
        let (alive, gone) = oneshot::channel();
        let task = tokio::spawn(serve(listener, shared, gone));
        Self { alive, task }
    }

    /// Ends the server and waits until its socket is closed.
    pub(super) async fn stop(self) {
        drop(self.alive);
        // An error here says that the task ended otherwise, for example with its runtime.
        let _ = self.task.await;
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>, mut gone: oneshot::Receiver<Infallible>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut gone => break,
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(converse(stream, Arc::clone(&shared)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    let mut io = TokioIo::new(stream);
    let service = service_fn(async |request| Ok::<_, Wire>(answer(&shared, request).await?.map(Full::new)));
    let Err(error) = http1::Builder::new().serve_connection(&mut io, service).await else {
        return;
    };
    if let Some(wire) = error.source().and_then(|source| source.downcast_ref::<Wire>()) {
        // The client may be gone before the fault is played to its end.
        let _ = wire.end(io.into_inner()).await;
    }
}
