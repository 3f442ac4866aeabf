//! Certificates made while the test runs.

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::EcGroup;
use openssl::ec::EcKey;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::pkey::Private;
use openssl::x509::X509;
use openssl::x509::X509Name;
use openssl::x509::extension::BasicConstraints;
use openssl::x509::extension::SubjectAlternativeName;

/// A certificate and its key, signed by `authority` or by itself.
pub(crate) struct Identity {
    pub(crate) certificate: X509,
    pub(crate) key: PKey<Private>,
}

impl Identity {
    pub(crate) fn new(name: &str, authority: Option<&Self>) -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let mut subject = X509Name::builder().unwrap();
        subject.append_entry_by_text("CN", name).unwrap();
        let subject = subject.build();
        let mut certificate = X509::builder().unwrap();
        certificate.set_version(2).unwrap();
        certificate.set_serial_number(&BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap()).unwrap();
        certificate.set_subject_name(&subject).unwrap();
        certificate.set_issuer_name(authority.map_or(&subject, |by| by.certificate.subject_name())).unwrap();
        certificate.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
        certificate.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
        certificate.set_pubkey(&key).unwrap();
        let extension = match authority {
            None => BasicConstraints::new().critical().ca().build().unwrap(),
            Some(_) => {
                let context = certificate.x509v3_context(None, None);
                SubjectAlternativeName::new().ip("127.0.0.1").dns("localhost").build(&context).unwrap()
            }
        };
        certificate.append_extension(extension).unwrap();
        certificate.sign(authority.map_or(&key, |by| &by.key), MessageDigest::sha256()).unwrap();
        Self { certificate: certificate.build(), key }
    }
}
