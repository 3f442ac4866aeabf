//! An issuer and the tokens that it signed.

use std::fmt;
use std::sync::Arc;

use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestIssuer;
use serde_json::Value;

/// The algorithms that are accepted unless an issuer says otherwise.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "those that the contract names")]
pub enum KeyKind {
    /// RSASSA-PKCS1-v1_5 with 2048 bits and SHA-256.
    Rs256,
    /// RSASSA-PSS with 2048 bits and SHA-256.
    Ps256,
    /// ECDSA with P-256 and SHA-256.
    Es256,
    /// EdDSA over edwards25519.
    Ed25519,
}

impl KeyKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::Ed25519];

    /// A new key.
    #[must_use]
    pub fn generate(self) -> SigningKey {
        SigningKey::generate(self.algorithm())
    }

    fn algorithm(self) -> SigningAlgorithm {
        match self {
            Self::Rs256 => SigningAlgorithm::Rs256,
            Self::Ps256 => SigningAlgorithm::Ps256,
            Self::Es256 => SigningAlgorithm::Es256,
            Self::Ed25519 => SigningAlgorithm::Ed25519,
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.algorithm().fmt(f)
    }
}

/// Different tokens of one issuer, all of which are good for an hour. Clones share them.
#[derive(Clone)]
pub struct Signed {
    tokens: Arc<[String]>,
    key: SigningKey,
    kind: KeyKind,
}

impl Signed {
    /// Has `issuer`, whose current key is of `kind`, sign `count` tokens of about `bytes` bytes; fewer than a token
    /// with a few claims has means just that.
    #[must_use]
    pub fn by(issuer: &TestIssuer, kind: KeyKind, count: usize, bytes: usize) -> Self {
        Self::bound(issuer, kind, count, bytes, &Value::Null)
    }

    /// The same, with this `cnf` (RFC 7800).
    pub(crate) fn bound(issuer: &TestIssuer, kind: KeyKind, count: usize, bytes: usize, confirmation: &Value) -> Self {
        let groups = groups(bytes.saturating_sub(token(issuer, &[], confirmation).len()));
        let tokens = (0..count).map(|_| token(issuer, &groups, confirmation)).collect();
        Self { tokens, key: issuer.current_key(), kind }
    }

    /// The tokens.
    #[must_use]
    pub fn tokens(&self) -> &Arc<[String]> {
        &self.tokens
    }

    /// The key that they are signed with.
    #[must_use]
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The algorithm that they are signed with.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Bytes of a token.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.tokens.first().map_or(0, String::len)
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed").field("kind", &self.kind).finish_non_exhaustive()
    }
}

fn token(issuer: &TestIssuer, groups: &[String], confirmation: &Value) -> String {
    let token = issuer.token().scope("read:reports write:reports").claim("org_id", "acme").claim("nbf", LONG_AGO);
    let token = token.expires_in(LIFETIME);
    let token = if confirmation.is_null() { token } else { token.claim("cnf", confirmation.clone()) };
    if groups.is_empty() { token.sign() } else { token.claim("groups", groups).sign() }
}

/// What makes real tokens long: identifiers of groups. So many that a token grows by about `bytes`.
fn groups(bytes: usize) -> Vec<String> {
    let each = (GROUP.len() + r#"0000"","#.len()) * 4 / 3;
    (0..bytes / each).map(|at| format!("{GROUP}{at:04}")).collect()
}

/// A time that is checked, and has come.
const LONG_AGO: u64 = 1_700_000_000;
const LIFETIME: std::time::Duration = std::time::Duration::from_secs(3600);
/// With four digits behind it, as long as a UUID.
const GROUP: &str = "5f0c1a52-7d7e-4c7e-9b1a-0c2f4e6a";
