//! Keys as issuers publish them, and as nobody should.

use super::*;

/// RFC 7515, appendix A.3.1.
const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

fn ec(more: &str) -> Result<Jwk, Unusable> {
    Jwk::read(&format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}"{more}}}"#))
}

#[test]
fn a_public_key_is_usable_with_the_algorithm_of_its_curve() {
    let key = ec(r#","kid":"1","use":"sig","key_ops":["verify"],"x5c":["junk"],"issuer":"x""#).unwrap();
    assert_eq!(key.key_id(), Some("1"));
    assert!(key.verifying(Algorithm::Es256).is_some());
    assert!(key.verifying(Algorithm::Es384).is_none());
}

#[test]
fn keys_that_must_not_verify_are_unusable() {
    for (more, why) in [
        (r#","use":"enc""#, Unusable::NotForVerification),
        (r#","use":"tls""#, Unusable::NotForVerification),
        (r#","key_ops":["sign"]"#, Unusable::NotForVerification),
        (r#","key_ops":["verify","verify"]"#, Unusable::WrongMember),
        (r#","key_ops":"verify""#, Unusable::WrongMember),
        (r#","key_ops":["verify",1]"#, Unusable::WrongMember),
        (r#","use":"sig","key_ops":["verify","encrypt"]"#, Unusable::NotForVerification),
        (r#","alg":"ES384""#, Unusable::UnfitAlgorithm),
        (r#","alg":"HS256""#, Unusable::UnfitAlgorithm),
        (r#","alg":"none""#, Unusable::UnfitAlgorithm),
        (r#","d":"AA""#, Unusable::Private),
        (r#","d":"""#, Unusable::Private),
        (r#","k":0"#, Unusable::Private),
        (r#","oth":[{}]"#, Unusable::Private),
        (r#","oth":"""#, Unusable::Private),
        (r#","kid":7"#, Unusable::WrongMember),
        (r#","issuer":7"#, Unusable::WrongMember),
    ] {
        assert_eq!(ec(more).map(|_| ()), Err(why), "{more}");
    }
}

/// Serializers of whole structures write these for what they lack.
#[test]
fn optional_members_that_are_null_or_empty_are_absent() {
    for absent in ["kid", "use", "alg", "key_ops", "d", "p", "q", "dp", "dq", "qi", "oth", "k", "x5c", "x5t", "issuer"]
    {
        let key = ec(&format!(r#","{absent}":null"#)).unwrap();
        assert_eq!((key.key_id(), key.issuer()), (None, None), "{absent}");
        assert!(key.verifying(Algorithm::Es256).is_some(), "{absent}");
    }
    for absent in ["key_ops", "oth", "x5c"] {
        assert!(ec(&format!(r#","{absent}":[]"#)).is_ok(), "{absent}");
    }
    assert_eq!(Jwk::read(r#"{"kty":null,"crv":"P-256"}"#).map(|_| ()), Err(Unusable::UnknownType));
    assert_eq!(Jwk::read(r#"{"kty":"EC","crv":null}"#).map(|_| ()), Err(Unusable::WrongMember));
}

/// As `JsonSerializer` writes the class of Microsoft.IdentityModel.Tokens.
#[test]
fn a_whole_json_web_key_of_dotnet_is_usable() {
    let n = LENIENT_URL_SAFE.encode(vec![0xff; 256]);
    let key = Jwk::read(&format!(
        r#"{{"AdditionalData":{{}},"alg":"RS256","crv":null,"d":null,"dp":null,"dq":null,"e":"AQAB","k":null,
        "key_ops":[],"kid":"1","kty":"RSA","n":"{n}","oth":[],"p":null,"q":null,"qi":null,"use":"sig","x":null,
        "x5c":[],"x5t":null,"x5t#S256":null,"x5u":null,"y":null,"KeySize":2048,"HasPrivateKey":false,
        "CryptoProviderFactory":{{"CryptoProviderCache":{{}},"CacheSignatureProviders":true}}}}"#
    ));
    let key = key.unwrap();
    assert_eq!(key.key_id(), Some("1"));
    assert!(key.verifying(Algorithm::Rs256).is_some() && key.verifying(Algorithm::Ps256).is_none());
}

#[test]
fn points_off_the_curve_are_unsound() {
    let off = Jwk::read(&format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{X}"}}"#));
    assert_eq!(off.map(|_| ()), Err(Unusable::Unsound));
    let infinity = Jwk::read(r#"{"kty":"EC","crv":"P-256","x":"","y":""}"#);
    assert_eq!(infinity.map(|_| ()), Err(Unusable::Unsound));
}

#[test]
fn symmetric_unknown_and_encryption_types_are_unusable() {
    for (text, why) in [
        (r#"{"kty":"oct","k":"AAAA"}"#, Unusable::Symmetric),
        (r#"{"kty":"AKP","pub":"AAAA"}"#, Unusable::UnknownType),
        (r#"{"kty":"OKP","crv":"X25519","x":"AAAA"}"#, Unusable::UnknownType),
        (r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#, Unusable::Unsound),
        (r#"{}"#, Unusable::UnknownType),
        (r#"[]"#, Unusable::NoObject),
        (r#"{"kty":"EC","crv":"P-256"}"#, Unusable::WrongMember),
    ] {
        assert_eq!(Jwk::read(text).map(|_| ()), Err(why), "{text}");
    }
}

#[test]
fn rsa_keys_are_held_to_size_and_exponent() {
    let rsa = |bytes: usize, e: &str| {
        let n = LENIENT_URL_SAFE.encode(vec![0xff; bytes]);
        Jwk::read(&format!(r#"{{"kty":"RSA","n":"{n}","e":"{e}"}}"#)).map(|_| ())
    };
    assert_eq!(rsa(256, "AQAB"), Ok(()));
    assert_eq!(rsa(128, "AQAB"), Err(Unusable::WrongSize));
    assert_eq!(rsa(2048, "AQAB"), Err(Unusable::WrongSize));
    assert_eq!(rsa(0, "AQAB"), Err(Unusable::WrongSize));
    assert_eq!(rsa(256, "AQ"), Err(Unusable::WrongExponent));
    assert_eq!(rsa(256, "AQAA"), Err(Unusable::WrongExponent));
    assert_eq!(rsa(256, ""), Err(Unusable::WrongExponent));
    // 2^32 + 1 has 33 bits, 2^33 + 1 one more; 2^64 + 1 is beyond a machine word, and the last as large as a modulus.
    assert_eq!(rsa(256, "AQAAAAE"), Ok(()));
    assert_eq!(rsa(256, "AAEAAAAB"), Ok(()));
    assert_eq!(rsa(256, "AgAAAAE"), Err(Unusable::WrongExponent));
    assert_eq!(rsa(256, "AQAAAAAAAAAB"), Err(Unusable::WrongExponent));
    assert_eq!(rsa(256, &LENIENT_URL_SAFE.encode(vec![0xff; 256])), Err(Unusable::WrongExponent));
}

#[test]
fn padding_the_standard_alphabet_and_leading_zeros_are_tolerated() {
    let standard = X.replace('-', "+").replace('_', "/");
    let key = Jwk::read(&format!(r#"{{"kty":"EC","crv":"P-256","x":"{standard}=","y":"{}="}}"#, Y.replace('_', "/")));
    assert_eq!(key.unwrap().material(), ec("").unwrap().material());
    assert_eq!(without_leading_zeros(vec![0, 0, 1, 0]), [1, 0]);
}
