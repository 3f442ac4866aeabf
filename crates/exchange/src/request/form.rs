//! The form that is posted (RFC 6749, appendix B).

use std::borrow::Cow;

use claviger_core::error::Problems;
use openssl::sha::sha256;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::error::ExchangeError;
use crate::secrets::Secrets;

/// A request that was found valid.
#[derive(Clone)]
pub(crate) struct Form {
    pub(crate) grant: Grant,
    /// The organization that the tokens of the answer must be for.
    pub(crate) organization: Option<String>,
    fields: Vec<(Cow<'static, str>, Value)>,
}

/// What is granted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Grant {
    /// RFC 8693.
    TokenExchange,
    /// Auth0's token vault.
    Connection,
}

#[derive(Clone)]
enum Value {
    Plain(String),
    Secret(SecretString),
}

impl Form {
    pub(crate) fn new(grant: Grant) -> Self {
        let grant_type = match grant {
            Grant::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
            Grant::Connection => "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token",
        };
        Self { grant, organization: None, fields: Vec::new() }.with("grant_type", grant_type)
    }

    pub(crate) fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), Value::Plain(value.into())));
        self
    }

    pub(crate) fn with_some<T: Into<String>>(self, name: &'static str, value: impl IntoIterator<Item = T>) -> Self {
        value.into_iter().fold(self, |form, value| form.with(name, value))
    }

    pub(crate) fn with_secret(mut self, name: &'static str, value: SecretString) -> Self {
        self.fields.push((Cow::Borrowed(name), Value::Secret(value)));
        self
    }

    pub(super) fn for_organization(self, organization: Option<String>) -> Self {
        Self { organization, ..self }
    }

    /// The form, if nothing is wrong with it.
    pub(super) fn checked(self, problems: Problems) -> Result<Self, ExchangeError> {
        problems.into_result(self).map_err(|error| ExchangeError::Invalid(error.problems().to_vec()))
    }

    /// Wiped when it is dropped, as long as it never had to grow.
    pub(crate) fn encoded(&self) -> Zeroizing<String> {
        let longest: usize = self.fields.iter().map(|(name, value)| 3 * (name.len() + value.text().len()) + 2).sum();
        let mut form = form_urlencoded::Serializer::new(String::with_capacity(longest));
        for (name, value) in &self.fields {
            form.append_pair(name, value.text());
        }
        Zeroizing::new(form.finish())
    }

    /// Two requests of one digest ask for the same.
    pub(crate) fn digest(&self) -> [u8; 32] {
        sha256(self.encoded().as_bytes())
    }

    /// Adds what must stand in no error.
    pub(crate) fn add_secrets(&self, secrets: &mut Secrets) {
        for (_, value) in &self.fields {
            if let Value::Secret(secret) = value {
                secrets.add(secret.expose_secret());
            }
        }
    }
}

impl Value {
    fn text(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(secret) => secret.expose_secret(),
        }
    }
}
