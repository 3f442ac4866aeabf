//! What the proxies in front say of a request as its client has sent it.
//!
//! Each proxy adds its word to the right of what it was sent, so only what stands right of the first address that is no
//! proxy's, and in that place itself, is a trusted proxy's word; the rest is whatever the client has made up.

mod customary;
mod standard;
mod values;

use std::borrow::Cow;

use http::Request;

use crate::field_fault::FieldFault;
use crate::peer::forwarded_fields::ForwardedFields;
use crate::peer::proxies::TrustedProxies;
use crate::peer::scheme::Scheme;

/// The host that the client asked the outermost trusted proxy for; `None` if no trusted proxy says so.
///
/// # Errors
///
/// [`FieldFault`]: whoever is in front may have understood such a request otherwise.
pub(crate) fn host<'a, B>(
    request: &'a Request<B>,
    proxies: &TrustedProxies,
) -> Result<Option<Cow<'a, str>>, FieldFault> {
    if !proxies.have_sent(request) {
        return Ok(None);
    }
    let read_standard = || checked(standard::host(request.headers(), proxies)?, "Forwarded");
    let read_customary =
        || checked(customary::host(request.headers(), proxies)?.map(Cow::Borrowed), "X-Forwarded-Host");
    let is_same = |one: &Cow<'_, str>, other: &Cow<'_, str>| crate::host::host(one) == crate::host::host(other);
    combine(proxies.fields(), read_standard, read_customary, is_same, "names another host than `X-Forwarded-Host`")
}

/// The scheme that the client used, as [`host`] the host. Not asked for where our own address says it.
///
/// # Errors
///
/// [`FieldFault`], as there.
pub(crate) fn scheme<B>(request: &Request<B>, proxies: &TrustedProxies) -> Result<Option<Scheme>, FieldFault> {
    if !proxies.have_sent(request) {
        return Ok(None);
    }
    let read_standard = || standard::scheme(request.headers(), proxies);
    let read_customary = || customary::scheme(request.headers(), proxies);
    let contradiction = "names another scheme than `X-Forwarded-Proto`";
    combine(proxies.fields(), read_standard, read_customary, Scheme::eq, contradiction)
}

fn checked<'a>(host: Option<Cow<'a, str>>, field: &'static str) -> Result<Option<Cow<'a, str>>, FieldFault> {
    match &host {
        Some(text) if crate::host::host(text).is_none() => Err(FieldFault::new(field, "has no `host[:port]`")),
        _ => Ok(host),
    }
}

/// The one account or both, as far as they are read.
fn combine<T>(
    fields: ForwardedFields,
    standard: impl FnOnce() -> Result<Option<T>, FieldFault>,
    customary: impl FnOnce() -> Result<Option<T>, FieldFault>,
    is_same: impl FnOnce(&T, &T) -> bool,
    contradiction: &'static str,
) -> Result<Option<T>, FieldFault> {
    match fields {
        ForwardedFields::XForwarded => customary(),
        ForwardedFields::Rfc7239 => standard(),
        ForwardedFields::Both => match (standard()?, customary()?) {
            (Some(one), Some(other)) if !is_same(&one, &other) => Err(FieldFault::new("Forwarded", contradiction)),
            (one, other) => Ok(one.or(other)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn combined<'a>(
        fields: ForwardedFields,
        standard: Option<&'a str>,
        customary: Option<&'a str>,
    ) -> Result<Option<&'a str>, FieldFault> {
        combine(fields, || Ok(standard), || Ok(customary), |one, other| one == other, "contradicts")
    }

    #[test]
    fn two_accounts_add_up_unless_they_contradict() {
        let both = ForwardedFields::Both;
        assert_eq!(combined(both, None, None), Ok(None));
        assert_eq!(combined(both, Some("a"), None), Ok(Some("a")));
        assert_eq!(combined(both, None, Some("a")), Ok(Some("a")));
        assert_eq!(combined(both, Some("a"), Some("a")), Ok(Some("a")));
        assert_eq!(combined(both, Some("a"), Some("b")), Err(FieldFault::new("Forwarded", "contradicts")));
    }

    #[test]
    fn only_the_family_that_is_named_is_read() {
        for (fields, value) in [(ForwardedFields::Rfc7239, "a"), (ForwardedFields::XForwarded, "b")] {
            assert_eq!(combined(fields, Some("a"), Some("b")), Ok(Some(value)), "{fields:?}");
        }
        let malformed = || Err(FieldFault::new("Forwarded", "is malformed"));
        let well_formed = || Ok(Some("a"));
        let read = |fields: ForwardedFields| combine(fields, malformed, well_formed, |_, _| true, "");
        assert_eq!(read(ForwardedFields::XForwarded), Ok(Some("a")));
        assert!(read(ForwardedFields::Rfc7239).is_err() && read(ForwardedFields::Both).is_err());
    }

    #[test]
    fn what_is_no_host_is_no_account() {
        for host in ["a/b", "a?", "a#", "u@a", "a,b", "a b", "a:0", "[::1", "_hidden:x"] {
            assert!(checked(Some(host.into()), "Forwarded").is_err(), "{host}");
        }
        assert_eq!(checked(Some("a.example:443".into()), "Forwarded"), Ok(Some("a.example:443".into())));
    }
}
