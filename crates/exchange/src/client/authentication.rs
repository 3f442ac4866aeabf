//! How this client tells the token endpoint who it is.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger_core::clock::Clock;
use claviger_core::error::Problems;
use http::HeaderValue;
use josekit::util::random_bytes;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use serde_json::Map;
use serde_json::json;
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use crate::error::ExchangeError;
use crate::key::PrivateKey;
use crate::request::Form;
use crate::request::Grant;
use crate::secrets::Secrets;

/// How this client authenticates: in one way, and never with credentials in the form beside it (RFC 6749, section 2.3).
///
/// ```
/// use claviger_exchange::ClientAuthentication;
///
/// let client = ClientAuthentication::basic("reports", "a secret");
/// assert!(!format!("{client:?}").contains("a secret"));
/// ```
#[derive(Clone)]
pub struct ClientAuthentication {
    client_id: String,
    method: Method,
}

#[derive(Clone)]
enum Method {
    Basic(SecretString),
    PrivateKeyJwt { key: Arc<PrivateKey>, audience: Option<String> },
    MutualTls(SecretString),
    None,
}

impl ClientAuthentication {
    /// With a secret, in the `Authorization` field (`client_secret_basic`; RFC 6749, section 2.3.1).
    #[must_use]
    pub fn basic(client_id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        Self { client_id: client_id.into(), method: Method::Basic(secret.into()) }
    }

    /// With a signed assertion (`private_key_jwt`; RFC 7523, section 2.2). Its audience is the issuer, or the token
    /// endpoint where that was given without one.
    #[must_use]
    pub fn private_key_jwt(client_id: impl Into<String>, key: PrivateKey) -> Self {
        Self { client_id: client_id.into(), method: Method::PrivateKeyJwt { key: Arc::new(key), audience: None } }
    }

    /// Another audience for the assertions of [`private_key_jwt`](Self::private_key_jwt); nothing to the other ways.
    #[must_use]
    pub fn with_assertion_audience(mut self, audience: impl Into<String>) -> Self {
        if let Method::PrivateKeyJwt { audience: current, .. } = &mut self.method {
            *current = Some(audience.into());
        }
        self
    }

    /// With a certificate in the TLS handshake (`tls_client_auth` and `self_signed_tls_client_auth`; RFC 8705, section
    /// 2). `pem` holds the certificate, those that lead to its authority, and the private key in PKCS #8.
    #[must_use]
    pub fn mutual_tls(client_id: impl Into<String>, pem: impl Into<SecretString>) -> Self {
        Self { client_id: client_id.into(), method: Method::MutualTls(pem.into()) }
    }

    /// Not at all: a public client, which only says its name (RFC 6749, section 3.2.1).
    #[must_use]
    pub fn none(client_id: impl Into<String>) -> Self {
        Self { client_id: client_id.into(), method: Method::None }
    }

    /// The certificate and key of the TLS handshake.
    pub(super) fn identity(&self) -> Option<&SecretString> {
        match &self.method {
            Method::MutualTls(pem) => Some(pem),
            Method::Basic(_) | Method::PrivateKeyJwt { .. } | Method::None => None,
        }
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        if self.client_id.trim().is_empty() {
            problems.add("client_id", "must not be blank");
        }
        match &self.method {
            Method::Basic(secret) if secret.expose_secret().trim().is_empty() => {
                problems.add("client_secret", "must not be blank");
            }
            Method::PrivateKeyJwt { audience: Some(audience), .. } if audience.trim().is_empty() => {
                problems.add("assertion_audience", "must not be blank");
            }
            Method::Basic(_) | Method::PrivateKeyJwt { .. } | Method::MutualTls(_) | Method::None => {}
        }
    }

    /// What goes into the form. `audience` is whom an assertion is for.
    pub(super) fn sign_in(&self, form: Form, audience: &str, clock: &dyn Clock) -> Result<Form, ExchangeError> {
        let form = if self.says_its_name(form.grant) { form.with("client_id", &self.client_id) } else { form };
        match &self.method {
            Method::PrivateKeyJwt { key, audience: own } => {
                let assertion = self.assertion(key, own.as_deref().unwrap_or(audience), clock)?;
                Ok(form.with("client_assertion_type", ASSERTION_TYPE).with_secret("client_assertion", assertion))
            }
            Method::Basic(_) | Method::MutualTls(_) | Method::None => Ok(form),
        }
    }

    /// Whether the form has `client_id`: where nothing else says it, and for the token vault, as Auth0's own SDKs send it.
    fn says_its_name(&self, grant: Grant) -> bool {
        grant == Grant::Connection || matches!(self.method, Method::MutualTls(_) | Method::None)
    }

    /// The `Authorization` field.
    pub(super) fn field(&self) -> Result<Option<HeaderValue>, ExchangeError> {
        let Method::Basic(secret) = &self.method else {
            return Ok(None);
        };
        let pair = self.pair(secret);
        let field = Zeroizing::new(format!("Basic {}", *Zeroizing::new(STANDARD.encode(pair.as_bytes()))));
        let mut field =
            HeaderValue::from_str(&field).map_err(|_| ExchangeError::Credentials("no header field can hold them"))?;
        field.set_sensitive(true);
        Ok(Some(field))
    }

    /// Adds what must stand in no error. Of the other ways to authenticate nothing secret is sent but the assertion, which
    /// stands in the form.
    pub(super) fn add_secrets(&self, secrets: &mut Secrets) {
        if let Method::Basic(secret) = &self.method {
            secrets.add(secret.expose_secret());
            // Written otherwise than the secret itself, where it has characters that a form encodes.
            secrets.add(&encoded(secret.expose_secret()));
            secrets.add_base64(&self.pair(secret));
        }
    }

    fn pair(&self, secret: &SecretString) -> Zeroizing<String> {
        Zeroizing::new(format!("{}:{}", *encoded(&self.client_id), *encoded(secret.expose_secret())))
    }

    fn assertion(&self, key: &PrivateKey, audience: &str, clock: &dyn Clock) -> Result<SecretString, ExchangeError> {
        let now = clock.unix().ok_or(ExchangeError::Credentials("the clock does not know the time"))?.as_secs();
        key.sign_assertion(Map::from_iter([
            ("iss".to_owned(), json!(self.client_id)),
            ("sub".to_owned(), json!(self.client_id)),
            ("aud".to_owned(), json!(audience)),
            ("jti".to_owned(), json!(URL_SAFE_NO_PAD.encode(random_bytes(16)))),
            ("iat".to_owned(), json!(now)),
            ("exp".to_owned(), json!(now.saturating_add(ASSERTION_LIFETIME))),
        ]))
    }
}

impl fmt::Debug for ClientAuthentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = match &self.method {
            Method::Basic(_) => "client_secret_basic",
            Method::PrivateKeyJwt { .. } => "private_key_jwt",
            Method::MutualTls(_) => "tls_client_auth",
            Method::None => "none",
        };
        let mut shown = f.debug_struct("ClientAuthentication");
        shown.field("client_id", &self.client_id).field("method", &method).finish_non_exhaustive()
    }
}

/// As a form has it (RFC 6749, appendix B), so that a colon or a space is told from the separator.
fn encoded(text: &str) -> Zeroizing<String> {
    let mut encoded = Zeroizing::new(String::with_capacity(3 * text.len()));
    byte_serialize(text.as_bytes()).for_each(|part| encoded.push_str(part));
    encoded
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// In seconds: long enough for clocks that differ a little.
const ASSERTION_LIFETIME: u64 = 60;
