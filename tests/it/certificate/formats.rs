//! What the proxies of the documentation's table send, each as it was seen.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use claviger::CertificateElement;
use claviger::CertificateFormat;
use claviger::CertificateSettings;
use claviger::error::Reason;

use crate::certificate::Bound;
use crate::certificate::PROXY;
use crate::certificate::STRANGER;
use crate::certificate::der;
use crate::certificate::field::escaped_pem;
use crate::certificate::field::hash;
use crate::support::Identity;

/// One line of the table: what a proxy sends for a client with this certificate.
struct Proxy {
    name: &'static str,
    settings: CertificateSettings,
    header: &'static str,
    sends: fn(&Identity) -> String,
    /// What it sends for a client that has shown none.
    sends_for_none: &'static str,
}

fn settings(header: &'static str) -> CertificateSettings {
    CertificateSettings::new().with_header(header)
}

fn base64(identity: &Identity) -> String {
    STANDARD.encode(der(identity))
}

fn pem_with(identity: &Identity, newline: &str) -> String {
    String::from_utf8(identity.certificate.to_pem().unwrap()).unwrap().trim_end().replace('\n', newline)
}

fn digest(identity: &Identity) -> String {
    hash(identity).replace("Hash=", "")
}

const EMPTY_DIGEST: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn proxies() -> Vec<Proxy> {
    let (pem, sha256) = ("x-ssl-client-cert", "x-ssl-client-sha256");
    let of_traefik = settings("x-forwarded-tls-client-cert").with_format(CertificateFormat::Der);
    let proxy = |name, settings, header, sends, sends_for_none| Proxy { name, settings, header, sends, sends_for_none };
    vec![
        proxy("nginx", settings(pem), pem, escaped_pem, ""),
        proxy("HAProxy, RFC 9440", settings("client-cert"), "client-cert", |own| format!(":{}:", base64(own)), "::"),
        proxy("HAProxy, DER", settings(pem).with_format(CertificateFormat::Der), pem, base64, ""),
        proxy("HAProxy, digest", settings(sha256).with_format(CertificateFormat::Sha256), sha256, digest, ""),
        proxy("Apache", settings(pem), pem, |own| pem_with(own, " "), "(null)"),
        proxy("Apache, no newlines", settings(pem), pem, |own| pem_with(own, ""), "(null)"),
        proxy("Caddy, DER", settings(pem).with_format(CertificateFormat::Der), pem, base64, ""),
        proxy("Caddy, digest", settings(sha256).with_format(CertificateFormat::Sha256), sha256, digest, EMPTY_DIGEST),
        proxy(
            "Traefik",
            of_traefik.with_element(CertificateElement::First),
            "x-forwarded-tls-client-cert",
            |own| format!("{},{}", base64(own), base64(&Identity::new("authority", None))),
            "",
        ),
        proxy("Envoy", settings("x-forwarded-client-cert"), "x-forwarded-client-cert", hash, ""),
        proxy(
            "Envoy and a sidecar",
            settings("x-forwarded-client-cert").with_element(CertificateElement::First),
            "x-forwarded-client-cert",
            |own| format!("{};URI=spiffe://a,By=spiffe://b;{}", hash(own), hash(&Identity::new("edge", None))),
            "",
        ),
    ]
}

#[tokio::test]
async fn the_owner_of_a_certificate_passes_behind_each_proxy_and_nobody_else() {
    for Proxy { name, settings, header, sends, sends_for_none } in proxies() {
        let bound = Bound::behind_proxy_with(settings);
        let own = sends(&bound.identity);
        let answer = bound.arrive(Some(PROXY), &[(header, &own)]).await;
        assert_eq!(answer.status, 200, "{name}: {own}: {answer:?}");

        let none = bound.arrive(Some(PROXY), &[(header, sends_for_none)]).await;
        assert_eq!(none.reason, Some(Reason::CertificateMissing), "{name}");
        let thief = bound.arrive(Some(PROXY), &[(header, &sends(&Identity::new("thief", None)))]).await;
        assert_eq!(thief.reason, Some(Reason::CertificateMismatch), "{name}");
        let forged = bound.arrive(Some(STRANGER), &[(header, &own)]).await;
        assert_eq!(forged.reason, Some(Reason::CertificateMissing), "{name}");
    }
}

