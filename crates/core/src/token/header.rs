//! The protected header of a JWS (RFC 7515, section 4).

use crate::error::Excerpt;
use crate::error::Failure;
use crate::token::Algorithm;
use crate::token::json;
use crate::token::json::Text;

/// What is read of a header; everything else in it is ignored, above all `jwk`, `jku`, `x5u` and `x5c`.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    document: String,
    algorithm: Option<Algorithm>,
    alg: Text,
    key_id: Option<Text>,
    typ: Option<Text>,
}

impl Header {
    /// # Errors
    ///
    /// [`Failure::Malformed`] if this is no strict JSON object, `alg` is missing, a member has the wrong type, or the
    /// header asks for an extension (`crit`, `b64: false`): none is implemented.
    pub(crate) fn read(document: String) -> Result<Self, Failure> {
        let mut members = Members::default();
        json::object(&document, |name, raw| members.take(&document, name, raw)).map_err(Failure::Malformed)?;
        if let Some(fault) = members.fault {
            return Err(Failure::Malformed(fault));
        }
        let Some(alg) = members.alg else {
            return Err(Failure::Malformed("the header has no `alg`"));
        };
        let algorithm = alg.within(&document).parse().ok();
        Ok(Self { algorithm, alg, key_id: members.key_id, typ: members.typ, document })
    }

    /// # Errors
    ///
    /// [`Failure::UnsupportedAlgorithm`] if `alg` is not on the closed list.
    pub(crate) fn algorithm(&self) -> Result<Algorithm, Failure> {
        self.algorithm.ok_or_else(|| Failure::UnsupportedAlgorithm { accepted: Vec::new() })
    }

    pub(crate) fn key_id(&self) -> Option<&str> {
        self.key_id.as_ref().map(|text| text.within(&self.document))
    }

    pub(crate) fn typ(&self) -> Option<&str> {
        self.typ.as_ref().map(|text| text.within(&self.document))
    }

    /// What its text takes.
    pub(crate) fn bytes(&self) -> usize {
        self.document.len()
    }

    /// `alg` as it stands there, for the log.
    pub(crate) fn alg_excerpt(&self) -> Excerpt {
        Excerpt::of(self.alg.within(&self.document))
    }
}

#[derive(Default)]
struct Members {
    alg: Option<Text>,
    key_id: Option<Text>,
    typ: Option<Text>,
    fault: Option<&'static str>,
}

impl Members {
    fn take(&mut self, document: &str, name: &str, raw: &str) {
        match name {
            "alg" => self.alg = self.text(document, raw, "`alg` is no string"),
            "kid" => self.key_id = self.text(document, raw, "`kid` is no string"),
            "typ" => self.typ = self.text(document, raw, "`typ` is no string"),
            "crit" => self.fault = Some("the header has `crit`, and no extension is implemented"),
            "b64" if raw != "true" => self.fault = Some("the payload is said not to be base64url"),
            _ => {}
        }
    }

    fn text(&mut self, document: &str, raw: &str, fault: &'static str) -> Option<Text> {
        let text = Text::read(document, raw);
        if text.is_none() {
            self.fault = Some(fault);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(document: &str) -> Result<Header, Failure> {
        Header::read(document.to_owned())
    }

    #[test]
    fn members_are_read_and_strangers_ignored() {
        let header =
            read(r#"{"typ":"at+jwt","\u0061lg":"ES256","kid":"k\n1","jwk":{"kty":"oct"},"zip":"DEF","enc":"x"}"#)
                .unwrap();
        assert_eq!(header.algorithm().unwrap(), Algorithm::Es256);
        assert_eq!(header.key_id(), Some("k\n1"));
        assert_eq!(header.typ(), Some("at+jwt"));
    }

    #[test]
    fn wrong_types_and_extensions_are_malformed() {
        for document in [
            r#"{}"#,
            r#"{"alg":1}"#,
            r#"{"alg":null}"#,
            r#"{"alg":"RS256","kid":1}"#,
            r#"{"alg":"RS256","kid":null}"#,
            r#"{"alg":"RS256","kid":["a"]}"#,
            r#"{"alg":"RS256","typ":{}}"#,
            r#"{"alg":"RS256","crit":[]}"#,
            r#"{"alg":"RS256","crit":["exp"],"exp":1}"#,
            r#"{"alg":"RS256","b64":false}"#,
        ] {
            assert!(matches!(read(document), Err(Failure::Malformed(_))), "{document}");
        }
    }

    #[test]
    fn an_unlisted_algorithm_is_told_apart_from_a_malformed_header() {
        let header = read(r#"{"alg":"none"}"#).unwrap();
        assert!(matches!(header.algorithm(), Err(Failure::UnsupportedAlgorithm { .. })));
    }
}
