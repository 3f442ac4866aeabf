//! The field in which a proxy tells the certificate of its client: from trusted proxies alone.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use claviger::ClientCertificate;
use claviger::error::Reason;
use futures_util::FutureExt;
use http::HeaderValue;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::certificate::Bound;
use crate::certificate::PROXY;
use crate::certificate::STRANGER;
use crate::certificate::der;
use crate::certificate::from;
use crate::certificate::request;
use crate::support::Identity;

const XFCC: &str = "x-forwarded-client-cert";
const ESCAPED: &str = "x-ssl-client-cert";

pub(super) fn hash(identity: &Identity) -> String {
    openssl::sha::sha256(&der(identity)).iter().fold("Hash=".to_owned(), |text, octet| format!("{text}{octet:02x}"))
}

/// As nginx does: everything but unreserved characters.
pub(super) fn escaped_pem(identity: &Identity) -> String {
    let pem = identity.certificate.to_pem().unwrap();
    let is_unreserved = |octet: &u8| octet.is_ascii_alphanumeric() || b"-._~".contains(octet);
    pem.iter().fold(String::new(), |text, octet| {
        if is_unreserved(octet) { text + &char::from(*octet).to_string() } else { format!("{text}%{octet:02X}") }
    })
}

#[tokio::test]
async fn a_trusted_proxy_tells_it_in_the_form_of_envoy() {
    let bound = Bound::behind_proxy("X-Forwarded-Client-Cert");
    let (hash, pem) = (hash(&bound.identity), escaped_pem(&bound.identity));
    for element in [
        hash.clone(),
        format!("Cert=\"{pem}\""),
        format!("By=spiffe://a/b;{hash};Cert=\"{pem}\";Subject=\"CN=a,O=\\\"b; c\\\"\";URI=spiffe://c"),
    ] {
        bound.arrive(Some(PROXY), &[(XFCC, &element)]).await.assert_passed();
        bound.arrive(Some("::ffff:10.255.0.1"), &[(XFCC, &element)]).await.assert_passed();
    }
}

#[tokio::test]
async fn in_a_field_of_another_name_stands_a_percent_encoded_pem() {
    let bound = Bound::behind_proxy(ESCAPED);
    bound.arrive(Some(PROXY), &[(ESCAPED, &escaped_pem(&bound.identity))]).await.assert_passed();
    let answer = bound.arrive(Some(PROXY), &[(ESCAPED, &hash(&bound.identity))]).await;
    answer.assert_invalid_token(Reason::CertificateMismatch);
    let answer = bound.arrive(Some(PROXY), &[(XFCC, &hash(&bound.identity))]).await;
    answer.assert_invalid_token(Reason::CertificateMissing);
}

/// RFC 9700, section 4.13.
#[tokio::test]
async fn from_anybody_else_it_is_ignored() {
    let bound = Bound::behind_proxy(XFCC);
    let hash = hash(&bound.identity);
    for peer in [None, Some(STRANGER), Some("::1"), Some("11.0.0.1"), Some("::ffff:192.0.2.1")] {
        let answer = bound.arrive(peer, &[(XFCC, &hash), ("x-forwarded-for", PROXY)]).await;
        answer.assert_invalid_token(Reason::CertificateMissing);
        let answer = bound.arrive(peer, &[(XFCC, "junk")]).await;
        answer.assert_invalid_token(Reason::CertificateMissing);
        // What the connection itself has shown counts.
        let mut direct = from(peer, &[(XFCC, "junk")], request("Bearer", &bound.token));
        direct.extensions_mut().insert(bound.certificate());
        bound.api.send(direct).await.assert_passed();
    }
    let unset = Bound::with(|settings| settings.with_trusted_proxies([PROXY]));
    let answer = unset.arrive(Some(PROXY), &[(XFCC, &hash)]).await;
    answer.assert_invalid_token(Reason::CertificateMissing);
}

