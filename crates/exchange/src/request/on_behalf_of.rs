//! On behalf of the caller.

use claviger_core::Scopes;
use claviger_core::VerifiedToken;
use claviger_core::error::Problems;

use crate::error::ExchangeError;
use crate::request::Form;
use crate::request::Grant;
use crate::request::TokenType;
use crate::request::check;

/// A token for another API, in the name of the caller of this one: access token for access token.
///
/// ```
/// use claviger_core::Scopes;
/// use claviger_exchange::OnBehalfOf;
///
/// let inventory = OnBehalfOf::new("https://inventory.example.com").with_scopes(Scopes::new(["read:items"])?);
/// # let _ = inventory;
/// # Ok::<(), claviger_core::InvalidScope>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct OnBehalfOf {
    audience: String,
    scopes: Scopes,
}

impl OnBehalfOf {
    /// The audience that the other API goes by.
    pub fn new(audience: impl Into<String>) -> Self {
        Self { audience: audience.into(), scopes: Scopes::default() }
    }

    /// What the token may be used for.
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = scopes;
        self
    }

    /// # Errors
    ///
    /// [`ExchangeError::Invalid`] with every problem, also if the text of the token was not kept.
    pub(crate) fn form(&self, caller: &VerifiedToken) -> Result<Form, ExchangeError> {
        let mut problems = Problems::default();
        check::text("audience", &self.audience, &mut problems);
        let mut form = Form::new(Grant::TokenExchange);
        match caller.presented_token() {
            Some(token) => form = form.with_secret("subject_token", token.clone()),
            None => problems.add("subject_token", NOT_KEPT),
        }
        form.with("subject_token_type", TokenType::ACCESS_TOKEN.as_str())
            .with("requested_token_type", TokenType::ACCESS_TOKEN.as_str())
            .with("audience", &self.audience)
            .with_some("scope", (!self.scopes.is_empty()).then(|| self.scopes.to_string()))
            .checked(problems)
    }
}

pub(super) const NOT_KEPT: &str =
    "was not kept: the verifier, or the layer's configuration, needs `keep_presented_token`";
