//! How an issuer fails.

use std::future;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::HeaderValue;
use http::Response;
use http::StatusCode;
use http::header::CONTENT_ENCODING;
use http::header::CONTENT_TYPE;
use http::header::LOCATION;

use super::Gate;
use super::TestIssuer;
use super::answer::empty;
use super::answer::if_changed;
use super::bomb::gzip_bomb;
use super::wire::Wire;

/// What an issuer does instead of answering well.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> reqwest::Result<()> {
/// use claviger_testing::Fault;
/// use claviger_testing::TestIssuer;
/// use http::StatusCode;
///
/// let issuer = TestIssuer::start().await;
/// issuer.fail_jwks(Fault::Status(StatusCode::BAD_GATEWAY));
/// assert_eq!(reqwest::get(issuer.jwks_uri()).await?.status(), 502);
///
/// issuer.fail_jwks(Fault::Close);
/// assert!(reqwest::get(issuer.jwks_uri()).await.is_err());
///
/// issuer.recover();
/// assert_eq!(reqwest::get(issuer.jwks_uri()).await?.status(), 200);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// Any answer at all: status, header fields and body.
    Answer(Response<Bytes>),
    /// Closes the connection without a byte of answer.
    Close,
    /// The good answer, head first and then a byte after each pause.
    Drip {
        /// Before each byte of the body.
        pause: Duration,
    },
    /// The good document, and blanks behind it until it has this many bytes, sent as gzip at about 1/150 of that.
    ///
    /// It is still valid JSON, so only a limit on the decoded size refuses it.
    GzipBomb {
        /// The number of bytes after decoding.
        decoded: usize,
    },
    /// Takes the request and never answers it, not even after [`TestIssuer::recover`].
    Hang,
    /// Answers well, but not before the gate is opened; with what was published when the request came in.
    Held(Gate),
    /// 200 with a page of HTML, as captive portals and proxies send it.
    Html,
    /// These bytes on the connection, whatever they are; then it is closed.
    Raw(Bytes),
    /// 302 to this address.
    Redirect(String),
    /// Resets the connection (TCP RST) without a byte of answer.
    Reset,
    /// This status, without a body.
    Status(StatusCode),
    /// The good answer under a `Content-Length` that is not its length; then the connection is closed.
    WrongLength {
        /// What the field says.
        declared: usize,
    },
}

impl Fault {
    /// What goes out in place of `good`, or what is done to the connection.
    pub(super) async fn instead_of(self, good: Response<Bytes>, request: &HeaderMap) -> Result<Response<Bytes>, Wire> {
        match self {
            Self::Answer(answer) => Ok(answer),
            Self::Close => Err(Wire::Send(Bytes::new())),
            Self::Drip { pause } => Err(Wire::drip(&good, pause)),
            Self::GzipBomb { decoded } => Ok(bomb(good, decoded)),
            Self::Hang => future::pending().await,
            Self::Held(gate) => {
                gate.passed().await;
                Ok(if_changed(good, request))
            }
            Self::Html => Ok(page()),
            Self::Raw(bytes) => Err(Wire::Send(bytes)),
            Self::Redirect(location) => Ok(redirect(&location)),
            Self::Reset => Err(Wire::Reset),
            Self::Status(status) => Ok(empty(status)),
            Self::WrongLength { declared } => Err(Wire::with_length(&good, declared)),
        }
    }
}

/// # Faults
///
/// A fault stays until another replaces it or [`recover`](Self::recover) takes it back. Requests that it has
/// already caught are not let go.
impl TestIssuer {
    /// Fails every request for discovery, under both addresses.
    pub fn fail_discovery(&self, fault: Fault) {
        self.shared().state().discovery_fault = Some(fault);
    }

    /// Fails every request for the key set.
    ///
    /// A fetch that is under way while the test goes on, without sleeping:
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use claviger_testing::Fault;
    /// use claviger_testing::Gate;
    /// use claviger_testing::SigningAlgorithm;
    /// use claviger_testing::SigningKey;
    /// use claviger_testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::start().await;
    /// let gate = Gate::new();
    /// issuer.fail_jwks(Fault::Held(gate.clone()));
    ///
    /// let fetch = tokio::spawn(reqwest::get(issuer.jwks_uri()));
    /// issuer.wait_for_jwks(1).await;
    /// issuer.rotate(SigningKey::generate(SigningAlgorithm::Es256).with_key_id("late"));
    /// gate.open();
    ///
    /// assert!(!fetch.await??.text().await?.contains("late"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn fail_jwks(&self, fault: Fault) {
        self.shared().state().jwks_fault = Some(fault);
    }

    /// Fails every request for a token.
    pub fn fail_token(&self, fault: Fault) {
        self.shared().state().token_fault = Some(fault);
    }

    /// Answers well again.
    pub fn recover(&self) {
        let mut state = self.shared().state();
        state.discovery_fault = None;
        state.jwks_fault = None;
        state.token_fault = None;
    }
}

fn bomb(good: Response<Bytes>, decoded: usize) -> Response<Bytes> {
    let mut answer = good.map(|document| gzip_bomb(&document, decoded));
    answer.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    answer
}

fn page() -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from_static(b"<!DOCTYPE html><title>Sign in</title><p>Welcome"));
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, html);
    answer
}

#[expect(clippy::expect_used, reason = "a test names its own redirect")]
fn redirect(location: &str) -> Response<Bytes> {
    let mut answer = empty(StatusCode::FOUND);
    let location = HeaderValue::from_str(location).expect("the address can stand in a header field");
    answer.headers_mut().insert(LOCATION, location);
    answer
}
