//! What names a host in a field or a configuration.

use http::uri::Authority;
use url::Url;

/// `host[:port]` of RFC 9110, section 7.2, in its plain form: what a URL parser would have to change is none.
pub(crate) fn host(text: &str) -> Option<Url> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    let authority: Authority = text.parse().ok().filter(|_| text.bytes().all(is_plain))?;
    let url = Url::parse(&format!("https://{authority}")).ok()?;
    let port = authority.port().map_or_else(String::new, |port| format!(":{}", port.as_u16()));
    let is_whole = format!("{}{port}", authority.host()) == text && authority.port_u16() != Some(0);
    let is_same = url.host_str().is_some_and(|host| host.eq_ignore_ascii_case(authority.host()));
    (is_whole && is_same).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_may_have_a_port_and_nothing_else() {
        for (text, origin) in [
            ("api.example.com", "https://api.example.com"),
            ("API.example.com", "https://api.example.com"),
            ("api.example.com:443", "https://api.example.com"),
            ("api.example.com:8443", "https://api.example.com:8443"),
            ("localhost", "https://localhost"),
            ("127.0.0.1:3000", "https://127.0.0.1:3000"),
            ("[::1]:3000", "https://[::1]:3000"),
        ] {
            assert_eq!(host(text).unwrap().origin().ascii_serialization(), origin, "{text}");
        }
        for text in [
            "",
            " ",
            "*",
            "*.example.com",
            "https://api.example.com",
            "api.example.com/",
            "user@api.example.com",
            "api.example.com:",
            "api.example.com:0",
            "api.example.com:070",
            "api.example.com:65536",
            "api.example.com:x",
            "a,b",
            "a b",
            "a\tb",
            "a\\b",
            "a%2eb",
            "0x7f.1",
            "::1",
            "[::1",
            "[0:0::1]",
            ":443",
            "ä.example",
        ] {
            assert_eq!(host(text), None, "{text}");
        }
    }
}
