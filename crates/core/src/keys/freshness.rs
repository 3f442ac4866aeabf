//! How long an answer says that it is fresh (RFC 9111, section 4.2), for a private cache.
//!
//! Read here and not by http-cache-semantics: that compares directive names by case, takes an overflowing `max-age`
//! for zero, and cannot tell an answer that states no lifetime from one that states zero.

use std::time::Duration;

use http::HeaderMap;
use http::header;
use http::header::HeaderName;

/// What is left of the lifetime that the answer states, its `Age` taken off; `None` if it states none.
///
/// `no-store` and `no-cache` come out as zero: the policy raises that to its minimum, because a fetch for each request
/// would serve nobody.
pub(crate) fn lifetime(headers: &HeaderMap) -> Option<Duration> {
    let stated = cache_control(headers).or_else(|| expires(headers))?;
    Some(stated.saturating_sub(age(headers)))
}

/// Whether the answer may be kept outside of this process (section 5.2.2.5).
pub(crate) fn is_storable(headers: &HeaderMap) -> bool {
    !directives(headers).any(|directive| directive.trim().eq_ignore_ascii_case("no-store"))
}

/// Sections 5.2.2.1, 5.2.2.4 and 5.2.2.5; names in any case, arguments quoted or not (section 5.2).
fn cache_control(headers: &HeaderMap) -> Option<Duration> {
    let mut max_age = None;
    for directive in directives(headers) {
        let (name, argument) = directive.split_once('=').unwrap_or((directive, ""));
        let argument = argument.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => return Some(Duration::ZERO),
            // Two different lifetimes, or one that is no number, make the answer stale (section 4.2.1).
            "max-age" if max_age.is_some_and(|other| other != delta_seconds(argument)) => return Some(Duration::ZERO),
            "max-age" => max_age = Some(delta_seconds(argument)),
            _ => {}
        }
    }
    max_age.map(|stated| stated.unwrap_or(Duration::ZERO))
}

fn directives(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
}

/// Section 5.3: an invalid date, above all `0`, is in the past.
fn expires(headers: &HeaderMap) -> Option<Duration> {
    let date = |name: HeaderName| httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok();
    headers.get(header::EXPIRES)?;
    let left = match (date(header::EXPIRES), date(header::DATE)) {
        (Some(expires), Some(date)) => expires.duration_since(date).unwrap_or_default(),
        _ => Duration::ZERO,
    };
    Some(left)
}

/// How long a cache has had the answer (section 5.1): of a list the first, and nothing if that is no number.
pub(crate) fn age(headers: &HeaderMap) -> Duration {
    let field = headers.get(header::AGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first = field.split(',').next().unwrap_or_default();
    delta_seconds(first.trim()).unwrap_or_default()
}

/// Section 1.2.2: a number too large to hold is the largest there is.
fn delta_seconds(digits: &str) -> Option<Duration> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(Duration::from_secs(digits.parse().unwrap_or(LARGEST).min(LARGEST)))
}

const LARGEST: u64 = 1 << 31;

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn of(fields: &[(&'static str, &'static str)]) -> Option<u64> {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        lifetime(&headers).map(|lifetime| lifetime.as_secs())
    }

    #[test]
    fn an_answer_that_states_no_lifetime_has_none() {
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[("etag", "\"1\""), ("cache-control", "public"), ("age", "5")]), None);
    }

    #[test]
    fn max_age_counts_for_a_private_cache() {
        assert_eq!(of(&[("cache-control", "max-age=600")]), Some(600));
        assert_eq!(of(&[("cache-control", "public, MAX-AGE=\"600\", x=y")]), Some(600));
        assert_eq!(of(&[("cache-control", "s-maxage=60, max-age=600")]), Some(600));
        assert_eq!(of(&[("cache-control", "max-age=600"), ("expires", "0")]), Some(600));
        assert_eq!(of(&[("cache-control", "max-age=100000000000000000000")]), Some(LARGEST));
    }

    #[test]
    fn contradictions_and_nonsense_are_stale() {
        assert_eq!(of(&[("cache-control", "max-age=600, max-age=60")]), Some(0));
        assert_eq!(of(&[("cache-control", "max-age=600"), ("cache-control", "max-age=600")]), Some(600));
        assert_eq!(of(&[("cache-control", "max-age=1.5")]), Some(0));
        assert_eq!(of(&[("cache-control", "max-age")]), Some(0));
        assert_eq!(of(&[("cache-control", "no-store")]), Some(0));
        assert_eq!(of(&[("cache-control", "No-Cache, max-age=600")]), Some(0));
    }

    #[test]
    fn no_store_is_not_stored_in_any_case() {
        let of = |value| is_storable(&HeaderMap::from_iter([(header::CACHE_CONTROL, HeaderValue::from_static(value))]));
        assert!(of("max-age=600, no-cache"));
        assert!(!of("private, No-Store") && !of("no-store"));
        assert!(is_storable(&HeaderMap::new()));
    }

    #[test]
    fn expires_counts_from_the_date_of_the_answer() {
        let date = ("date", "Tue, 15 Nov 1994 08:12:31 GMT");
        assert_eq!(of(&[date, ("expires", "Tue, 15 Nov 1994 08:22:31 GMT")]), Some(600));
        assert_eq!(of(&[date, ("expires", "Tue, 15 Nov 1994 08:12:30 GMT")]), Some(0));
        assert_eq!(of(&[date, ("expires", "0")]), Some(0));
    }

    #[test]
    fn the_age_is_taken_off_if_it_is_one() {
        assert_eq!(of(&[("cache-control", "max-age=600"), ("age", "500")]), Some(100));
        assert_eq!(of(&[("cache-control", "max-age=600"), ("age", "500, 1")]), Some(100));
        assert_eq!(of(&[("cache-control", "max-age=600"), ("age", "700")]), Some(0));
        assert_eq!(of(&[("cache-control", "max-age=600"), ("age", "-1")]), Some(600));
    }
}
