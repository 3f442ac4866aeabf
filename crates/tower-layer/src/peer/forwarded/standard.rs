//! `Forwarded` (RFC 7239).

use std::borrow::Cow;
use std::net::IpAddr;
use std::net::Ipv6Addr;

use http::HeaderMap;
use http::header::FORWARDED;

use crate::field_fault::FieldFault;
use crate::peer::forwarded::values::values;
use crate::peer::proxies::TrustedProxies;
use crate::peer::scheme::Scheme;

/// The `host` that the outermost trusted proxy has written.
///
/// # Errors
///
/// [`FieldFault`] if the field is malformed anywhere.
pub(super) fn host<'a>(headers: &'a HeaderMap, proxies: &TrustedProxies) -> Result<Option<Cow<'a, str>>, FieldFault> {
    Ok(outermost(elements(headers)?, proxies, |element| element.host.take()))
}

/// The `proto` that the outermost trusted proxy has written.
///
/// # Errors
///
/// [`FieldFault`] if the field is malformed anywhere, or the scheme is none of HTTP.
pub(super) fn scheme(headers: &HeaderMap, proxies: &TrustedProxies) -> Result<Option<Scheme>, FieldFault> {
    let scheme = outermost(elements(headers)?, proxies, |element| element.scheme.take());
    scheme.map(|scheme| Scheme::read(&scheme).ok_or(FieldFault::new(SPELLED, Scheme::WRONG))).transpose()
}

/// What the outermost trusted proxy has written that has written it.
fn outermost<'a, T>(
    elements: Vec<Element<'a>>,
    proxies: &TrustedProxies,
    take: impl Fn(&mut Element<'a>) -> Option<T>,
) -> Option<T> {
    let mut outermost = None;
    for mut element in elements.into_iter().rev() {
        outermost = take(&mut element).or(outermost);
        // Whoever added what stands left of this is at that address.
        if !element.client.and_then(|node| address(&node)).is_some_and(|client| proxies.hold(client)) {
            break;
        }
    }
    outermost
}

fn elements(headers: &HeaderMap) -> Result<Vec<Element<'_>>, FieldFault> {
    let mut elements = Vec::new();
    for value in values(headers, &FORWARDED) {
        let value = value.ok_or_else(|| FieldFault::new(SPELLED, "is not text"))?;
        read(value, &mut elements).ok_or(FieldFault::new(SPELLED, "is malformed (RFC 7239, section 4)"))?;
    }
    Ok(elements)
}

/// What one proxy has said.
#[derive(Debug, Default, Eq, PartialEq)]
struct Element<'a> {
    /// `for`.
    client: Option<Cow<'a, str>>,
    host: Option<Cow<'a, str>>,
    /// `proto`.
    scheme: Option<Cow<'a, str>>,
}

/// `forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )`, of which the field is a list (section 4).
/// `None` if it is malformed.
fn read<'a>(field: &'a str, elements: &mut Vec<Element<'a>>) -> Option<()> {
    let mut element = None::<Element<'_>>;
    let mut rest = field.trim_start_matches(BLANKS);
    loop {
        if rest.starts_with(|first| !matches!(first, ';' | ',')) {
            let (name, behind) = rest.split_once('=').filter(|(name, _)| is_token(name))?;
            let (value, behind) = value(behind)?;
            element.get_or_insert_default().take(name, value)?;
            rest = behind.trim_start_matches(BLANKS);
        }
        let mut behind = rest.chars();
        match behind.next() {
            Some(';') => {}
            // An empty element of a list is none (RFC 9110, section 5.6.1).
            Some(',') => elements.extend(element.take()),
            Some(_) => return None,
            None => {
                elements.extend(element);
                return Some(());
            }
        }
        rest = behind.as_str().trim_start_matches(BLANKS);
    }
}

