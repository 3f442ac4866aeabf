//! What a token says of itself, for the log.

use crate::claims::ClaimSet;
use crate::error::Excerpt;
use crate::error::TokenFacts;
use crate::token::Header;

pub(super) fn of(header: &Header, claims: &ClaimSet, payload: &str) -> TokenFacts {
    TokenFacts {
        issuer: claims.issuer(payload).valid().map(Excerpt::of),
        key_id: header.key_id().map(Excerpt::of),
        algorithm: Some(header.alg_excerpt()),
        typ: header.typ().map(Excerpt::of),
    }
}
