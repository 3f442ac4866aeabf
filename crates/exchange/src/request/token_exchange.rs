//! Token exchange (RFC 8693, section 2.1).

use claviger_core::Scopes;
use claviger_core::error::Problems;
use secrecy::SecretString;

use crate::error::ExchangeError;
use crate::request::Form;
use crate::request::Grant;
use crate::request::TokenType;
use crate::request::check;
use crate::request::parameter::Parameter;

/// A token exchange of any kind (RFC 8693). For the caller of this API, see [`OnBehalfOf`](crate::OnBehalfOf).
///
/// It is checked when it is [exchanged](crate::Exchanger::exchange), before anything is sent.
///
/// ```
/// use claviger_core::Scopes;
/// use claviger_exchange::TokenExchange;
/// use claviger_exchange::TokenType;
///
/// let request = TokenExchange::new("the token of somebody", TokenType::JWT)
///     .with_actor("the token of who acts", TokenType::ACCESS_TOKEN)
///     .add_audience("https://inventory.example.com")
///     .with_scopes(Scopes::new(["read:items"])?)
///     .add_parameter("reason", "nightly report");
/// assert!(!format!("{request:?}").contains("somebody"));
/// # Ok::<(), claviger_core::InvalidScope>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct TokenExchange {
    subject: SecretString,
    subject_type: TokenType,
    namespace: Namespace,
    actor: Option<(SecretString, TokenType)>,
    audiences: Vec<String>,
    resources: Vec<String>,
    scopes: Scopes,
    requested_type: Option<TokenType>,
    organization: Option<String>,
    parameters: Vec<Parameter>,
}

/// Whose the type of the subject token must be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Namespace {
    Anybodys,
    OnesOwn,
}

impl TokenExchange {
    /// Asks for a token for the party that `subject_token` stands for.
    pub fn new(subject_token: impl Into<SecretString>, subject_token_type: TokenType) -> Self {
        Self {
            subject: subject_token.into(),
            subject_type: subject_token_type,
            namespace: Namespace::Anybodys,
            actor: None,
            audiences: Vec::new(),
            resources: Vec::new(),
            scopes: Scopes::default(),
            requested_type: None,
            organization: None,
            parameters: Vec::new(),
        }
    }

    /// Asks by an exchange profile of the authorization server, which knows it by a token type of the operator's own
    /// (Auth0's custom token exchange). A type in a namespace of the IETF, Auth0 or Okta is refused.
    pub fn by_profile(subject_token: impl Into<SecretString>, profile: impl Into<String>) -> Self {
        Self { namespace: Namespace::OnesOwn, ..Self::new(subject_token, TokenType::new(profile)) }
    }

    /// The party that acts for the subject.
    pub fn with_actor(mut self, actor_token: impl Into<SecretString>, actor_token_type: TokenType) -> Self {
        self.actor = Some((actor_token.into(), actor_token_type));
        self
    }

    /// The name of an API that the token is for; at most 20.
    pub fn add_audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// The address of an API that the token is for (RFC 8707); at most 20.
    pub fn add_resource(mut self, resource: impl Into<String>) -> Self {
        self.resources.push(resource.into());
        self
    }

    /// What the token may be used for.
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = scopes;
        self
    }

    /// What kind of token to give.
    pub fn with_requested_type(mut self, token_type: TokenType) -> Self {
        self.requested_type = Some(token_type);
        self
    }

    /// The organization that the tokens are for, by identifier or name (Auth0). An answer that names another one is
    /// refused.
    pub fn with_organization(mut self, organization: impl Into<String>) -> Self {
        self.organization = Some(organization.into());
        self
    }

    /// A parameter that the authorization server understands and this type does not know; up to 20 of one name. No
    /// secrets: they would be sent, and be no secrets to this crate.
    pub fn add_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push(Parameter { name: name.into(), value: value.into() });
        self
    }

    /// # Errors
    ///
    /// [`ExchangeError::Invalid`] with every problem.
    pub(crate) fn form(&self) -> Result<Form, ExchangeError> {
        let mut problems = Problems::default();
        self.check(&mut problems);
        let mut form = Form::new(Grant::TokenExchange)
            .with_secret("subject_token", self.subject.clone())
            .with("subject_token_type", self.subject_type.as_str());
        if let Some((actor, actor_type)) = &self.actor {
            form = form.with_secret("actor_token", actor.clone()).with("actor_token_type", actor_type.as_str());
        }
        form = form
            .with_some("audience", &self.audiences)
            .with_some("resource", &self.resources)
            .with_some("scope", (!self.scopes.is_empty()).then(|| self.scopes.to_string()))
            .with_some("requested_token_type", self.requested_type.as_ref().map(TokenType::as_str))
            .with_some("organization", self.organization.as_ref());
        for Parameter { name, value } in &self.parameters {
            form = form.with(name.clone(), value);
        }
        form.for_organization(self.organization.clone()).checked(problems)
    }

    fn check(&self, problems: &mut Problems) {
        check::token("subject_token", &self.subject, problems);
        match self.namespace {
            Namespace::Anybodys => self.subject_type.check("subject_token_type", problems),
            Namespace::OnesOwn => self.subject_type.check_private("subject_token_type", problems),
        }
        if let Some((actor, actor_type)) = &self.actor {
            check::token("actor_token", actor, problems);
            actor_type.check("actor_token_type", problems);
        }
        check::repeated("audience", self.audiences.len(), problems);
        self.audiences.iter().for_each(|audience| check::text("audience", audience, problems));
        check::repeated("resource", self.resources.len(), problems);
        self.resources.iter().for_each(|resource| check::resource(resource, problems));
        if let Some(requested) = &self.requested_type {
            requested.check("requested_token_type", problems);
        }
        if let Some(organization) = &self.organization {
            check::text("organization", organization, problems);
        }
        Parameter::check_all(&self.parameters, problems);
    }
}