impl<'a> Element<'a> {
    /// A parameter stands there once (section 4), and has no case.
    fn take(&mut self, name: &str, value: Cow<'a, str>) -> Option<()> {
        let places = [("for", &mut self.client), ("host", &mut self.host), ("proto", &mut self.scheme)];
        let place = places.into_iter().find(|(own, _)| name.eq_ignore_ascii_case(own));
        match place.and_then(|(_, place)| place.replace(value)) {
            None => Some(()),
            Some(_) => None,
        }
    }
}

/// A token or a quoted string (RFC 9110, sections 5.6.2 and 5.6.4), and what stands behind it.
fn value(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|character| !is_bare(character)).unwrap_or(text.len());
        return if end == 0 { None } else { Some((text[..end].into(), &text[end..])) };
    };
    let mut unescaped = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((unescaped.into(), &quoted[at + 1..])),
            '\\' => unescaped.push(characters.next()?.1),
            character => unescaped.push(character),
        }
    }
    None
}

/// `node = nodename [ ":" node-port ]` (section 6), where it is an address: `unknown` and obfuscated identifiers tell of
/// nobody that can be trusted.
pub(super) fn address(node: &str) -> Option<IpAddr> {
    if let Some(bracketed) = node.strip_prefix('[') {
        let (address, port) = bracketed.split_once(']')?;
        let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_node_port);
        return address.parse::<Ipv6Addr>().ok().filter(|_| is_port).map(IpAddr::V6);
    }
    let (address, port) = node.split_once(':').map_or((node, None), |(address, port)| (address, Some(port)));
    address.parse().ok().filter(|address: &IpAddr| address.is_ipv4() && port.is_none_or(is_node_port))
}

/// Digits, or an obfuscated port.
fn is_node_port(port: &str) -> bool {
    let is_number = (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
    is_number || port.strip_prefix('_').is_some_and(is_token)
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_token_character)
}

fn is_token_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}

/// Many proxies leave out the quotes that addresses and ports need.
fn is_bare(character: char) -> bool {
    is_token_character(character) || matches!(character, ':' | '[' | ']')
}

