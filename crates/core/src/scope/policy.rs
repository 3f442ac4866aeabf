//! What a route needs, as a pure decision over a believed token.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::claims::InvalidScope;
use crate::claims::Scopes;
use crate::scope::InvalidPolicy;
use crate::scope::Missing;
use crate::scope::need::Need;
use crate::scope::need::Parameters;
use crate::scope::need::Predicate;
use crate::scope::remedy::Asked;
use crate::scope::remedy::Remedy;
use crate::verifier::VerifiedToken;

/// What a route needs of a token: scopes, and beside them permissions, roles, claims, a certain authentication, or a
/// condition of the application's own; each of them or one of them, nested at will.
///
/// `Display` writes it as the attribute `#[require_scope(…)]` does. Cloning is cheap.
///
/// ```
/// use claviger_core::ScopePolicy;
///
/// let policy = ScopePolicy::all_of(["read:reports"])?
///     .and(ScopePolicy::any_of(["export", "admin"])?.or(ScopePolicy::role("auditor")?));
/// assert_eq!(policy.to_string(), r#""read:reports", any("export", "admin", role("auditor"))"#);
/// assert_eq!(policy.scopes().to_string(), "read:reports export admin");
/// # Ok::<(), claviger_core::InvalidPolicy>(())
/// ```
#[derive(Clone, Debug)]
pub struct ScopePolicy {
    policy: Arc<Policy>,
}

#[derive(Clone, Debug)]
struct Policy {
    need: Need,
    scopes: Scopes,
}

impl ScopePolicy {
    /// Needs every one of these scopes.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy`] if one is no scope, or if there is none.
    pub fn all_of<S: AsRef<str>>(scopes: impl IntoIterator<Item = S>) -> Result<Self, InvalidPolicy> {
        Ok(Self::of(listed(scopes, Need::All)?))
    }

    /// Needs one of these scopes at least.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy`] if one is no scope, or if there is none to choose from.
    pub fn any_of<S: AsRef<str>>(scopes: impl IntoIterator<Item = S>) -> Result<Self, InvalidPolicy> {
        Ok(Self::of(listed(scopes, Need::Any)?))
    }

    /// Needs this scope.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::Scope`] if it is none.
    pub fn scope(scope: &str) -> Result<Self, InvalidPolicy> {
        Self::all_of([scope])
    }

    /// Needs an element of the claim `permissions`, an array of strings (as Auth0 has it) or one string, or of
    /// [where else](crate::Issuer::with_permissions_at) the issuer has them. Permissions are no scopes: no client can ask
    /// for one, so no challenge names it.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::Blank`].
    pub fn permission(permission: &str) -> Result<Self, InvalidPolicy> {
        Ok(Self::of(Need::Permission(named(permission, "permission")?)))
    }

    /// Needs an element of the claim `roles` (RFC 9068, section 2.2.3.1), an array of strings or one string, or of
    /// [where else](crate::Issuer::with_roles_at) the issuer has them.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::Blank`].
    pub fn role(role: &str) -> Result<Self, InvalidPolicy> {
        Ok(Self::of(Need::Role(named(role, "role")?)))
    }

    /// Needs the user to belong to the organization of this id: the claim `organizations` lists it.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::Blank`].
    pub fn organization(id: &str) -> Result<Self, InvalidPolicy> {
        Ok(Self::of(Need::Organization(named(id, "organization")?)))
    }

    /// Needs the user to belong to the organization whose id the parameter `parameter` of the path is. Without such a
    /// parameter it is not met.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::Blank`].
    pub fn organization_in_path(parameter: &str) -> Result<Self, InvalidPolicy> {
        Ok(Self::of(Need::OrganizationInPath(named(parameter, "path parameter")?)))
    }

    /// Needs the claim `name`, with any value but `null`.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::Blank`].
    pub fn claim(name: &str) -> Result<Self, InvalidPolicy> {
        Ok(Self::of(Need::Claim(named(name, "claim")?)))
    }

    /// Needs the claim `name` to be this JSON value, of the same type.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::Blank`].
    pub fn claim_equals(name: &str, value: impl Into<Value>) -> Result<Self, InvalidPolicy> {
        Ok(Self::of(Need::ClaimEquals(named(name, "claim")?, value.into())))
    }

    /// Needs the parameter `parameter` of the path to be what the claim `claim` says: text, or a number that is written
    /// like that. Without such a parameter it is not met, nor where two of this name differ.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::Blank`].
    pub fn path(parameter: &str, claim: &str) -> Result<Self, InvalidPolicy> {
        let (parameter, claim) = (named(parameter, "path parameter")?, named(claim, "claim")?);
        Ok(Self::of(Need::PathParameter { parameter, claim }))
    }

