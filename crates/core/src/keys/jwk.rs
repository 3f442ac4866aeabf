//! One JWK (RFC 7517, section 4): a usable key, or why not.

use std::collections::HashSet;
use std::sync::Arc;

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;
use serde_json::Map;
use serde_json::Value;
use thiserror::Error;

use crate::keys::strength;
use crate::signature::Curve;
use crate::signature::Material;
use crate::signature::SharedKey;
use crate::token::Algorithm;

/// A public key that may verify signatures, parsed for each algorithm it may be used with.
#[derive(Debug)]
pub(crate) struct Jwk {
    key_id: Option<Box<str>>,
    /// Whose tokens it signs, where the set is that of many issuers (Entra ID).
    issuer: Option<Box<str>>,
    material: Arc<Material>,
    verifying: Vec<(Algorithm, SharedKey)>,
}

impl Jwk {
    /// Reads one member of `keys`; what it does not know, it ignores (`x5c` above all).
    ///
    /// # Errors
    ///
    /// Why this key is never used.
    pub(crate) fn read(text: &str) -> Result<Self, Unusable> {
        let members: Map<String, Value> = serde_json::from_str(text).map_err(|_| Unusable::NoObject)?;
        let jwk = Members(&members);
        jwk.refuse_private()?;
        jwk.permit_verification()?;
        let material = jwk.material()?;
        let algorithms = jwk.algorithms(&material)?;
        let key = Self::new(jwk.text("kid")?.map(Into::into), material, &algorithms)?;
        Ok(Self { issuer: jwk.text("issuer")?.map(Into::into), ..key })
    }

    /// A key for these algorithms.
    ///
    /// # Errors
    ///
    /// [`Unusable::Unsound`] if the numbers are no key of its type.
    pub(crate) fn new(
        key_id: Option<Box<str>>,
        material: Material,
        algorithms: &[Algorithm],
    ) -> Result<Self, Unusable> {
        strength::check(&material)?;
        let material = Arc::new(material);
        let verifying: Option<Vec<_>> = algorithms
            .iter()
            .map(|algorithm| SharedKey::new(*algorithm, &material).map(|key| (*algorithm, key)))
            .collect();
        let verifying = verifying.ok_or(Unusable::Unsound)?;
        Ok(Self { key_id, issuer: None, material, verifying })
    }

    pub(crate) fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Whose tokens alone it signs, as its member `issuer` has it: an issuer, or a template of issuers.
    pub(super) fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    #[cfg(any(test, feature = "vectors"))]
    pub(crate) fn material(&self) -> &Material {
        &self.material
    }

    /// Whether both are one key, whatever each may do.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.key_id == other.key_id && self.issuer == other.issuer && self.material == other.material
    }

    /// Whether both are one key for the same algorithms.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        let may = |key: &Self, algorithm| key.verifying(algorithm).is_some();
        self.is_same(other)
            && self.verifying.len() == other.verifying.len()
            && self.verifying.iter().all(|(algorithm, _)| may(other, *algorithm))
    }

    /// Whether a token that names one could as well mean the other.
    pub(super) fn shares_its_name_with(&self, other: &Self) -> bool {
        self.key_id.is_some() && self.key_id == other.key_id && self.material.key_type() == other.material.key_type()
    }

    /// May from now on be used for all that `other`, the same key, may be used for.
    pub(super) fn absorb(&mut self, other: Self) {
        for (algorithm, key) in other.verifying {
            if self.verifying(algorithm).is_none() {
                self.verifying.push((algorithm, key));
            }
        }
    }

    /// The key, parsed for `algorithm`, if it may be used with that.
    pub(crate) fn verifying(&self, algorithm: Algorithm) -> Option<&SharedKey> {
        self.verifying.iter().find(|(fitting, _)| *fitting == algorithm).map(|(_, key)| key)
    }
}

/// Why a key of a set is skipped. In the order of the checks.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub(crate) enum Unusable {
    #[error("it is no JSON object")]
    NoObject,
    #[error("a member has the wrong type or encoding")]
    WrongMember,
    #[error("it is symmetric")]
    Symmetric,
    #[error("it holds private members, which its issuer should not have published")]
    Private,
    #[error("its `use` or `key_ops` do not permit to verify")]
    NotForVerification,
    #[error("its key type or curve is not supported")]
    UnknownType,
    #[error("its `alg` is not supported, or not for keys of its type")]
    UnfitAlgorithm,
    #[error("an RSA key must have 2048 to 8192 bits")]
    WrongSize,
    #[error("an RSA exponent must be odd, more than one and of at most 33 bits")]
    WrongExponent,
    #[error("its primes have the structure of a generator that is broken (ROCA)")]
    BrokenPrimes,
    #[error("its numbers are no sound public key")]
    Unsound,
}

struct Members<'a>(&'a Map<String, Value>);

