//! What the claims of a token say about its kind, where `typ` of its header does not (RFC 8725, section 3.12).

use std::ops::BitOr;
use std::ops::BitOrAssign;

use crate::token::json;

/// Some of the claims that tell kinds of tokens apart.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct KindClaims(u32);

/// What the claims of a token say about its kind. `null` says nothing.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct KindHints {
    /// Claims that no access token has, or not with this value.
    foreign: KindClaims,
    /// Claims that no ID token has, or not with this value.
    foreign_to_id_tokens: KindClaims,
    /// Claims that only access tokens have; `azp` only if it is not the audience.
    marks: KindClaims,
}

/// What a claim says by being there.
#[derive(Clone, Copy)]
enum Role {
    /// A kind claim: its value names the kind of token.
    Kind,
    /// A claim whose value may name a kind of token, or be something else.
    Purpose,
    /// A claim of ID tokens.
    IdToken,
    /// The claim of logout tokens and security event tokens.
    Events,
    /// A claim of access tokens.
    Mark,
}

impl KindClaims {
    pub(crate) const NONE: Self = Self(0);

    /// `nonce`, which an ID token has; some issuers put it into access tokens too.
    pub(crate) const NONCE: Self = Self(1 << NONCE);

    const AUTHORIZED_PARTY: Self = Self(1 << AUTHORIZED_PARTY);

    /// The claim of this name; none if it tells no kinds apart.
    pub(crate) fn named(name: &str) -> Self {
        index_of(name).map_or(Self::NONE, Self::at)
    }

    fn at(index: usize) -> Self {
        Self(1 << index)
    }

    fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// The name of the first one.
    fn first(self) -> Option<&'static str> {
        CLAIMS.get(self.0.trailing_zeros() as usize).map(|(name, _)| *name)
    }
}

impl BitOr for KindClaims {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for KindClaims {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl KindHints {
    /// Notes what this claim says, if it says anything.
    pub(super) fn take(&mut self, name: &str, raw: &str) {
        let Some(index) = index_of(name).filter(|_| raw != "null") else {
            return;
        };
        let Some((_, role)) = CLAIMS.get(index) else {
            return;
        };
        let claim = KindClaims::at(index);
        match role {
            Role::Kind => self.take_kind(claim, raw),
            Role::Purpose => {
                if json::string(raw).is_some_and(|text| is_one_of(&text, OTHER_PURPOSES)) {
                    self.foreign |= claim;
                }
            }
            Role::IdToken => self.foreign |= claim,
            Role::Events => {
                self.foreign_to_id_tokens |= claim;
                if raw.starts_with('{') {
                    self.foreign |= claim;
                }
            }
            Role::Mark => self.marks |= claim,
        }
    }

    /// The first claim that no access token has, `waived` ones left out.
    pub(super) fn foreign(self, waived: KindClaims) -> Option<&'static str> {
        self.foreign.without(waived).first()
    }

    /// The first claim that no ID token has.
    pub(super) fn foreign_to_id_tokens(self) -> Option<&'static str> {
        self.foreign_to_id_tokens.first()
    }

    /// Whether a claim marks an access token, where `azp` is a mark or not.
    pub(super) fn has_mark(self, is_azp_a_mark: bool) -> bool {
        let ignored = if is_azp_a_mark { KindClaims::NONE } else { KindClaims::AUTHORIZED_PARTY };
        self.marks.without(ignored) != KindClaims::NONE
    }

    /// What is not a string names no kind.
    fn take_kind(&mut self, claim: KindClaims, raw: &str) {
        let Some(kind) = json::string(raw) else {
            return;
        };
        if !is_one_of(&kind, ACCESS_TOKENS) {
            self.foreign |= claim;
        } else if !kind.eq_ignore_ascii_case("jwt") {
            self.marks |= claim;
        }
        if is_one_of(&kind, SESSION_TOKENS) {
            self.foreign_to_id_tokens |= claim;
        }
    }
}

/// Grouped by length, so that other claims, which are most, cost one comparison of lengths.
fn index_of(name: &str) -> Option<usize> {
    let (first, end) = match name.len() {
        3 => (0, 5),
        4 => (5, 7),
        5 => (7, 10),
        6 => (10, 13),
        7 => (13, 14),
        8 => (14, 15),
        9 => (15, 19),
        10 => (19, 20),
        11 => (20, 21),
        _ => return None,
    };
    (first..end).find(|index| CLAIMS.get(*index).is_some_and(|(claim, _)| *claim == name))
}

