//! The list of misused tokens.

use std::fmt;

use super::Misuse;
use super::variants;
use crate::TokenBuilder;

/// Tokens that an API must refuse, each made of one that it accepts by a single change.
///
/// | [`Misuse`] | Tokens |
/// |---|---|
/// | another app, another tenant | the claims `app_id`, `tid`, `tenant_id` and `org_id` with another value, where the accepted token has them |
/// | another audience | another `aud`, and one that only begins like ours; without `aud` another client |
/// | another issuer | another `iss`, one with another last slash, and the right one signed by a foreign key of the same `kid` |
/// | another kind | logout token, proof of possession, security event |
/// | expired | an hour ago, and without `exp` |
/// | ID token | by `nonce` and `at_hash`, by `token_use`, by `typ`, and by having no mark of an access token |
/// | refresh token | by the claims in which servers say so |
/// | unsigned | `alg` `none` in three spellings, no signature, and an HMAC whose secret is the public key |
///
/// ```
/// use axum::Router;
/// use axum::body::Body;
/// use axum::http::Request;
/// use axum::routing::get;
/// use claviger::AuthConfigBuilder;
/// use claviger::AuthLayer;
/// use claviger_testing::MisusedTokens;
/// use claviger_testing::TestIssuer;
/// use serde_json::json;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let file = json!({ "issuers": [{
///     "issuer": "https://tenant.example.com/",
///     "audience": "https://api.example.com",
///     "bind": { "org_id": "acme" },
/// }] });
/// let issuer = TestIssuer::in_memory("https://tenant.example.com/");
/// let cfg = issuer.serve_for(AuthConfigBuilder::read(file)).build()?;
/// let app: Router = Router::new().route("/reports", get(|| async { "reports" })).layer(AuthLayer::new(cfg));
///
/// let misused = MisusedTokens::of(issuer.token().claim("org_id", "acme").scope("read:reports"));
/// misused
///     .assert_refused_by(&app, |token| {
///         let request = Request::get("/reports").header("authorization", format!("Bearer {token}"));
///         request.body(Body::empty()).unwrap()
///     })
///     .await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "`assert_refused_by` shows them to a service"]
pub struct MisusedTokens {
    accepted: String,
    tokens: Vec<MisusedToken>,
}

/// One of them.
#[derive(Clone)]
pub struct MisusedToken {
    misuse: Misuse,
    what: String,
    token: String,
}

impl MisusedTokens {
    /// Makes the list of a token that the API accepts.
    pub fn of(accepted: TokenBuilder) -> Self {
        let tokens = variants::of(&accepted).into_iter().map(|(misuse, what, token)| MisusedToken {
            misuse,
            what,
            token: token.sign(),
        });
        Self { tokens: tokens.collect(), accepted: accepted.sign() }
    }

    /// Leaves those of one kind out, which the API accepts on purpose: those of other tenants where it serves all of
    /// them, ID tokens with the profile `identity`.
    pub fn without(mut self, misuse: Misuse) -> Self {
        self.tokens.retain(|token| token.misuse != misuse);
        self
    }

    /// Adds one that this API in particular must refuse; `what` names it where it passes.
    ///
    /// ```
    /// use claviger_testing::Misuse;
    /// use claviger_testing::MisusedTokens;
    /// use claviger_testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::in_memory("https://issuer.example.com");
    /// let accepted = issuer.token().claim("plan", "paid");
    /// let free = accepted.clone().claim("plan", "free");
    /// let misused = MisusedTokens::of(accepted).with(Misuse::AnotherKind, "of the free plan", free);
    /// assert!(misused.iter().any(|token| token.what() == "of the free plan"));
    /// ```
    pub fn with(mut self, misuse: Misuse, what: impl Into<String>, token: TokenBuilder) -> Self {
        self.tokens.push(MisusedToken { misuse, what: what.into(), token: token.sign() });
        self
    }

    /// Returns the tokens, to be shown to something else than a service.
    pub fn iter(&self) -> impl Iterator<Item = &MisusedToken> {
        self.tokens.iter()
    }

    /// Returns the token that they were made of.
    #[must_use]
    pub fn accepted(&self) -> &str {
        &self.accepted
    }
}

impl MisusedToken {
    /// Returns in which way it is misused.
    #[must_use]
    pub fn misuse(&self) -> Misuse {
        self.misuse
    }

    /// Returns what was changed.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Returns the token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }
}

impl fmt::Debug for MisusedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.tokens).finish()
    }
}

/// Without the token, which fills a screen.
impl fmt::Debug for MisusedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MisusedToken").field("misuse", &self.misuse).field("what", &self.what).finish_non_exhaustive()
    }
}
