//! The query parameter `access_token` (RFC 6750, section 2.3).

use std::borrow::Cow;

use http::Uri;
use http::uri::PathAndQuery;
use url::form_urlencoded;

use crate::credentials::Credentials;

/// Reads the one parameter that there may be.
pub(super) fn read(uri: &Uri) -> Credentials<'_> {
    let values = segments(uri).filter_map(token).map(|token| match token {
        Cow::Borrowed(token) => Cow::Borrowed(token.as_bytes()),
        Cow::Owned(token) => Cow::Owned(token.into_bytes()),
    });
    Credentials::bare(values)
}

pub(super) fn has_token(uri: &Uri) -> bool {
    segments(uri).any(|segment| token(segment).is_some())
}

/// Takes the token off; every other byte stays. `None` if what is left is no URI, which cannot be: it was part of one.
pub(super) fn remove_token(uri: &mut Uri) -> Option<()> {
    if !has_token(uri) {
        return Some(());
    }
    let kept: Vec<_> = segments(uri).filter(|segment| token(segment).is_none()).collect();
    let target = match kept.as_slice() {
        [] => uri.path().to_owned(),
        kept => format!("{}?{}", uri.path(), kept.join("&")),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
    *uri = Uri::from_parts(parts).ok()?;
    Some(())
}

fn segments(uri: &Uri) -> impl Iterator<Item = &str> {
    uri.query().into_iter().flat_map(|query| query.split('&'))
}

/// The value, if this is the parameter; its name may be percent-encoded too.
fn token(segment: &str) -> Option<Cow<'_, str>> {
    let parameter = form_urlencoded::parse(segment.as_bytes()).next();
    parameter.filter(|(name, _)| name == "access_token").map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::NoCredentials;

    fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    #[test]
    fn the_parameter_is_found_and_decoded() {
        for text in [
            "/?access_token=a.b-c_",
            "/x?a=1&access_token=a.b-c_&b=2",
            "/?&access_token=a.b-c_&",
            "/?access%5Ftoken=a%2Eb%2dc_",
            "https://api.example.com/?access_token=a.b-c_",
            "/?Access_Token=1&xaccess_token=2&access_token[]=3&access_token=a.b-c_",
        ] {
            assert_eq!(read(&uri(text)), Credentials::Bearer("a.b-c_".into()), "{text}");
        }
    }

    #[test]
    fn twice_or_no_token_is_malformed_and_another_name_is_nothing() {
        for text in [
            "/?access_token",
            "/?access_token=",
            "/?access_token=a&access_token=a",
            "/?access_token=a&access%5ftoken=b",
            "/?access_token=a+b",
            "/?access_token=a%20b",
            "/?access_token=a%ff",
            "/?access_token=a%",
            "/?access_token=a=b",
        ] {
            assert_eq!(read(&uri(text)), Credentials::Malformed, "{text}");
        }
        for text in ["/", "/access_token=a", "/?a=access_token=b", "/?token=a", "*", "/?"] {
            assert_eq!(read(&uri(text)), Credentials::None(NoCredentials::NoField), "{text}");
        }
    }

    #[test]
    fn only_the_parameter_is_removed() {
        for (text, left) in [
            ("/p?access_token=a", "/p"),
            ("/p?a=%7e&access_token=a&b=+", "/p?a=%7e&b=+"),
            ("/p?access_token=a&a", "/p?a"),
            ("/p?a&&access_token=a&", "/p?a&&"),
            ("/p%2F;x?access%5ftoken=a&access_token=b&c", "/p%2F;x?c"),
            ("https://api.example.com:8443/p?access_token=a", "https://api.example.com:8443/p"),
            ("https://api.example.com?access_token=a", "https://api.example.com/"),
            ("/p?a=1&&", "/p?a=1&&"),
            ("*", "*"),
        ] {
            let mut uri = uri(text);
            remove_token(&mut uri).unwrap();
            assert_eq!(uri.to_string(), left, "{text}");
        }
    }
}
