//! The claim `cnf`: what a token is bound to (RFC 7800).

use crate::claims::find;
use crate::token::json;
use crate::token::json::Text;

/// What `cnf` demands of the sender (RFC 9449, section 6; RFC 8705, section 3).
#[derive(Clone, Debug, Default)]
pub(crate) struct Confirmation {
    /// `cnf` is not an object, or one of its members that are checked is not a string.
    pub(crate) is_invalid: bool,
    /// There is a `cnf`, and no member of it is checked here. Such a token is bound to something all the same, so it is
    /// refused rather than accepted from anybody (RFC 7800, section 3.1, leaves that to the application).
    pub(crate) is_unchecked: bool,
    /// `jkt`: the thumbprint of the DPoP key that it is bound to.
    by_key: Option<Text>,
    /// `x5t#S256`: the thumbprint of the client certificate that it is bound to.
    by_certificate: Option<Text>,
}

impl Confirmation {
    pub(super) fn read(payload: &str, raw: &str) -> Self {
        let mut found = Self::default();
        if raw == "null" {
            return found;
        }
        let mut take = |name: &str, raw: &str| match name {
            KEY => {
                found.by_key = Text::read(payload, raw);
                found.is_invalid |= found.by_key.is_none();
            }
            CERTIFICATE => {
                found.by_certificate = Text::read(payload, raw);
                found.is_invalid |= found.by_certificate.is_none();
            }
            _ => {}
        };
        if json::object(raw, &mut take).is_err() {
            found.is_invalid = true;
        }
        found.is_unchecked = !found.is_invalid && found.by_key.is_none() && found.by_certificate.is_none();
        found
    }

    /// Treats a `cnf` that has only these members as absent; `payload` is the one it was read from. An empty one says
    /// that the token is bound, and not to what, so it stays.
    pub(crate) fn ignore(&mut self, members: &[String], payload: &str) {
        if !self.is_unchecked || members.is_empty() {
            return;
        }
        let (mut count, mut are_ignored) = (0_usize, true);
        let read = find(payload, "cnf").map(|raw| {
            json::object(raw, |name, _| {
                count += 1;
                are_ignored &= members.iter().any(|member| member == name);
            })
        });
        if matches!(read, Ok(Ok(()))) && count > 0 && are_ignored {
            self.is_unchecked = false;
        }
    }

    /// `jkt`; `payload` is the one it was read from.
    pub(crate) fn key<'a>(&'a self, payload: &'a str) -> Option<&'a str> {
        self.by_key.as_ref().map(|text| text.within(payload))
    }

    /// `x5t#S256`; `payload` is the one it was read from.
    pub(crate) fn certificate<'a>(&'a self, payload: &'a str) -> Option<&'a str> {
        self.by_certificate.as_ref().map(|text| text.within(payload))
    }
}

const KEY: &str = "jkt";
const CERTIFICATE: &str = "x5t#S256";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cnf: &str, ignored: &[&str]) -> Confirmation {
        let payload = format!(r#"{{"sub":"u","cnf":{cnf}}}"#);
        let start = payload.len() - cnf.len() - 1;
        let mut confirmation = Confirmation::read(&payload, &payload[start..start + cnf.len()]);
        let ignored: Vec<_> = ignored.iter().map(|name| (*name).to_owned()).collect();
        confirmation.ignore(&ignored, &payload);
        confirmation
    }

    #[test]
    fn a_confirmation_without_a_member_that_is_checked_is_unchecked() {
        for cnf in [
            "{}",
            r#"{"jwk":{"kty":"EC"}}"#,
            r#"{"kid":"k"}"#,
            r#"{"jku":"https://a"}"#,
            r#"{"jwe":"x"}"#,
            r#"{"x":1}"#,
            r#"{"kid":null}"#,
        ] {
            let found = read(cnf, &[]);
            assert!(found.is_unchecked && !found.is_invalid, "{cnf}");
        }
        for cnf in ["null", r#"{"jkt":"t"}"#, r#"{"x5t#S256":"t","kid":"k","x":1}"#] {
            let found = read(cnf, &[]);
            assert!(!found.is_unchecked && !found.is_invalid, "{cnf}");
        }
        for cnf in ["[]", "7", r#""t""#, r#"{"jkt":null}"#, r#"{"jkt":"t","x5t#S256":null}"#, r#"{"jkt":7,"x":1}"#] {
            assert!(read(cnf, &["x"]).is_invalid, "{cnf}");
        }
    }

    #[test]
    fn only_a_confirmation_of_ignored_members_alone_is_ignored() {
        for (cnf, is_ignored) in [
            (r#"{"x":1}"#, true),
            (r#"{"x":null,"y":{"kid":"k"}}"#, true),
            (r#"{"x":1,"z":1}"#, false),
            (r#"{"x":1,"kid":"k"}"#, false),
            ("{}", false),
        ] {
            assert_eq!(!read(cnf, &["x", "y"]).is_unchecked, is_ignored, "{cnf}");
        }
    }
}