/// In any case, and with `-` for `_`.
fn is_one_of(text: &str, names: &[&str]) -> bool {
    let spelled = |byte: u8| if byte == b'-' { b'_' } else { byte.to_ascii_lowercase() };
    names.iter().any(|name| text.len() == name.len() && text.bytes().map(spelled).eq(name.bytes()))
}

/// Ordered by length.
const CLAIMS: [(&str, Role); 21] = [
    ("typ", Role::Kind),
    ("tty", Role::Kind),
    ("scp", Role::Mark),
    ("cid", Role::Mark),
    ("azp", Role::Mark),
    ("type", Role::Purpose),
    ("mode", Role::Purpose),
    ("scope", Role::Mark),
    ("appid", Role::Mark),
    ("nonce", Role::IdToken),
    ("c_hash", Role::IdToken),
    ("s_hash", Role::IdToken),
    ("events", Role::Events),
    ("at_hash", Role::IdToken),
    ("tok_type", Role::Kind),
    ("token_use", Role::Kind),
    ("tokenType", Role::Kind),
    ("tokenName", Role::Kind),
    ("client_id", Role::Mark),
    ("token_type", Role::Kind),
    ("permissions", Role::Mark),
];
const AUTHORIZED_PARTY: u32 = 4;
const NONCE: u32 = 9;

/// What a kind claim says in access tokens.
const ACCESS_TOKENS: &[&str] = &["bearer", "dpop", "jwt", "at+jwt", "access", "access_token", "at"];

/// What `type` and `mode` say in other tokens; everything else is left to the application.
const OTHER_PURPOSES: &[&str] = &["refresh", "refresh_token", "id", "id_token", "logout", "offline"];

/// What a kind claim says in tokens that are neither access tokens nor ID tokens.
const SESSION_TOKENS: &[&str] = &["refresh", "refresh_token", "offline", "offline_token", "logout", "logout_token"];

#[cfg(test)]
mod tests {
    use super::*;

    fn hints(name: &str, raw: &str) -> KindHints {
        let mut hints = KindHints::default();
        hints.take(name, raw);
        hints
    }

    #[test]
    fn each_claim_is_found_by_its_name_and_no_other() {
        for (index, (name, _)) in CLAIMS.iter().enumerate() {
            assert_eq!(index_of(name), Some(index), "{name}");
        }
        for name in ["", "aud", "Typ", "token-use", "scopes", "permission", "a_very_long_name_of_a_claim"] {
            assert_eq!(index_of(name), None, "{name}");
        }
        assert_eq!(KindClaims::named("nonce"), KindClaims::NONCE);
        assert_eq!(KindClaims::named("azp"), KindClaims::AUTHORIZED_PARTY);
        assert_eq!(KindClaims::named("sub"), KindClaims::NONE);
    }

    #[test]
    fn a_kind_claim_is_compared_in_any_case_and_with_hyphens() {
        for (raw, is_access_token) in [
            (r#""access""#, true),
            (r#""ACCESS-token""#, true),
            (r#""access_token""#, true),
            (r#""at+JWT""#, true),
            (r#""\u0061t""#, true),
            (r#""accesstoken""#, false),
            (r#""access ""#, false),
            (r#""at-jwt""#, false),
            (r#""""#, false),
        ] {
            let hints = hints("token_use", raw);
            assert_eq!(hints.foreign(KindClaims::NONE).is_none(), is_access_token, "{raw}");
            assert_eq!(hints.has_mark(true), is_access_token, "{raw}");
        }
    }

    #[test]
    fn what_is_no_text_names_no_kind() {
        for raw in ["null", "7", "true", r#"["refresh"]"#, r#"{"a":"refresh"}"#] {
            assert_eq!(hints("token_use", raw), KindHints::default(), "{raw}");
        }
    }

    #[test]
    fn a_waived_claim_is_not_foreign() {
        let nonce = hints("nonce", r#""n""#);
        assert_eq!(nonce.foreign(KindClaims::NONE), Some("nonce"));
        assert_eq!(nonce.foreign(KindClaims::NONCE), None);
    }
}