/// Whatever `element` says.
#[tokio::test]
async fn what_is_malformed_anywhere_or_stands_on_two_lines_is_no_certificate() {
    let identity = Identity::new("x", None);
    let sha1: String = "a9993e364706816aba3e25717850c26c9cd0d89d".to_owned();
    for Proxy { name, settings, header, sends, .. } in proxies() {
        for element in [CertificateElement::Only, CertificateElement::First, CertificateElement::Last] {
            let bound = Bound::behind_proxy_with(settings.clone().with_element(element));
            let own = sends(&bound.identity);
            for value in [
                format!("{own},"),
                format!(",{own}"),
                format!("{own},junk"),
                format!("junk,{own}"),
                format!("{own},(null)"),
                format!("{own},{sha1}"),
                format!("{sha1},{own}"),
                sha1.clone(),
            ] {
                let answer = bound.arrive(Some(PROXY), &[(header, &value)]).await;
                answer.assert_invalid_token(Reason::CertificateMismatch);
            }
            let other = sends(&identity);
            for second in [own.as_str(), &other, "", "(null)"] {
                let answer = bound.arrive(Some(PROXY), &[(header, &own), (header, second)]).await;
                assert_eq!(answer.reason, Some(Reason::CertificateMismatch), "{name} {element:?}");
            }
        }
    }
}

#[tokio::test]
async fn of_a_list_one_element_is_the_clients() {
    let own_place = |element, (own, other): (String, String)| {
        if element == CertificateElement::First { format!("{own},{other}") } else { format!("{other},{own}") }
    };
    let other = Identity::new("other", None);
    let single = [
        ("client-cert", CertificateFormat::Rfc9440, (|own| format!(":{}:", base64(own))) as fn(&Identity) -> String),
        ("x-ssl-client-cert", CertificateFormat::Der, base64),
        ("x-ssl-client-cert", CertificateFormat::Pem, escaped_pem),
        ("x-ssl-client-sha256", CertificateFormat::Sha256, digest),
        ("x-forwarded-client-cert", CertificateFormat::Xfcc, hash),
    ];
    for (header, format, sends) in single {
        for element in [CertificateElement::First, CertificateElement::Last] {
            let settings = settings(header).with_format(format);
            let bound = Bound::behind_proxy_with(settings.clone().with_element(element));
            let list = own_place(element, (sends(&bound.identity), sends(&other)));
            bound.arrive(Some(PROXY), &[(header, &list)]).await.assert_passed();
            let reversed = own_place(element, (sends(&other), sends(&bound.identity)));
            let answer = bound.arrive(Some(PROXY), &[(header, &reversed)]).await;
            answer.assert_invalid_token(Reason::CertificateMismatch);

            let bound = Bound::behind_proxy_with(settings);
            let list = own_place(element, (sends(&bound.identity), sends(&other)));
            let answer = bound.arrive(Some(PROXY), &[(header, &list)]).await;
            answer.assert_invalid_token(Reason::CertificateMismatch);
        }
    }
}

#[tokio::test]
async fn a_proxy_at_a_unix_socket_tells_it_where_that_is_trusted() {
    let bound = Bound::with(|settings| {
        settings
            .trust_unix_sockets()
            .with_certificate(CertificateSettings::new().with_header("x-forwarded-client-cert"))
    });
    let hash = hash(&bound.identity);
    bound.arrive(None, &[("x-forwarded-client-cert", &hash)]).await.assert_passed();
    let answer = bound.arrive(Some(STRANGER), &[("x-forwarded-client-cert", &hash)]).await;
    answer.assert_invalid_token(Reason::CertificateMissing);
}
