//! Where a set of names stands in a token.

/// Where the roles or permissions of an issuer's tokens stand: inside of which claims, and in what form.
///
/// ```
/// use claviger_core::ClaimPath;
/// use claviger_core::Issuer;
///
/// let keycloak = Issuer::new("https://login.example.com/realms/main", "api").with_roles_at([
///     ClaimPath::elements(["realm_access", "roles"]),
///     ClaimPath::elements(["resource_access", "reports", "roles"]),
/// ]);
/// let zitadel = Issuer::new("https://main.zitadel.example", "api")
///     .with_roles_at([ClaimPath::names(["urn:zitadel:iam:org:project:roles"])]);
/// # let _ = (keycloak, zitadel);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClaimPath {
    pub(crate) members: Vec<String>,
    pub(crate) form: Form,
}

/// In what form names stand somewhere.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    Elements,
    Names,
}

impl ClaimPath {
    /// The elements of an array of strings, or one string that is its only element. The path leads from claim to claim.
    pub fn elements<S: Into<String>>(path: impl IntoIterator<Item = S>) -> Self {
        Self { members: path.into_iter().map(Into::into).collect(), form: Form::Elements }
    }

    /// The names of an object's members, whatever their values. The path leads from claim to claim.
    pub fn names<S: Into<String>>(path: impl IntoIterator<Item = S>) -> Self {
        Self { form: Form::Names, ..Self::elements(path) }
    }

    /// Leads somewhere.
    pub(crate) fn is_sound(&self) -> bool {
        !self.members.is_empty() && !self.members.iter().any(|member| member.trim().is_empty())
    }
}
