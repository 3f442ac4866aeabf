//! Auth0's token vault: a token of an upstream provider.

use claviger_core::error::Problems;
use secrecy::SecretString;

use crate::error::ExchangeError;
use crate::request::Form;
use crate::request::Grant;
use crate::request::TokenType;
use crate::request::check;
use crate::request::on_behalf_of::NOT_KEPT;

/// An upstream provider whose tokens the authorization server keeps for its users.
///
/// ```
/// use claviger_exchange::Connection;
///
/// let google = Connection::new("google-oauth2").with_login_hint("alice@example.com");
/// # let _ = google;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Connection {
    name: String,
    login_hint: Option<String>,
}

impl Connection {
    /// The connection, as the authorization server names it.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), login_hint: None }
    }

    /// Which of the user's accounts, where there are several.
    pub fn with_login_hint(mut self, login_hint: impl Into<String>) -> Self {
        self.login_hint = Some(login_hint.into());
        self
    }

    /// # Errors
    ///
    /// [`ExchangeError::Invalid`] with every problem, also if the text of the token was not kept.
    pub(crate) fn form(&self, subject_token: Option<&SecretString>) -> Result<Form, ExchangeError> {
        let mut problems = Problems::default();
        check::text("connection", &self.name, &mut problems);
        let mut form = Form::new(Grant::Connection).with("connection", &self.name);
        match subject_token {
            Some(token) => {
                check::token("subject_token", token, &mut problems);
                form = form.with_secret("subject_token", token.clone());
            }
            None => problems.add("subject_token", NOT_KEPT),
        }
        if let Some(login_hint) = &self.login_hint {
            check::text("login_hint", login_hint, &mut problems);
        }
        form.with("subject_token_type", TokenType::ACCESS_TOKEN.as_str())
            .with("requested_token_type", TokenType::CONNECTION.as_str())
            .with_some("login_hint", self.login_hint.as_ref())
            .checked(problems)
    }
}
