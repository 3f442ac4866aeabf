//! `X-Forwarded-Client-Cert`, as Envoy defines it: elements separated by commas, of members separated by semicolons.

use claviger_core::ClientCertificate;

use crate::peer::certificate::digest;
use crate::peer::certificate::pem;

/// The certificates of all elements. Each proxy may add an element of its own.
///
/// # Errors
///
/// What is wrong with it, for the log.
pub(super) fn read(field: &str) -> Result<Vec<ClientCertificate>, &'static str> {
    let mut certificates = Vec::new();
    let mut element = Element::default();
    let mut rest = field;
    loop {
        let (name, behind) = rest.split_once('=').ok_or(MALFORMED)?;
        let (value, behind) = value(behind)?;
        element.take(name.trim(), value)?;
        let mut behind = behind.trim_start().chars();
        match behind.next() {
            Some(';') => {}
            Some(',') => certificates.push(std::mem::take(&mut element).certificate()?),
            Some(_) => return Err(MALFORMED),
            None => {
                certificates.push(element.certificate()?);
                return Ok(certificates);
            }
        }
        rest = behind.as_str();
    }
}

/// The members that tell a certificate.
#[derive(Default)]
struct Element {
    hash: Option<ClientCertificate>,
    certificate: Option<ClientCertificate>,
}

impl Element {
    fn take(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Err(MALFORMED);
        }
        let (place, told) = match name.to_ascii_lowercase().as_str() {
            "hash" => (&mut self.hash, digest::read(value)?),
            "cert" => match pem::read(value)?.as_slice() {
                [certificate] => (&mut self.certificate, *certificate),
                _ => return Err("its `Cert` is not one certificate"),
            },
            _ => return Ok(()),
        };
        match place.replace(told) {
            None => Ok(()),
            Some(_) => Err("it has a member twice"),
        }
    }

    fn certificate(self) -> Result<ClientCertificate, &'static str> {
        match (self.hash, self.certificate) {
            (Some(told), None) | (None, Some(told)) => Ok(told),
            (Some(hash), Some(certificate)) if hash == certificate => Ok(certificate),
            (Some(_), Some(_)) => Err("its `Hash` is not of its `Cert`"),
            (None, None) => Err("it has neither `Hash` nor `Cert`"),
        }
    }
}

/// A value, and what stands behind it.
fn value(text: &str) -> Result<(&str, &str), &'static str> {
    if let Some(quoted) = text.strip_prefix('"') {
        return end_of_quoted(quoted).map(|end| (&quoted[..end], &quoted[end + 1..]));
    }
    let (value, behind) = text.split_at(text.find([';', ',']).unwrap_or(text.len()));
    if value.contains('"') { Err(MALFORMED) } else { Ok((value.trim(), behind)) }
}

/// A backslash escapes a quote. Whether it escapes another backslash is not said, and whoever may choose a name in a
/// certificate could end the value by it, so that is refused.
fn end_of_quoted(text: &str) -> Result<usize, &'static str> {
    let mut backslashes = 0;
    for (at, byte) in text.bytes().enumerate() {
        match (byte, backslashes) {
            (b'\\', _) => backslashes += 1,
            (b'"', 0) => return Ok(at),
            (b'"', 2..) => return Err("a quote in it can be read in two ways"),
            _ => backslashes = 0,
        }
    }
    Err(MALFORMED)
}

