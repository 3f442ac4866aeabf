//! A field that holds nothing but the token, such as `Cf-Access-Jwt-Assertion`.

use std::borrow::Cow;

use http::HeaderMap;
use http::HeaderName;

use crate::credentials::Credentials;

/// Reads the one field of this name that there may be.
pub(super) fn read<'a>(name: &HeaderName, headers: &'a HeaderMap) -> Credentials<'a> {
    Credentials::bare(headers.get_all(name).iter().map(|field| Cow::Borrowed(field.as_bytes())))
}