impl<'a> Members<'a> {
    /// The member, unless it is `null`: what writes whole structures (.NET's `JsonWebKey`) has that in place of a member
    /// that it lacks.
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &str) -> Result<Option<&'a str>, Unusable> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Unusable::WrongMember),
        }
    }

    /// The elements of a list. An empty one is absent, for the same reason as `null`.
    fn list(&self, name: &str) -> Result<Option<&'a [Value]>, Unusable> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Array(elements)) => Ok(Some(elements.as_slice()).filter(|elements| !elements.is_empty())),
            Some(_) => Err(Unusable::WrongMember),
        }
    }

    /// A member that holds octets; padding and the standard alphabet are tolerated, as real issuers publish them.
    fn octets(&self, name: &str) -> Result<Vec<u8>, Unusable> {
        let text = self.text(name)?.ok_or(Unusable::WrongMember)?;
        LENIENT_URL_SAFE.decode(text).or_else(|_| LENIENT_STANDARD.decode(text)).map_err(|_| Unusable::WrongMember)
    }

    fn refuse_private(&self) -> Result<(), Unusable> {
        if self.text("kty")? == Some("oct") {
            return Err(Unusable::Symmetric);
        }
        let has_more_primes = !matches!(self.list("oth"), Ok(None));
        if has_more_primes || PRIVATE_MEMBERS.iter().any(|name| self.get(name).is_some()) {
            return Err(Unusable::Private);
        }
        Ok(())
    }

    /// RFC 7517, sections 4.2 and 4.3.
    fn permit_verification(&self) -> Result<(), Unusable> {
        let usage = self.text("use")?;
        if !matches!(usage, None | Some("sig")) {
            return Err(Unusable::NotForVerification);
        }
        let Some(operations) = self.list("key_ops")? else { return Ok(()) };
        let names: Option<Vec<_>> = operations.iter().map(Value::as_str).collect();
        let operations = names.ok_or(Unusable::WrongMember)?;
        let distinct: HashSet<_> = operations.iter().collect();
        if distinct.len() != operations.len() {
            return Err(Unusable::WrongMember);
        }
        // Together with `use: sig`, an operation that only ciphers have is a contradiction.
        let stray = operations.iter().any(|operation| !matches!(*operation, "verify" | "sign"));
        if !operations.contains(&"verify") || (stray && usage.is_some()) {
            return Err(Unusable::NotForVerification);
        }
        Ok(())
    }

    fn material(&self) -> Result<Material, Unusable> {
        match self.text("kty")? {
            Some("RSA") => Ok(Material::Rsa {
                n: without_leading_zeros(self.octets("n")?),
                e: without_leading_zeros(self.octets("e")?),
            }),
            Some("EC") => {
                let curve = self.curve(&[Curve::P256, Curve::P384, Curve::P521, Curve::Secp256k1])?;
                Ok(Material::Ec {
                    curve,
                    x: coordinate(self.octets("x")?, curve)?,
                    y: coordinate(self.octets("y")?, curve)?,
                })
            }
            Some("OKP") => {
                let curve = self.curve(&[Curve::Ed25519, Curve::Ed448])?;
                let x = self.octets("x")?;
                if x.len() != curve.coordinate_len() {
                    return Err(Unusable::Unsound);
                }
                Ok(Material::Okp { curve, x })
            }
            _ => Err(Unusable::UnknownType),
        }
    }

    fn curve(&self, of_type: &[Curve]) -> Result<Curve, Unusable> {
        let name = self.text("crv")?.ok_or(Unusable::WrongMember)?;
        of_type.iter().copied().find(|curve| curve.as_str() == name).ok_or(Unusable::UnknownType)
    }

    /// All that the type permits, or the one that the key itself names (RFC 8725, section 3.1).
    fn algorithms(&self, material: &Material) -> Result<Vec<Algorithm>, Unusable> {
        let fitting = material.algorithms();
        let Some(named) = self.text("alg")? else {
            return Ok(fitting.to_vec());
        };
        // RFC 8037 has one name for both curves.
        if named == "EdDSA" && matches!(material, Material::Okp { .. }) {
            return Ok(fitting.to_vec());
        }
        let algorithm = named.parse().map_err(|_| Unusable::UnfitAlgorithm)?;
        if fitting.contains(&algorithm) { Ok(vec![algorithm]) } else { Err(Unusable::UnfitAlgorithm) }
    }
}

fn without_leading_zeros(octets: Vec<u8>) -> Vec<u8> {
    match octets.iter().position(|octet| *octet != 0) {
        Some(0) => octets,
        Some(first) => octets.get(first..).unwrap_or_default().to_vec(),
        None => Vec::new(),
    }
}

fn coordinate(octets: Vec<u8>, curve: Curve) -> Result<Vec<u8>, Unusable> {
    let octets = without_leading_zeros(octets);
    let missing = curve.coordinate_len().checked_sub(octets.len()).ok_or(Unusable::Unsound)?;
    Ok([vec![0; missing], octets].concat())
}

/// Beside `oth`, which is a list.
const PRIVATE_MEMBERS: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const LENIENT_URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
const LENIENT_STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);

#[cfg(test)]
mod tests;
