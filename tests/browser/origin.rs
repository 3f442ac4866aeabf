//! An address, before it is known what is served there.

use axum::Router;
use tokio::net::TcpListener;

/// A loopback address.
pub(crate) struct Origin {
    listener: TcpListener,
}

impl Origin {
    pub(crate) async fn new() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.listener.local_addr().unwrap())
    }

    pub(crate) fn serve(self, router: Router) {
        drop(tokio::spawn(async move { axum::serve(self.listener, router).await.unwrap() }));
    }
}