const BLANKS: [char; 2] = [' ', '\t'];
const SPELLED: &str = "Forwarded";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::network;

    fn parsed(field: &str) -> Option<Vec<Element<'_>>> {
        let mut elements = Vec::new();
        read(field, &mut elements).map(|()| elements)
    }

    fn element<'a>(client: &'a str, host: Option<&'a str>, scheme: Option<&'a str>) -> Element<'a> {
        let client = (!client.is_empty()).then(|| client.into());
        Element { client, host: host.map(Into::into), scheme: scheme.map(Into::into) }
    }

    /// RFC 7239, sections 4 and 7.1, and others.
    #[test]
    fn elements_are_read() {
        for (field, expected) in [
            ("for=\"_gazonk\"", vec![element("_gazonk", None, None)]),
            ("For=\"[2001:db8:cafe::17]:4711\"", vec![element("[2001:db8:cafe::17]:4711", None, None)]),
            ("for=192.0.2.60;proto=http;by=203.0.113.43", vec![element("192.0.2.60", None, Some("http"))]),
            (
                "for=192.0.2.43, for=198.51.100.17",
                vec![element("192.0.2.43", None, None), element("198.51.100.17", None, None)],
            ),
            (
                "for=192.0.2.43,for=\"[2001:db8:cafe::17]\",for=unknown",
                vec![
                    element("192.0.2.43", None, None),
                    element("[2001:db8:cafe::17]", None, None),
                    element("unknown", None, None),
                ],
            ),
            ("for=_hidden, for=_SEVKISEK", vec![element("_hidden", None, None), element("_SEVKISEK", None, None)]),
            ("for=192.0.2.1:80;host=a.example:8443", vec![element("192.0.2.1:80", Some("a.example:8443"), None)]),
            ("for=\"192.0.2.1:_x\"; host=\"a\\.example\"", vec![element("192.0.2.1:_x", Some("a.example"), None)]),
            ("host=\"a,b;c=\\\"d\"", vec![element("", Some("a,b;c=\"d"), None)]),
            (
                " ;for=192.0.2.1; ,, PROTO=https;;",
                vec![element("192.0.2.1", None, None), element("", None, Some("https"))],
            ),
            ("x=1;x=2;by=a, y=3", vec![Element::default(), Element::default()]),
            ("", vec![]),
            (", ,", vec![]),
        ] {
            assert_eq!(parsed(field), Some(expected), "{field}");
        }
    }

    #[test]
    fn what_is_malformed_is_refused_wherever_it_stands() {
        for field in [
            "x",
            "for",
            "for=",
            "=a",
            "for =a",
            "for= a",
            "for=a b",
            "for=a\"b\"",
            "for=\"a",
            "for=\"a\\",
            "for=\"a\"b",
            "for=2001@db8",
            "for=a;for=b",
            "host=a;HOST=a",
            "f\u{f6}r=a",
            "for=\", for=192.0.2.1",
            "for=a, for=192.0.2.1;x",
        ] {
            assert_eq!(parsed(field), None, "{field}");
        }
    }

    #[test]
    fn a_node_is_an_address_or_tells_of_nobody() {
        for (node, expected) in [
            ("192.0.2.1", Some("192.0.2.1")),
            ("192.0.2.1:80", Some("192.0.2.1")),
            ("[::1]", Some("::1")),
            ("[::1]:_p", Some("::1")),
            ("::1", None),
            ("[::1", None),
            ("[::1]80", None),
            ("[192.0.2.1]", None),
            ("192.0.2.1:", None),
            ("192.0.2.1:123456", None),
            ("192.0.2.1:http", None),
            ("unknown", None),
            ("_a", None),
            ("", None),
        ] {
            assert_eq!(address(node), expected.map(|expected| expected.parse().unwrap()), "{node}");
        }
    }

    #[test]
    fn the_word_of_the_outermost_trusted_proxy_counts() {
        let proxies = TrustedProxies::of_networks(vec![network("10.0.0.0/8").unwrap()]);
        let ask = |fields: &[&str]| {
            let fields: HeaderMap = fields.iter().map(|field| (FORWARDED, field.parse().unwrap())).collect();
            let host = host(&fields, &proxies)?.map(Cow::into_owned);
            Ok::<_, FieldFault>((host, scheme(&fields, &proxies)?.map(Scheme::as_str)))
        };
        let said = |host: &str, scheme| Ok((Some(host.to_owned()), Some(scheme)));
        for fields in [
            &["for=192.0.2.1;host=a.example;proto=https"][..],
            &["for=192.0.2.1;host=a.example;proto=https, for=10.0.0.1;host=inner;proto=http"],
            &["for=192.0.2.1;host=a.example;proto=https", "for=10.0.0.1;host=inner;proto=http"],
            &["host=evil;proto=http, for=192.0.2.1;host=a.example;proto=https, for=10.0.0.1"],
            &["for=192.0.2.9;host=evil, for=192.0.2.1;host=a.example;proto=https, for=10.0.0.1;host=inner"],
            &["for=10.0.0.2;host=evil;proto=ftp, host=a.example;proto=https"],
            &["for=10.0.0.2;host=evil, for=unknown;host=a.example;proto=https"],
            &["for=10.0.0.2;host=evil, for=_10;host=a.example;proto=https"],
            &["for=192.0.2.1, for=10.0.0.1;host=a.example;proto=https"],
            &["for=10.0.0.3;host=a.example;proto=https, for=\"[::ffff:10.0.0.1]\";host=inner"],
        ] {
            assert_eq!(ask(fields), said("a.example", "https"), "{fields:?}");
        }
        assert_eq!(ask(&[]), Ok((None, None)));
        assert_eq!(ask(&["for=192.0.2.1"]), Ok((None, None)));
        assert_eq!(ask(&["for=10.0.0.1;proto=https, for=10.0.0.2;proto=ftp"]), Ok((None, Some("https"))));
        assert!(ask(&["for=192.0.2.1;proto=ftp"]).is_err());
        assert!(ask(&["x", "for=192.0.2.1"]).is_err());
    }
}
