//! The header of a proof (RFC 9449, section 4.2).

use std::ops::Range;

use crate::issuer::media_subtype;
use crate::token::Algorithm;
use crate::token::json;

/// What a proof's header says; the key is not judged yet.
#[derive(Debug)]
pub(super) struct ProofHeader {
    pub(super) algorithm: Algorithm,
    /// Where the JWK stands in the document.
    jwk: Range<usize>,
}

impl ProofHeader {
    /// # Errors
    ///
    /// What is wrong, in words.
    pub(super) fn read(document: &str, algorithms: &[Algorithm]) -> Result<Self, &'static str> {
        let (mut typ, mut algorithm, mut jwk) = (None, None, None);
        let mut fault = None;
        json::object(document, |name, raw| match name {
            "typ" => typ = json::string(raw),
            "alg" => algorithm = json::string(raw).and_then(|name| name.parse().ok()),
            "jwk" => jwk = Some(raw),
            "crit" => fault = Some("it has `crit`, and no extension is implemented"),
            "b64" if raw != "true" => fault = Some("its payload is said not to be base64url"),
            _ => {}
        })?;
        if !typ.is_some_and(|typ| media_subtype(&typ).eq_ignore_ascii_case(PROOF)) {
            return Err("its `typ` is not `dpop+jwt`");
        }
        let algorithm = algorithm.filter(|algorithm| algorithms.contains(algorithm));
        let algorithm = algorithm.ok_or("its `alg` is not accepted")?;
        if let Some(fault) = fault {
            return Err(fault);
        }
        let jwk = jwk.ok_or("it has no `jwk`")?;
        let start = jwk.as_ptr().addr() - document.as_ptr().addr();
        Ok(Self { algorithm, jwk: start..start + jwk.len() })
    }

    /// The JWK; `document` is the one that was read.
    pub(super) fn jwk<'a>(&self, document: &'a str) -> &'a str {
        document.get(self.jwk.clone()).unwrap_or_default()
    }
}

const PROOF: &str = "dpop+jwt";
