//! The values of a field that several proxies may have added to.

use http::HeaderMap;
use http::HeaderName;

/// The values of a field, in the order in which they were added; `None` for what is not text.
pub(super) fn values<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = Option<&'a str>> + use<'a> {
    headers.get_all(name).iter().map(|value| value.to_str().ok())
}
