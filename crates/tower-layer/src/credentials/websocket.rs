//! The WebSocket subprotocol `bearer.TOKEN` (RFC 6455, section 11.3.4).
//!
//! The one field of a WebSocket handshake that a browser's script can fill.

use std::borrow::Cow;

use http::HeaderMap;
use http::HeaderValue;
use http::Method;
use http::Request;
use http::header::SEC_WEBSOCKET_PROTOCOL;
use http::header::UPGRADE;

use crate::credentials::Credentials;
use crate::credentials::NoCredentials;

/// Reads the one subprotocol of this form that a handshake may offer.
pub(super) fn read<B>(request: &Request<B>) -> Credentials<'_> {
    if !is_handshake(request) {
        return Credentials::None(NoCredentials::NoField);
    }
    let fields = request.headers().get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    Credentials::bare(fields.flat_map(offers).filter_map(token).map(Cow::Borrowed))
}

/// Whether the request opens a WebSocket: by `Upgrade`, or by an extended `CONNECT` (RFC 8441, section 4), whose
/// `:protocol` does not show in the types of `http`, so that every `CONNECT` counts.
pub(super) fn is_handshake<B>(request: &Request<B>) -> bool {
    let is_websocket = |protocol: &[u8]| protocol.trim_ascii().eq_ignore_ascii_case(b"websocket");
    let mut upgrades = request.headers().get_all(UPGRADE).iter();
    request.method() == Method::CONNECT || upgrades.any(|field| offers(field).any(is_websocket))
}

/// Takes the token off the offer, so that nobody selects it, which would send it back. Without another offer the field
/// goes as a whole.
pub(super) fn remove_token(headers: &mut HeaderMap) {
    let fields = headers.get_all(SEC_WEBSOCKET_PROTOCOL);
    if !fields.iter().flat_map(offers).any(|offer| token(offer).is_some()) {
        return;
    }
    let kept: Vec<_> = fields.iter().filter_map(without_token).collect();
    headers.remove(SEC_WEBSOCKET_PROTOCOL);
    for field in kept {
        headers.append(SEC_WEBSOCKET_PROTOCOL, field);
    }
}

fn without_token(field: &HeaderValue) -> Option<HeaderValue> {
    let kept: Vec<_> = offers(field).filter(|offer| token(offer).is_none()).collect();
    let joined = kept.join(&b',');
    let joined = joined.trim_ascii();
    HeaderValue::from_bytes(joined).ok().filter(|_| !joined.is_empty())
}

fn offers(field: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    field.as_bytes().split(|byte| *byte == b',')
}

/// Subprotocols are compared with their case (RFC 6455, section 4.1).
fn token(offer: &[u8]) -> Option<&[u8]> {
    offer.trim_ascii().strip_prefix(b"bearer.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handshake(fields: &[&str]) -> Request<()> {
        let mut request = Request::get("/").header(UPGRADE, "WebSocket");
        for field in fields {
            request = request.header(SEC_WEBSOCKET_PROTOCOL, *field);
        }
        request.body(()).unwrap()
    }

    #[test]
    fn the_token_is_found_among_the_offers() {
        for fields in
            [&["bearer.a.b-c_"][..], &["v1, bearer.a.b-c_ ,v2"], &["v1", "bearer.a.b-c_"], &["bearer,bearer.a.b-c_"]]
        {
            assert_eq!(read(&handshake(fields)), Credentials::Bearer("a.b-c_".into()), "{fields:?}");
        }
    }

    #[test]
    fn two_tokens_or_none_behind_the_dot_are_malformed() {
        for fields in [&["bearer.a, bearer.a"][..], &["bearer.a", "bearer.b"], &["bearer."], &["bearer.\"a\""]] {
            assert_eq!(read(&handshake(fields)), Credentials::Malformed, "{fields:?}");
        }
    }

    #[test]
    fn what_is_no_handshake_or_offers_no_token_is_nothing() {
        let none = Credentials::None(NoCredentials::NoField);
        for fields in [&[][..], &["v1"], &["bearer"], &["Bearer.a"], &["xbearer.a"]] {
            assert_eq!(read(&handshake(fields)), none, "{fields:?}");
        }
        for upgrade in [None, Some("h2c"), Some("websockets")] {
            let mut request = handshake(&["bearer.a"]);
            request.headers_mut().remove(UPGRADE);
            request.headers_mut().extend(upgrade.map(|upgrade| (UPGRADE, HeaderValue::from_static(upgrade))));
            assert_eq!(read(&request), none, "{upgrade:?}");
        }
    }

    #[test]
    fn an_extended_connect_and_a_list_of_upgrades_are_handshakes() {
        let connect = Request::connect("https://api.example.com/chat").header(SEC_WEBSOCKET_PROTOCOL, "bearer.a");
        assert_eq!(read(&connect.body(()).unwrap()), Credentials::Bearer("a".into()));
        let listed = Request::get("/").header(UPGRADE, "h2c, websocket").body(()).unwrap();
        assert!(is_handshake(&listed));
    }

    #[test]
    fn only_the_token_is_taken_off_the_offer() {
        for (fields, left) in [
            (&["bearer.a"][..], &[][..]),
            (&["bearer.a, v1"], &["v1"]),
            (&["v1, bearer.a,  v2"], &["v1,  v2"]),
            (&["v1", "bearer.a", " v2 ,v3"], &["v1", "v2 ,v3"]),
            (&["bearer.a , bearer.b"], &[]),
            (&["v1 , v2"], &["v1 , v2"]),
        ] {
            let mut headers = handshake(fields).into_parts().0.headers;
            remove_token(&mut headers);
            let kept: Vec<_> = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().collect();
            assert_eq!(kept, left, "{fields:?}");
        }
    }
}
