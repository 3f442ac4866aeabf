//! What a believed token grants, and how its user was authenticated.

use std::borrow::Cow;
use std::time::Duration;
use std::time::SystemTime;

use crate::claims;
use crate::claims::Organizations;
use crate::error::VerifyError;
use crate::token::json;
use crate::verifier::VerifiedToken;
use crate::verifier::verified::system_time;

impl VerifiedToken {
    /// Whether it has this scope, or one that includes it
    /// ([`with_scope_hierarchy`](crate::VerifierBuilder::with_scope_hierarchy)).
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        // Once, because a token may have thousands of scopes.
        let includers = self.trusted().hierarchy.includers(scope);
        self.scopes().any(|granted| granted == scope || includers.is_some_and(|all| all.contains(granted)))
    }

    /// Whether this is an element of the claim `permissions`, or of
    /// [where else](crate::Issuer::with_permissions_at) the issuer has them; they are no scopes, and none of these is one.
    #[must_use]
    pub fn has_permission(&self, permission: &str) -> bool {
        self.trusted().rules.permissions_at.iter().any(|path| claims::contains(self.payload(), path, permission))
    }

    /// Whether this is an element of the claim `roles` (RFC 9068, section 2.2.3.1), or of
    /// [where else](crate::Issuer::with_roles_at) the issuer has them.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.trusted().rules.roles_at.iter().any(|path| claims::contains(self.payload(), path, role))
    }

    /// `organizations`: those that its user belongs to.
    ///
    /// # Errors
    ///
    /// [`Failure::WrongClaim`](crate::error::Failure::WrongClaim) if the claim is there and lists no organizations.
    pub fn organizations(&self) -> Result<Organizations, VerifyError> {
        self.claim("organizations").map(Organizations::of)
    }

    /// `acr`: how the user was authenticated; compared whole and by case (RFC 9470, section 3).
    #[must_use]
    pub fn acr(&self) -> Option<Cow<'_, str>> {
        json::string(self.raw_claim("acr")?)
    }

    /// `auth_time`: when the user was authenticated; `None` if it is no number, or beyond what the system can express.
    #[must_use]
    pub fn authenticated_at(&self) -> Option<SystemTime> {
        system_time(self.auth_time()?)
    }

    /// Whether the user was authenticated at most so long ago, with the issuer's leeway; not if that is unknown.
    #[must_use]
    pub fn was_authenticated_within(&self, max_age: Duration) -> bool {
        let trusted = self.trusted();
        let leeway = trusted.rules.leeway;
        let (Some(now), Some(then)) = (trusted.clock.unix(), self.auth_time()) else { return false };
        let age = now.as_secs_f64() - then;
        -leeway <= age && age <= max_age.as_secs_f64() + leeway
    }

    /// The claim of this name as JSON text; `None` if there is none, or it is `null`.
    pub(crate) fn raw_claim(&self, name: &str) -> Option<&str> {
        claims::find(self.payload(), name).ok()
    }

    fn auth_time(&self) -> Option<f64> {
        serde_json::from_str(self.raw_claim("auth_time")?).ok()
    }
}
