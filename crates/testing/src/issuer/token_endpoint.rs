//! Where tokens are exchanged, and what was asked there.

use std::fmt;

use bytes::Bytes;
use http::HeaderMap;
use http::Method;
use http::Request;
use http::Response;
use http::StatusCode;
use http_body_util::BodyExt;
use hyper::body::Body;
use serde_json::Value;
use url::form_urlencoded;

use super::TestIssuer;
use super::answer::empty;
use super::state::Shared;
use super::token_answer;
use super::wire::Wire;

/// A request that the token endpoint got: its header fields and its form.
#[derive(Clone)]
pub struct TokenRequest {
    headers: HeaderMap,
    body: String,
    form: Vec<(String, String)>,
}

impl TokenRequest {
    /// The header fields.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The form as it was sent.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The names of the fields, in order and as often as they were sent.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.form.iter().map(|(name, _)| name.as_str())
    }

    /// The first value of the field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields(name).next()
    }

    /// Every value of the field, in order.
    pub fn fields(&self, name: &str) -> impl Iterator<Item = &str> {
        self.form.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequest").field("names", &self.names().collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

/// The answer to a request for a token, or what is done to its connection.
pub(super) async fn answer<B: Body>(shared: &Shared, request: Request<B>) -> Result<Response<Bytes>, Wire> {
    if request.method() != Method::POST {
        return Ok(empty(StatusCode::METHOD_NOT_ALLOWED));
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return Ok(empty(StatusCode::BAD_REQUEST));
    };
    let body = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    let form = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let request = TokenRequest { headers: parts.headers, body, form };
    let (good, fault) = {
        let state = shared.state();
        (token_answer::good(shared, &state, &request), state.token_fault.clone())
    };
    let headers = request.headers.clone();
    shared.token_requests.send_modify(|requests| requests.push(request));
    match fault {
        Some(fault) => fault.instead_of(good, &headers).await,
        None => Ok(good),
    }
}

/// # Exchanging tokens
///
/// The token endpoint exchanges whatever it gets (RFC 8693), without asking who the client is: it copies the subject of
/// the subject token, takes audience and scope from the form, and makes the client the actor. With a DPoP proof, which is
/// not verified, the token is bound to its key. For the grant of Auth0's token vault it makes up an opaque token.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use claviger_testing::TestIssuer;
///
/// let issuer = TestIssuer::start().await;
/// let form = format!("grant_type=x&subject_token={}&audience=b", issuer.token().claim("sub", "alice").sign());
/// let answer = reqwest::Client::new().post(issuer.token_endpoint()).body(form).send().await?;
/// assert_eq!(answer.status(), 200);
/// assert_eq!(issuer.token_requests()[0].field("audience"), Some("b"));
/// # Ok(())
/// # }
/// ```
impl TestIssuer {
    /// Where tokens are exchanged, under the address of the server even if the issuer is named otherwise.
    #[must_use]
    pub fn token_endpoint(&self) -> String {
        self.base_url() + &self.shared().place.token_path()
    }

    /// Answers every request for a token with 200 and this.
    pub fn answer_token(&self, answer: impl Into<Value>) {
        self.shared().state().token_answer = Some(answer.into());
    }

    /// Answers `use_dpop_nonce` to every request whose proof has another nonce, and names this one.
    pub fn demand_dpop_nonce(&self, nonce: impl Into<String>) {
        self.shared().state().dpop_nonce = Some(nonce.into());
    }

    /// What was asked so far, in order.
    #[must_use]
    pub fn token_requests(&self) -> Vec<TokenRequest> {
        self.shared().token_requests.borrow().clone()
    }

    /// Waits until tokens were asked for `times` times in all; at once if that has happened.
    pub async fn wait_for_token_requests(&self, times: usize) {
        let mut requests = self.shared().token_requests.subscribe();
        // It cannot fail, because the sender lives in `self`.
        let _ = requests.wait_for(|requests| requests.len() >= times).await;
    }
}
