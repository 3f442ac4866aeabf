//! The organizations that the user of a token belongs to.

use serde::Deserialize;

/// The organizations that the user of a token belongs to, as the claim `organizations` lists them (AuthPI).
///
/// ```
/// use claviger_core::Organizations;
/// use claviger_core::VerifiedToken;
/// use claviger_core::error::VerifyError;
///
/// fn greeting(token: &VerifiedToken) -> Result<String, VerifyError> {
///     Ok(match token.organizations()? {
///         Organizations::Absent | Organizations::Empty => "for yourself".to_owned(),
///         Organizations::One(organization) => format!("for {}", organization.id),
///         Organizations::Many(all) => format!("choose one of {}", all.len()),
///     })
/// }
/// # let _ = greeting;
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "there is no other number")]
pub enum Organizations {
    /// The token does not tell.
    Absent,
    /// It tells that there is none.
    Empty,
    /// One.
    One(Organization),
    /// Several, in the order of the token.
    Many(Vec<Organization>),
}

/// One organization of [`Organizations`]. Members that are not here can be read by a claims type of the application.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
pub struct Organization {
    /// What it is known by.
    pub id: String,
    /// What people call it.
    #[serde(default)]
    pub title: Option<String>,
    /// What the user may do in it. Of the token's own scopes these are none.
    #[serde(default)]
    pub scopes: Vec<String>,
}

impl Organizations {
    pub(crate) fn of(listed: Option<Vec<Organization>>) -> Self {
        let Some(mut all) = listed else { return Self::Absent };
        match all.len() {
            0 => Self::Empty,
            1 => Self::One(all.remove(0)),
            _ => Self::Many(all),
        }
    }

    /// All of them.
    #[must_use]
    pub fn as_slice(&self) -> &[Organization] {
        match self {
            Self::Absent | Self::Empty => &[],
            Self::One(organization) => std::slice::from_ref(organization),
            Self::Many(all) => all,
        }
    }

    /// The one of this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Organization> {
        self.as_slice().iter().find(|organization| organization.id == id)
    }
}
