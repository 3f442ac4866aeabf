//! Calling another API with an exchanged token.

use http::HeaderMap;
use http::HeaderValue;
use http::StatusCode;
use http::header::AUTHORIZATION;
use http::header::HeaderName;
use http::header::WWW_AUTHENTICATE;
use reqwest::Client;
use reqwest::Request;
use reqwest::Response;
use secrecy::ExposeSecret;
use thiserror::Error;
use url::Url;
use zeroize::Zeroizing;

use claviger_core::address;

use crate::answer::AccessToken;
use crate::error::ExchangeError;

/// Why a token was not put on a call, or the call was not answered. It holds no token.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CallError {
    /// The address is neither https nor this machine, so everybody on the way could take the token.
    #[error("a token is sent over https alone, and to loopback hosts")]
    Insecure,
    /// The token is of a type that this version does not know, and must not use (RFC 6749, section 7.1).
    #[error("the token is of the unknown type `{0}`")]
    UnknownType(String),
    /// The token has characters that no header field can hold.
    #[error("the token has characters that no header field can hold")]
    Unpresentable,
    /// The proof could not be made.
    #[error(transparent)]
    Proof(ExchangeError),
    /// The call was not answered.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
}

/// # Calls
impl AccessToken {
    /// Puts the token into the `Authorization` field of `request`, in place of whatever stands there, and a proof beside
    /// it if the token is bound to a key (RFC 9449, section 7).
    ///
    /// ```
    /// # async fn call(token: claviger_exchange::AccessToken) -> Result<(), Box<dyn std::error::Error>> {
    /// let client = reqwest::Client::new();
    /// let request = client.get("https://inventory.example.com/items").build()?;
    /// let answer = client.execute(token.authorize(request)?).await?;
    /// # let _ = answer;
    /// # Ok(())
    /// # }
    /// # let _ = call;
    /// ```
    ///
    /// # Errors
    ///
    /// [`CallError`]: the address is not secure, or the token cannot be presented.
    pub fn authorize(&self, mut request: Request) -> Result<Request, CallError> {
        if request.url().scheme() != "https" && !address::is_loopback(request.url()) {
            return Err(CallError::Insecure);
        }
        let scheme = self.scheme()?;
        let field = Zeroizing::new(format!("{scheme} {}", self.secret().expose_secret()));
        request.headers_mut().insert(AUTHORIZATION, sensitive(&field)?);
        request.headers_mut().remove(PROOF);
        if scheme == "DPoP"
            && let Some(key) = self.proof_key()
        {
            let proof = key.proof(request.method(), request.url(), Some(self.secret())).map_err(CallError::Proof)?;
            request.headers_mut().insert(PROOF, sensitive(proof.expose_secret())?);
        }
        Ok(request)
    }

    /// Sends `request` with the token. If the API wants to see a nonce in the proof (RFC 9449, section 9), the request is
    /// sent once more with it, unless its body is a stream.
    ///
    /// `client` should follow no redirects: a proof is for one address.
    ///
    /// # Errors
    ///
    /// As [`authorize`](Self::authorize), or the call was not answered.
    pub async fn send(&self, client: &Client, request: Request) -> Result<Response, CallError> {
        let (again, url) = (request.try_clone(), request.url().clone());
        let response = client.execute(self.authorize(request)?).await?;
        match again {
            Some(again) if self.learns_a_nonce(&url, &response) => {
                let response = client.execute(self.authorize(again)?).await?;
                self.learns_a_nonce(&url, &response);
                Ok(response)
            }
            _ => Ok(response),
        }
    }

    /// Keeps the nonce of an answer; whether it is all that the API misses.
    fn learns_a_nonce(&self, url: &Url, response: &Response) -> bool {
        let Some(key) = self.proof_key() else {
            return false;
        };
        key.learn(url, response.headers())
            && response.status() == StatusCode::UNAUTHORIZED
            && wants_nonce(response.headers())
    }

    /// A bound token is never presented as a bearer token.
    fn scheme(&self) -> Result<&'static str, CallError> {
        match (self.token_type(), self.proof_key()) {
            (Some(kind), Some(_)) if kind.eq_ignore_ascii_case("dpop") => Ok("DPoP"),
            (None, _) => Ok("Bearer"),
            (Some(kind), _) if kind.eq_ignore_ascii_case("bearer") => Ok("Bearer"),
            (Some(kind), _) => {
                Err(CallError::UnknownType(kind.chars().take(64).flat_map(char::escape_debug).collect()))
            }
        }
    }
}

fn sensitive(text: &str) -> Result<HeaderValue, CallError> {
    let mut field = HeaderValue::from_str(text).map_err(|_| CallError::Unpresentable)?;
    field.set_sensitive(true);
    Ok(field)
}

fn wants_nonce(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|line| line.to_str().ok());
    lines.any(|line| line.contains(r#"error="use_dpop_nonce""#))
}

const PROOF: HeaderName = HeaderName::from_static("dpop");
