//! What is done to a connection that no HTTP library would do.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use thiserror::Error;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::sleep;

/// The end of a connection; as an error, it makes hyper give the connection back.
#[derive(Debug, Error)]
#[error("the connection is ended by hand")]
pub(super) enum Wire {
    Drip { head: Bytes, body: Bytes, pause: Duration },
    Reset,
    Send(Bytes),
}

impl Wire {
    pub(super) fn drip(answer: &Response<Bytes>, pause: Duration) -> Self {
        Self::Drip { head: head(answer, answer.body().len()).into(), body: answer.body().clone(), pause }
    }

    pub(super) fn with_length(answer: &Response<Bytes>, declared: usize) -> Self {
        let mut bytes = head(answer, declared);
        bytes.extend_from_slice(answer.body());
        Self::Send(bytes.into())
    }

    pub(super) async fn end(&self, mut stream: TcpStream) -> io::Result<()> {
        match self {
            Self::Drip { head, body, pause } => {
                stream.write_all(head).await?;
                for byte in body {
                    sleep(*pause).await;
                    stream.write_u8(*byte).await?;
                }
            }
            // Closing a socket that must not linger sends RST.
            Self::Reset => return stream.set_zero_linger(),
            Self::Send(bytes) => stream.write_all(bytes).await?,
        }
        stream.shutdown().await
    }
}

fn head(answer: &Response<Bytes>, length: usize) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {}\r\n", answer.status()).into_bytes();
    for (name, value) in answer.headers() {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(format!("content-length: {length}\r\nconnection: close\r\n\r\n").as_bytes());
    head
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::AGE;

    use super::*;

    #[test]
    fn the_head_is_written_as_http_has_it() {
        let mut answer = Response::new(Bytes::from_static(b"ab"));
        answer.headers_mut().insert(AGE, HeaderValue::from_static("3"));
        let Wire::Send(bytes) = Wire::with_length(&answer, 9) else {
            panic!("nothing to send");
        };
        assert_eq!(bytes, "HTTP/1.1 200 OK\r\nage: 3\r\ncontent-length: 9\r\nconnection: close\r\n\r\nab");
    }
}