    /// Needs the user to have authenticated in one of these ways, the preferred one first: the claim `acr` is one of
    /// them, whole and by case (RFC 9470).
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::Acr`], or [`InvalidPolicy::Empty`] if there is none.
    pub fn acr<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> Result<Self, InvalidPolicy> {
        // What may stand in `acr_values` is what may stand in `scope`.
        let values = Scopes::new(values).map_err(|InvalidScope { scope }| InvalidPolicy::Acr(scope))?;
        if values.is_empty() { Err(InvalidPolicy::Empty) } else { Ok(Self::of(Need::Acr(values))) }
    }

    /// Needs the user to have authenticated at most so long ago: the claim `auth_time`, with the leeway of the issuer
    /// (RFC 9470). Whole seconds; what is beyond is cut off.
    ///
    /// # Errors
    ///
    /// [`InvalidPolicy::MaxAge`].
    pub fn max_age(age: Duration) -> Result<Self, InvalidPolicy> {
        match age.as_secs() {
            0 => Err(InvalidPolicy::MaxAge),
            seconds => Ok(Self::of(Need::MaxAge(Duration::from_secs(seconds)))),
        }
    }

    /// Needs a condition of the application's own; `name` is what the log calls it.
    ///
    /// ```
    /// use claviger_core::ScopePolicy;
    ///
    /// let staff = ScopePolicy::predicate("is_staff", |token| token.subject().is_some_and(|sub| sub.starts_with("staff|")));
    /// assert_eq!(staff.to_string(), "predicate(is_staff)");
    /// ```
    pub fn predicate(name: &str, holds: impl Fn(&VerifiedToken) -> bool + Send + Sync + 'static) -> Self {
        Self::of(Need::Predicate(Predicate { name: name.into(), holds: Arc::new(holds) }))
    }

    /// Met by every token that is believed.
    #[must_use]
    pub fn authenticated() -> Self {
        Self::of(Need::All(Vec::new()))
    }

    /// Met by no token.
    #[must_use]
    pub fn denied() -> Self {
        Self::of(Need::Any(Vec::new()))
    }

    /// Needs both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let mut needs = self.into_need().into_all();
        needs.extend(other.into_need().into_all());
        Self::of(Need::All(needs))
    }

    /// Needs one of both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let mut needs = self.into_need().into_any();
        needs.extend(other.into_need().into_any());
        Self::of(Need::Any(needs))
    }

    /// Returns the scopes that it names, of alternatives those of each.
    #[must_use]
    pub fn scopes(&self) -> &Scopes {
        &self.policy.scopes
    }

    /// Returns one set of scopes that meets the policy at a path with these parameters, with the token's other claims as
    /// they are: of alternatives, the one of which `token` lacks least, the first written on a tie. Where no set does, and
    /// for a client without a token, it is one that meets as much as scopes can.
    ///
    /// ```
    /// use claviger_core::ScopePolicy;
    ///
    /// let policy = ScopePolicy::scope("read")?.and(ScopePolicy::any_of(["export", "admin"])?);
    /// assert_eq!(policy.sufficient_scopes(None, &[]).to_string(), "read export");
    /// # Ok::<(), claviger_core::InvalidPolicy>(())
    /// ```
    #[must_use]
    pub fn sufficient_scopes(&self, token: Option<&VerifiedToken>, parameters: &[(&str, &str)]) -> Scopes {
        Remedy::of(&self.policy.need, Asked { token, parameters: Parameters(parameters) }).scopes(self.scopes())
    }

    /// Whether both are clones of one.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.policy, &other.policy)
    }

    /// Whether it compares a parameter of the path, so that [`decide_at`](Self::decide_at) has to be asked.
    #[must_use]
    pub fn asks_for_parameters(&self) -> bool {
        self.policy.need.asks_for_parameters()
    }

    /// Whether `token` has what is needed, where there is no path.
    ///
    /// # Errors
    ///
    /// What is missing.
    pub fn decide(&self, token: &VerifiedToken) -> Result<(), Missing> {
        self.decide_at(token, &[])
    }

    /// Whether `token` has what is needed at a path with these parameters, decoded.
    ///
    /// # Errors
    ///
    /// What is missing.
    pub fn decide_at(&self, token: &VerifiedToken, parameters: &[(&str, &str)]) -> Result<(), Missing> {
        let Policy { need, scopes } = &*self.policy;
        let parameters = Parameters(parameters);
        if need.is_met(token, parameters) {
            return Ok(());
        }
        Err(Remedy::of(need, Asked { token: Some(token), parameters }).into_missing(scopes))
    }

    fn of(need: Need) -> Self {
        let mut scopes = Vec::new();
        need.collect_scopes(&mut scopes);
        let scopes = Scopes::new(scopes).unwrap_or_default();
        Self { policy: Arc::new(Policy { need, scopes }) }
    }

    fn into_need(self) -> Need {
        Arc::unwrap_or_clone(self.policy).need
    }
}

/// Several needs are separated by commas, as in the attribute.
impl fmt::Display for ScopePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Need::All(needs) = &self.policy.need
            && !needs.is_empty()
        {
            let needs: Vec<_> = needs.iter().map(ToString::to_string).collect();
            return f.write_str(&needs.join(", "));
        }
        self.policy.need.fmt(f)
    }
}

fn listed<S: AsRef<str>>(
    scopes: impl IntoIterator<Item = S>,
    combine: impl Fn(Vec<Need>) -> Need,
) -> Result<Need, InvalidPolicy> {
    let scopes = Scopes::new(scopes)?;
    if scopes.is_empty() {
        return Err(InvalidPolicy::Empty);
    }
    Ok(combine(scopes.iter().map(|scope| Need::Scope(scope.into())).collect()))
}

fn named(name: &str, what: &'static str) -> Result<Box<str>, InvalidPolicy> {
    if name.trim().is_empty() { Err(InvalidPolicy::Blank(what)) } else { Ok(name.into()) }
}

#[cfg(test)]
mod tests;
