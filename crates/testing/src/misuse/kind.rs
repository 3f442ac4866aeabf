//! In which way a token is misused.

use std::fmt;

/// In which way a token is misused: what it really is, or whom it is really for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Misuse {
    /// For another app of the same issuer: `app_id`.
    AnotherApp,
    /// For another API: `aud`, or the client where tokens have no audience.
    AnotherAudience,
    /// From another issuer, or signed by another one's key.
    AnotherIssuer,
    /// A token for another purpose: a logout token, a proof, a security event.
    AnotherKind,
    /// For another tenant of the same issuer: `tid`, `tenant_id`, `org_id`.
    AnotherTenant,
    /// Past its `exp`, or without one.
    Expired,
    /// An ID token (OpenID Connect Core 1.0, section 2).
    IdToken,
    /// A refresh token, as servers issue them that make these JWTs.
    RefreshToken,
    /// Signed by nobody, or with what everybody knows (RFC 8725, section 2.1).
    Unsigned,
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AnotherApp => "for another app",
            Self::AnotherAudience => "for another audience",
            Self::AnotherIssuer => "of another issuer",
            Self::AnotherKind => "of another kind",
            Self::AnotherTenant => "for another tenant",
            Self::Expired => "expired",
            Self::IdToken => "an ID token",
            Self::RefreshToken => "a refresh token",
            Self::Unsigned => "unsigned",
        })
    }
}
