//! Believed tokens for the tests of the stages behind: no signature is made for them.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::claims::ClaimSet;
use crate::claims::ScopeHierarchy;
use crate::clock::Clock;
use crate::error::Problems;
use crate::issuer::Issuer;
use crate::issuer::IssuerRules;
use crate::keys::StaticKeys;
use crate::token::Algorithm;
use crate::token::Header;
use crate::verifier::VerifiedToken;
use crate::verifier::trusted::Presented;
use crate::verifier::trusted::Standing;
use crate::verifier::trusted::Trusted;

/// When the tokens are judged.
pub(crate) const NOW: u64 = 1_750_000_000;

#[derive(Debug)]
struct Stopped;

impl Clock for Stopped {
    fn unix(&self) -> Option<Duration> {
        Some(Duration::from_secs(NOW))
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

pub(crate) fn token(payload: &Value, hierarchy: ScopeHierarchy) -> VerifiedToken {
    token_of(&payload.to_string(), hierarchy)
}

/// Of a payload with what no [`Value`] holds.
pub(crate) fn token_of(payload: &str, hierarchy: ScopeHierarchy) -> VerifiedToken {
    let issuer = Issuer::new("https://issuer.example", "https://api.example");
    let trusted = Trusted {
        issuer: issuer.issuer.as_str().into(),
        aliases: issuer.aliases.clone(),
        rules: Arc::new(IssuerRules::check(&issuer, "", &mut Problems::default())),
        keys: Arc::new(StaticKeys::from_pem("https://issuer.example", PUBLIC_KEY).unwrap()),
        clock: Arc::new(Stopped),
        hierarchy,
        presented: Presented::default(),
        named_by: issuer.named_by,
        tenant: None,
        standing: Standing::default(),
        kept: None,
    };
    let header = Header::read(r#"{"alg":"EdDSA"}"#.to_owned()).unwrap();
    let claims = ClaimSet::read(payload).unwrap();
    VerifiedToken::assertion(header, payload.to_owned(), claims, Arc::new(trusted), Algorithm::Ed25519)
}

/// The public key of RFC 8410, section 10.1.
const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----";
