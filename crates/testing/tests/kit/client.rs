//! How these tests fetch.

use claviger_testing::TestIssuer;
use reqwest::Client;
use reqwest::redirect::Policy;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// A client without proxies and without curiosity.
pub(crate) fn client() -> Client {
    Client::builder().no_proxy().redirect(Policy::none()).build().unwrap()
}

pub(crate) async fn get(url: impl AsRef<str>) -> reqwest::Result<reqwest::Response> {
    client().get(url.as_ref()).send().await
}

/// All that comes back on a plain socket after a request for the key set.
pub(crate) async fn raw_jwks(issuer: &TestIssuer) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(issuer.address()).await?;
    stream.write_all(b"GET /jwks HTTP/1.1\r\nhost: localhost\r\n\r\n").await?;
    let mut received = Vec::new();
    stream.read_to_end(&mut received).await?;
    Ok(received)
}