#[tokio::test]
async fn other_certificates_several_and_junk_are_refused() {
    let other = Identity::new("client", None);
    for (header, own, others) in
        [(XFCC, hash as fn(&Identity) -> String, hash(&other)), (ESCAPED, escaped_pem, escaped_pem(&other))]
    {
        let bound = Bound::behind_proxy(header);
        let own = own(&bound.identity);
        let (both, twice) = (format!("{own},{others}"), format!("{own},{own}"));
        for fields in [
            &[(header, others.as_str())][..],
            &[(header, &own), (header, &others)],
            &[(header, &own), (header, &own)],
            &[(header, &own), (header, "")],
            &[(header, &both)],
            &[(header, &twice)],
            &[(header, &own[..own.len() - 30])],
            &[(header, "junk")],
            &[(header, "%00%ff")],
            &[(header, "\"")],
            &[(header, ",")],
            &[(header, "-----BEGIN%20CERTIFICATE-----")],
        ] {
            let answer = bound.arrive(Some(PROXY), fields).await;
            answer.assert_invalid_token(Reason::CertificateMismatch);
        }
        for fields in [&[][..], &[(header, "")], &[(header, " ")]] {
            bound.arrive(Some(PROXY), fields).await.assert_invalid_token(Reason::CertificateMissing);
        }
        let mut octets = from(Some(PROXY), &[], request("Bearer", &bound.token));
        octets.headers_mut().insert(header, HeaderValue::from_bytes(b"Hash=\xff").unwrap());
        bound.api.send(octets).await.assert_invalid_token(Reason::CertificateMismatch);
        // A token that is bound to nothing is not refused for it.
        let unbound = from(Some(PROXY), &[(header, "junk")], request("Bearer", &bound.api.token().sign()));
        bound.api.send(unbound).await.assert_passed();
    }
}

/// Pieces of both grammars, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let words = vec![
        "Hash=",
        "Cert=",
        "Subject=",
        "\"",
        "\\",
        "\\\"",
        ";",
        ",",
        "=",
        " ",
        "%",
        "%00",
        "%ff",
        "%0A",
        "YWJj",
        "-----",
        "-----BEGIN%20CERTIFICATE-----",
        "-----END%20CERTIFICATE-----",
    ];
    let word = prop::sample::select(words).prop_map(str::to_owned);
    let piece = prop_oneof![1 => "[ -~]{0,6}", 1 => "[0-9a-f]{64}", 8 => word];
    vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn whatever_a_proxy_hands_on_is_read_and_binds_nothing(value in pieces()) {
        BOUND.with(|bounds| for (header, bound) in bounds {
            let asking = from(Some(PROXY), &[(header, &value)], request("Bearer", &bound.token));
            let answer = bound.api.send(asking).now_or_never().unwrap();
            assert!(matches!(answer.reason, Some(Reason::CertificateMissing | Reason::CertificateMismatch)), "{answer:?}");
        });
    }
}

thread_local! {
    static BOUND: [(&'static str, Bound); 2] = [XFCC, ESCAPED].map(|header| (header, Bound::behind_proxy(header)));
}

/// A proxy that has a certificate itself would otherwise lend it to all its clients.
#[tokio::test]
async fn the_certificate_of_the_proxy_is_not_that_of_its_client() {
    let bound = Bound::behind_proxy(XFCC);
    let with_own = |fields: &[(&str, &str)], certificate: ClientCertificate| {
        let mut asking = from(Some(PROXY), fields, request("Bearer", &bound.token));
        asking.extensions_mut().insert(certificate);
        bound.api.send(asking)
    };
    let proxy = ClientCertificate::from_der(b"proxy");
    with_own(&[(XFCC, &hash(&bound.identity))], proxy).await.assert_passed();
    with_own(&[], bound.certificate()).await.assert_invalid_token(Reason::CertificateMissing);
    with_own(&[(XFCC, "junk")], bound.certificate()).await.assert_invalid_token(Reason::CertificateMismatch);
}

#[tokio::test]
async fn axum_knows_the_peer_too() {
    let bound = Bound::behind_proxy(XFCC);
    let hash = hash(&bound.identity);
    let ask = |peer: &str, said: Option<&str>| {
        let mut asking = from(said, &[(XFCC, &hash)], request("Bearer", &bound.token));
        asking.extensions_mut().insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
        bound.api.send(asking)
    };
    ask("10.0.0.1:5000", None).await.assert_passed();
    ask("[::ffff:10.0.0.1]:5000", None).await.assert_passed();
    ask("192.0.2.1:5000", None).await.assert_invalid_token(Reason::CertificateMissing);
    // What a program says itself wins.
    ask("10.0.0.1:5000", Some(STRANGER)).await.assert_invalid_token(Reason::CertificateMissing);
    ask("192.0.2.1:5000", Some(PROXY)).await.assert_passed();
}
