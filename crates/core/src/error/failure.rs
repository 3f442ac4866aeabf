//! The check that a token or its sender failed.

use std::fmt;
use std::time::Duration;
use std::time::SystemTime;

use thiserror::Error;

use crate::error::KindRule;
use crate::error::NameSample;
use crate::error::Reason;
use crate::issuer::Profile;

/// The check that failed, with the values it compared. In the order of the checks.
///
/// [`Display`](fmt::Display) tells the values; `Debug` only the label, because it reaches places that nobody thinks of.
#[derive(Clone, Error)]
#[non_exhaustive]
pub enum Failure {
    /// The token is longer than the limit; nothing was decoded.
    #[error("the token has {length} bytes, more than the limit of {limit}")]
    TooLong {
        /// Bytes of the token.
        length: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The token has not the shape of a signed JWT (RFC 7519, section 7.2).
    #[error("the token is malformed: {0}")]
    Malformed(&'static str),
    /// `alg` is not implemented, or not on the issuer's list (RFC 8725, section 3.1).
    #[error(
        "the algorithm is not accepted{}; symmetric ones (`HS256` and the like) and `none` never are",
        only(accepted)
    )]
    UnsupportedAlgorithm {
        /// Those that the issuer may use; none where it is not known which issuer that is.
        accepted: Vec<&'static str>,
    },
    /// The token is of another kind than the issuer's profile accepts (RFC 8725, sections 3.11 and 3.12).
    #[error("profile `{}` does not accept this kind of token: {rule}{}", profile.as_str(), hint(*accepted_by))]
    WrongType {
        /// The profile of the issuer.
        profile: Profile,
        /// The rule that the token breaks.
        rule: KindRule,
        /// The profile under which this very token would have passed the checks of its type and claims. Never
        /// [`Profile::Identity`] for a token with `scope`, `scp` or `client_id`.
        accepted_by: Option<Profile>,
    },
    /// `iss` is not an allowed issuer.
    #[error("the issuer is not allowed here{}{}", only_names(accepted), but_for_a_slash(near.as_deref()))]
    UnknownIssuer {
        /// Those that are allowed for this request; none where an issuer was removed in the meantime.
        accepted: NameSample,
        /// The allowed one that differs from `iss` by its final slash alone.
        near: Option<String>,
    },
    /// The application did not say which issuers are allowed.
    #[error("the issuer resolver failed: {cause}")]
    ResolverFailed {
        /// What went wrong, for the log alone; cut and escaped.
        cause: String,
    },
    /// No single key of the issuer fits.
    #[error("no single key of the issuer fits the token{}", known_keys(known))]
    UnknownKey {
        /// The ids of the keys at hand.
        known: NameSample,
    },
    /// The signature is not by the key that the token names.
    #[error("the signature does not verify")]
    BadSignature,
    /// `exp` has passed.
    #[error("the token expired at {} (now {}, leeway {leeway} s)", utc(*exp), utc(*now))]
    Expired {
        /// `exp`, in seconds since 1970.
        exp: f64,
        /// The time it was judged at.
        now: f64,
        /// Seconds granted.
        leeway: f64,
    },
    /// `nbf` is to come.
    #[error("the token is not valid before {} (now {}, leeway {leeway} s)", utc(*nbf), utc(*now))]
    NotYetValid {
        /// `nbf`, in seconds since 1970.
        nbf: f64,
        /// The time it was judged at.
        now: f64,
        /// Seconds granted.
        leeway: f64,
    },
    /// `iat` is to come.
    #[error("the token was issued at {}, in the future (now {}, leeway {leeway} s)", utc(*iat), utc(*now))]
    IssuedInFuture {
        /// `iat`, in seconds since 1970.
        iat: f64,
        /// The time it was judged at.
        now: f64,
        /// Seconds granted.
        leeway: f64,
    },
    /// The token was issued longer ago than `max_token_age`.
    #[error("the token was issued at {} (now {}), more than {max_age} s ago", utc(*iat), utc(*now))]
    TooOld {
        /// `iat`, in seconds since 1970.
        iat: f64,
        /// The time it was judged at.
        now: f64,
        /// Seconds allowed, without the leeway.
        max_age: f64,
    },
    /// `aud` (or, by the rule for it, `client_id`) names none of ours.
    #[error("the audience {found} is not the expected {expected:?}")]
    WrongAudience {
        /// What the token names, as JSON: a string or an array of strings, each cut to 128 characters, at most eight.
        found: String,
        /// What is configured.
        expected: Vec<String>,
    },
    /// A claim that must be there is not, or is `null`.
    #[error("the claim `{name}` is missing{}", hint(*accepted_by))]
    MissingClaim {
        /// Its name.
        name: String,
        /// The profile that would have accepted this very token without it.
        accepted_by: Option<Profile>,
    },
    /// A claim has the wrong JSON type or another value than the one demanded.
    #[error("the claim `{0}` has the wrong type or value")]
    WrongClaim(String),
    /// The payload does not fit the application's claims type.
    #[error("the claims do not fit `{claims}`: {problem}")]
    ClaimsShape {
        /// The name of the Rust type.
        claims: &'static str,
        /// The field, and what the type expects there ("missing field `email`", "invalid type: expected a string at
        /// `roles[0]`"). Holds no value of a claim.
        problem: String,
    },
    /// The token came by a scheme that is not accepted here.
    #[error("the token came by a scheme that is not accepted")]
    UnsupportedScheme,
    /// A token that is bound to nothing came as a bearer token, together with a DPoP proof.
    #[error("a DPoP proof came with a bearer token that is bound to no key")]
    ProofOfBearer,
    /// The token is bound to a key, and its presenter has shown another or none.
    #[error("the token is bound to a key whose possession was not shown")]
    BindingMismatch,
    /// The token is bound to something, and `cnf` has no member that is checked here.
    #[error("the token is bound by `cnf`, which has neither `jkt` nor `x5t#S256`, so its sender cannot be checked")]
    BindingUnchecked,
    /// The token is bound to nothing, and by its scheme or by the configuration it must be.
    #[error("the token is bound to nothing, and must be")]
    Unbound,
    /// The scheme is DPoP, and there is no proof (RFC 9449, section 7.1).
    #[error("there is no DPoP proof")]
    ProofMissing,
    /// The DPoP proof is none, or is made with what is not accepted (RFC 9449, section 4.3).
    #[error("the DPoP proof is malformed: {0}")]
    ProofMalformed(&'static str),
    /// The DPoP proof is for another request or token, or somebody else's.
    #[error("the DPoP proof does not match: {0}")]
    ProofMismatch(&'static str),
    /// The DPoP proof is for another URI (RFC 9449, section 4.3, check 9).
    #[error("the DPoP proof does not match: its `htu` is not the URI of the request, which is below {base}")]
    ProofForAnotherUri {
        /// Where this API is, as configuration or the request's host have it.
        base: String,
    },
    /// The DPoP proof is too old, or from the future.
    #[error("the DPoP proof was made at {} (now {}, at most {max_age} s ago and {leeway} s ahead)", utc(*iat), utc(*now))]
    ProofExpired {
        /// `iat` of the proof, in seconds since 1970.
        iat: f64,
        /// The time it was judged at.
        now: f64,
        /// Seconds allowed.
        max_age: f64,
        /// Seconds granted.
        leeway: f64,
    },
    /// The DPoP proof has no nonce of ours that is still good (RFC 9449, section 9).
    #[error("the DPoP proof needs a nonce: {why}")]
    NonceRequired {
        /// What is wrong with the one that it has.
        why: &'static str,
        /// One that would do.
        fresh: Box<str>,
    },
    /// The DPoP proof was used before (RFC 9449, section 11.1).
    #[error("the DPoP proof was used before")]
    ProofReplayed,
    /// Whether the DPoP proof was used before cannot be told.
    #[error("the replay store is unavailable: {cause}")]
    StoreUnavailable {
        /// How long until the next try.
        retry_after: Duration,
        /// What went wrong, for the log alone; cut and escaped.
        cause: String,
    },
    /// The token is bound to a client certificate and none was shown.
    #[error("the token is bound to a client certificate and none was shown")]
    CertificateMissing,
    /// The token is bound to a client certificate, and what should tell it is not one certificate.
    #[error("the token is bound to a client certificate, and what should tell it cannot be read: {0}")]
    CertificateUnreadable(&'static str),
    /// The token is bound to a client certificate and another one was shown.
    #[error("the token is bound to another client certificate than the one that was shown")]
    CertificateMismatch,
    /// The application's own check denied the token.
    #[error("the application denies the token: {why}")]
    Revoked {
        /// What the application says, for the log alone; cut and escaped.
        why: String,
    },
    /// The issuer's keys could not be had.
    #[error("the keys of the issuer are unavailable: {cause}")]
    KeysUnavailable {
        /// How long until the next try.
        retry_after: Duration,
        /// What went wrong, for the log alone.
        cause: String,
    },
    /// The issuer's metadata name another issuer than the configured one (RFC 8414, section 3.3): a fault of the
    /// configuration, or of the address that it names, and never of the token.
    #[error("the configured issuer is not the one that its metadata state: {cause}")]
    IssuerMismatch {
        /// How long until the next try.
        retry_after: Duration,
        /// Both names, for the log alone.
        cause: String,
    },
    /// The token's key is unknown, its issuer has been asked for newer keys as often as it may be, and the token may be
    /// younger than the keys at hand.
    #[error("the key of the token is not among those at hand, and its issuer is not asked again until {}", utc(*until))]
    RefetchExhausted {
        /// How long until the next try.
        retry_after: Duration,
        /// When that is, in seconds since 1970.
        until: f64,
    },
    /// The application's own check failed.
    #[error("the application's check failed: {cause}")]
    CheckFailed {
        /// What went wrong, for the log alone; cut and escaped.
        cause: String,
    },
    /// The clock does not know the time.
    #[error("the clock does not know the time")]
    ClockUnknown,
}

impl Failure {
    /// The label of this check.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::TooLong { .. } | Self::Malformed(_) => Reason::MalformedToken,
            Self::UnsupportedAlgorithm { .. } => Reason::UnsupportedAlgorithm,
            Self::WrongType { .. } => Reason::WrongType,
            Self::UnknownIssuer { .. } => Reason::UnknownIssuer,
            Self::ResolverFailed { .. } => Reason::ResolverFailed,
            Self::UnknownKey { .. } => Reason::UnknownKey,
            Self::BadSignature => Reason::BadSignature,
            Self::Expired { .. } => Reason::Expired,
            Self::NotYetValid { .. } => Reason::NotYetValid,
            Self::IssuedInFuture { .. } => Reason::IssuedInFuture,
            Self::TooOld { .. } => Reason::TooOld,
            Self::WrongAudience { .. } => Reason::WrongAudience,
            Self::MissingClaim { .. } => Reason::MissingClaim,
            Self::WrongClaim(_) => Reason::WrongClaim,
            Self::ClaimsShape { .. } => Reason::ClaimsShape,
            Self::UnsupportedScheme => Reason::UnsupportedScheme,
            Self::ProofOfBearer => Reason::MalformedRequest,
            Self::BindingMismatch | Self::BindingUnchecked | Self::Unbound => Reason::BindingMismatch,
            Self::ProofMissing => Reason::ProofMissing,
            Self::ProofMalformed(_) => Reason::ProofMalformed,
            Self::ProofMismatch(_) | Self::ProofForAnotherUri { .. } => Reason::ProofMismatch,
            Self::ProofExpired { .. } => Reason::ProofExpired,
            Self::NonceRequired { .. } => Reason::NonceRequired,
            Self::ProofReplayed => Reason::ProofReplayed,
            Self::StoreUnavailable { .. } => Reason::StoreUnavailable,
            Self::CertificateMissing => Reason::CertificateMissing,
            Self::CertificateUnreadable(_) | Self::CertificateMismatch => Reason::CertificateMismatch,
            Self::Revoked { .. } => Reason::Revoked,
            Self::KeysUnavailable { .. } | Self::IssuerMismatch { .. } => Reason::KeysUnavailable,
            Self::RefetchExhausted { .. } => Reason::RefetchExhausted,
            Self::CheckFailed { .. } | Self::ClockUnknown => Reason::CheckFailed,
        }
    }

    /// Of an issuer that was removed, or where nobody knows which are allowed.
    pub(crate) fn unknown_issuer() -> Self {
        Self::UnknownIssuer { accepted: NameSample::default(), near: None }
    }

    /// Before it is known which keys are at hand.
    pub(crate) fn unknown_key() -> Self {
        Self::UnknownKey { known: NameSample::default() }
    }

    pub(crate) fn missing_claim(name: &str) -> Self {
        Self::MissingClaim { name: name.to_owned(), accepted_by: None }
    }

    pub(crate) fn wrong_claim(name: &str) -> Self {
        Self::WrongClaim(name.to_owned())
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure({})", self.reason())
    }
}

/// As people read it; a time that no calendar has, as its seconds.
fn utc(seconds: f64) -> String {
    let calendar = |since| SystemTime::UNIX_EPOCH.checked_add(since).filter(|_| seconds < END_OF_CALENDAR);
    let time = Duration::try_from_secs_f64(seconds).ok().and_then(calendar);
    time.map_or_else(|| format!("{seconds} s"), httpdate::fmt_http_date)
}

fn only(names: &[&str]) -> String {
    if names.is_empty() { String::new() } else { format!("; accepted: {}", names.join(", ")) }
}

fn only_names(accepted: &NameSample) -> String {
    if accepted.is_empty() { String::new() } else { format!("; accepted: {accepted}") }
}

fn but_for_a_slash(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; it differs from {near:?} by its final slash alone"))
}

fn known_keys(known: &NameSample) -> String {
    if known.is_empty() { String::new() } else { format!("; known key ids: {known}") }
}

fn hint(accepted_by: Option<Profile>) -> String {
    accepted_by.map_or_else(String::new, |profile| format!("; profile `{}` would accept it", profile.as_str()))
}

/// The year 10000, in seconds since 1970: an HTTP date has four digits for the year.
const END_OF_CALENDAR: f64 = 253_402_300_800.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_date_as_long_as_there_is_one() {
        for (seconds, text) in [
            (1_750_000_030.4, "Sun, 15 Jun 2025 15:07:10 GMT"),
            (253_402_300_799.0, "Fri, 31 Dec 9999 23:59:59 GMT"),
            (253_402_300_800.0, "253402300800 s"),
            (-1.0, "-1 s"),
            (f64::INFINITY, "inf s"),
        ] {
            assert_eq!(utc(seconds), text);
        }
    }
}