const MALFORMED: &str = "it is malformed";

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the octets `30 03 61 62 63`, as the PEM is; by `sha256sum`.
    const HASH: &str = "Hash=131eef382b0325dafb924a34805166d2ccb93cc4a0329701735458da27a29e0d";
    const CERT: &str = "Cert=\"-----BEGIN%20CERTIFICATE-----%0AMANhYmM=%0A-----END%20CERTIFICATE-----%0A\"";

    fn expected() -> ClientCertificate {
        ClientCertificate::from_der(b"0\x03abc")
    }

    #[test]
    fn one_element_with_a_hash_or_a_certificate_is_read() {
        for field in [
            HASH.to_owned(),
            CERT.to_owned(),
            HASH.to_ascii_uppercase(),
            CERT.replace("Cert", "cert"),
            CERT.replace('"', ""),
            format!("{HASH};{CERT}"),
            format!("{CERT}; {HASH}"),
            format!("By=http://frontend.lyft.com;{HASH};URI=http://testclient.lyft.com"),
            format!("By=spiffe://a;By=spiffe://b;{HASH};DNS=a.example;DNS=b.example;Chain=\"x,y;z\""),
            format!("{HASH};Subject=\"/C=US/ST=CA/L=San Francisco/OU=Lyft/CN=Test Client\""),
            format!("Subject=\"CN=a\\\"b,O=c;Hash=d\";{HASH};URI=spiffe://a?b=c"),
            format!("Subject=\"\";{HASH}"),
            format!("Subject=\"a\\\\b\";{HASH}"),
            format!("{HASH} ; By=x"),
        ] {
            assert_eq!(read(&field), Ok(vec![expected()]), "{field}");
        }
    }

    /// Envoy's `APPEND_FORWARD`: an edge and a sidecar.
    #[test]
    fn several_elements_are_read_in_their_order() {
        let other = format!("Hash={}", "0".repeat(64));
        let expected = [expected(), ClientCertificate::from_sha256([0; 32])];
        for field in [
            format!("{HASH},{other}"),
            format!("{CERT} , {other}"),
            format!("By=spiffe://a;{HASH};Subject=\"CN=a, O=b\";URI=spiffe://c,By=spiffe://d;{other};URI=spiffe://e"),
        ] {
            assert_eq!(read(&field).as_deref(), Ok(&expected[..]), "{field}");
        }
    }

    /// An open quote would swallow what the proxy adds; then the last element would not be the proxy's.
    #[test]
    fn what_a_client_sends_before_the_element_of_its_proxy_does_not_hide_it() {
        let forged = format!("Hash={}", "0".repeat(64));
        for own in [
            format!("By=spiffe://a;{HASH};URI=spiffe://b"),
            format!("By=spiffe://a;{HASH};{CERT};Subject=\"CN=b\";URI=;DNS=b.example"),
            format!("By=spiffe://a;{HASH};Subject=\"\";URI=spiffe://b?c=\\\""),
        ] {
            assert_eq!(read(&own.replace("=\\\"", "=d")), Ok(vec![expected()]), "{own}");
            for before in
                ["", ";", ";URI=", ";Subject=\"", ";Subject=\"\\", ";Subject=\"\\\\", ";Chain=\"\";Subject=\""]
            {
                let both = read(&format!("{forged}{before},{own}"));
                assert!(both.is_err() || both.is_ok_and(|both| both.last() == Some(&expected())), "{before},{own}");
            }
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for field in [
            "x".to_owned(),
            "=".to_owned(),
            ";".to_owned(),
            ",".to_owned(),
            "By=http://frontend.lyft.com".to_owned(),
            "Hash=".to_owned(),
            "Hash=\"\"".to_owned(),
            HASH[..HASH.len() - 1].to_owned(),
            format!("{HASH}0"),
            HASH.replace("13", "+3"),
            HASH.replace("13", "gg"),
            format!("{HASH};"),
            format!("{HASH},"),
            format!("{HASH},,{HASH}"),
            format!("{HASH}, By=x"),
            format!("By=x,{HASH}"),
            format!("{HASH};{HASH}"),
            format!("{CERT};{CERT}"),
            format!("{HASH};x,{HASH}"),
            format!("{HASH};Subject=\"a"),
            format!("{HASH};Subject=\"a\"b"),
            format!("{HASH};Subject=a\"b\""),
            format!("{HASH};Subject=\"a\\\\\""),
            format!("Subject=\"a\\\\\";{HASH};URI=\"\""),
            format!("Subject=\"a\\\\\";x=\";{HASH}"),
            CERT.replace("MANh", "MA!h"),
            format!("Hash={};{CERT}", "0".repeat(64)),
            format!("{HASH};\u{e4}=x"),
        ] {
            assert!(read(&field).is_err(), "{field}");
        }
    }
}
