//! From what is configured of an issuer's keys to their source, or everything that is wrong with it.

use std::fs;
use std::sync::Arc;

use url::Url;

use crate::error::Problems;
use crate::issuer::Issuer;
use crate::issuer::KeyLocation;
use crate::issuer::Template;
use crate::keys::Fetch;
use crate::keys::KeySource;
use crate::keys::Location;
use crate::keys::Place;
use crate::keys::PlainHttp;
use crate::keys::RemoteKeys;
use crate::keys::Start;
use crate::keys::StaticKeys;
use crate::keys::Way;
use crate::keys::is_fetchable;
use crate::keys::may_be_public;
use crate::keys::origin_of;
use crate::verifier::surroundings::Surroundings;
use crate::verifier::transport::Security;

/// `None`, with every problem told, if anything is wrong. `template` is what the issuer was made of, or is.
pub(super) fn build(
    issuer: &Issuer,
    template: Option<&Template>,
    path: &str,
    surroundings: &Surroundings,
    problems: &mut Problems,
) -> Option<Arc<dyn KeySource>> {
    let mut wrong = |name: &str, message: &str| problems.add(format!("{path}.{name}"), message);
    let locations = match issuer.key_locations.as_slice() {
        [] => &[KeyLocation::Discovery][..],
        given => given,
    };
    for second in locations.iter().skip(1) {
        wrong(second.name(), "is a second source of keys; there must be one");
    }
    let fetch_base = fetch_base(issuer, locations, &mut wrong);
    let security = security(issuer, locations, fetch_base.as_ref().and_then(Option::as_ref));
    let fetch = surroundings.transport.of(issuer, security, &surroundings.settings, &mut wrong);
    check_token_file(issuer, &mut wrong);
    if issuer.is_found_at_run_time() && !is_static(issuer) {
        check_found(issuer, locations, &mut wrong);
    }
    let sources: Vec<_> = locations
        .iter()
        .map(|location| match static_keys(issuer, location, surroundings.settings.max_keys) {
            Some(Ok(keys)) => Some(Arc::new(keys) as Arc<dyn KeySource>),
            Some(Err(message)) => {
                wrong(location.name(), &message);
                None
            }
            None => {
                let start = start(issuer, location, fetch_base.as_ref().and_then(Option::as_ref), &mut wrong)?;
                remote_keys(issuer, template, start, (fetch_base.clone()?, fetch.clone()?), surroundings)
            }
        })
        .collect();
    sources.into_iter().next().flatten()
}

/// What the first document is fetched over; the address itself is judged elsewhere.
fn security(issuer: &Issuer, locations: &[KeyLocation], fetch_base: Option<&Url>) -> Security {
    let is_plain = |location: &KeyLocation| {
        let url = Url::parse(location.url().unwrap_or(&issuer.issuer)).ok()?;
        let is_issuers_own = origin_of(&issuer.issuer) == Some(url.origin());
        Some(fetch_base.filter(|_| is_issuers_own).unwrap_or(&url).scheme() == "http")
    };
    if locations.iter().all(|location| is_plain(location) == Some(true)) { Security::PlainHttp } else { Security::Tls }
}

/// Whether nothing is fetched for this issuer.
pub(super) fn is_static(issuer: &Issuer) -> bool {
    let is_static = |location: &KeyLocation| match location {
        KeyLocation::Jwks(_) | KeyLocation::JwksFile(_) | KeyLocation::Pem(_) => true,
        KeyLocation::Discovery | KeyLocation::DiscoveryUrl(_) | KeyLocation::JwksUri(_) => false,
    };
    !issuer.key_locations.is_empty() && issuer.key_locations.iter().all(is_static)
}

/// `None` for keys that are fetched.
fn static_keys(issuer: &Issuer, location: &KeyLocation, max_keys: usize) -> Option<Result<StaticKeys, String>> {
    match location {
        KeyLocation::Jwks(text) => Some(StaticKeys::from_jwks(&issuer.issuer, text, max_keys)),
        KeyLocation::JwksFile(file) => Some(StaticKeys::from_file(&issuer.issuer, file, max_keys)),
        KeyLocation::Pem(text) => Some(StaticKeys::from_pem(&issuer.issuer, text)),
        KeyLocation::Discovery | KeyLocation::DiscoveryUrl(_) | KeyLocation::JwksUri(_) => None,
    }
}

fn remote_keys(
    issuer: &Issuer,
    template: Option<&Template>,
    start: Start,
    (fetch_base, (fetch, way)): (Option<Url>, (Arc<dyn Fetch>, Way)),
    surroundings: &Surroundings,
) -> Option<Arc<dyn KeySource>> {
    let location = Location {
        issuer: issuer.issuer.clone(),
        origin: origin_of(&issuer.issuer),
        template: template.cloned(),
        named_by: issuer.named_by,
        start,
        fetch_base,
        plain_http: plain_http(issuer),
        bearer_token_file: issuer.bearer_token_file.clone(),
    };
    let Surroundings { settings, clock, store, pool, .. } = surroundings;
    let place = Place::new(&location, settings, way, clock, store.as_ref());
    let keys =
        pool.keys(place, || RemoteKeys::new(location, settings.clone(), fetch, Arc::clone(clock), store.clone()));
    let saved = surroundings.snapshots.get(&issuer.issuer);
    Some(Arc::new(keys.of(&issuer.issuer).seeded(saved)))
}

/// What only an issuer that the operator has named may have.
fn check_found(issuer: &Issuer, locations: &[KeyLocation], wrong: &mut dyn FnMut(&str, &str)) {
    if issuer.fetch_base_url.is_some() {
        wrong("fetch_base_url", "is not for an issuer found at run time, which has no address but its public one");
    }
    if issuer.insecure_http {
        wrong("insecure_http", "is not for an issuer found at run time");
    }
    if issuer.bearer_token_file.is_some() {
        wrong("bearer_token_file", "is not for an issuer found at run time, which would see the token");
    }
    // What is wrong with any issuer that has this name is told by its rules.
    let is_named_rightly = |url: &Url| is_fetchable(url, PlainHttp::Loopback);
    if locations.contains(&KeyLocation::Discovery)
        && let Ok(url) = Url::parse(&issuer.issuer)
        && is_named_rightly(&url)
        && !is_fetchable_for(issuer, &url)
    {
        wrong("issuer", NOT_PUBLIC);
    }
}

fn check_token_file(issuer: &Issuer, wrong: &mut dyn FnMut(&str, &str)) {
    let Some(file) = &issuer.bearer_token_file else { return };
    if is_static(issuer) {
        wrong("bearer_token_file", "is of no use with static keys");
    } else if let Err(error) = fs::read_to_string(file) {
        wrong("bearer_token_file", &format!("cannot be read: {error}"));
    }
}

/// `None` if it is wrong, `Some(None)` if none is given.
fn fetch_base(issuer: &Issuer, locations: &[KeyLocation], wrong: &mut dyn FnMut(&str, &str)) -> Option<Option<Url>> {
    let Some(base) = &issuer.fetch_base_url else {
        return Some(None);
    };
    if locations.iter().any(|location| matches!(location, KeyLocation::JwksUri(_))) {
        wrong("fetch_base_url", "excludes jwks_uri, which can be the address itself");
    } else if is_static(issuer) {
        wrong("fetch_base_url", "is of no use with static keys");
    } else if let Some(origin) = bare_origin(base) {
        return Some(Some(origin));
    } else {
        wrong("fetch_base_url", "must be an origin: scheme, host and perhaps a port");
    }
    None
}

/// What is wrong with the issuer itself is told elsewhere.
fn start(
    issuer: &Issuer,
    location: &KeyLocation,
    fetch_base: Option<&Url>,
    wrong: &mut dyn FnMut(&str, &str),
) -> Option<Start> {
    let mut address = |url: &str| address(issuer, (location.name(), url), fetch_base, wrong);
    match location {
        KeyLocation::DiscoveryUrl(url) => address(url).map(Start::Metadata),
        KeyLocation::JwksUri(url) => address(url).map(Start::Keys),
        KeyLocation::Discovery | KeyLocation::JwksFile(_) | KeyLocation::Jwks(_) | KeyLocation::Pem(_) => {
            Url::parse(&issuer.issuer).ok().map(Start::WellKnown)
        }
    }
}

fn address(
    issuer: &Issuer,
    (name, text): (&str, &str),
    fetch_base: Option<&Url>,
    wrong: &mut dyn FnMut(&str, &str),
) -> Option<Url> {
    let Ok(url) = Url::parse(text) else {
        wrong(name, "must be a URL");
        return None;
    };
    let has_user = !url.username().is_empty() || url.password().is_some();
    let is_at_base = fetch_base.is_some_and(|base| base.origin() == url.origin());
    let is_fetchable = is_at_base || is_fetchable_for(issuer, &url);
    if !is_fetchable && issuer.is_found_at_run_time() {
        wrong(name, NOT_PUBLIC);
    } else if !is_fetchable {
        wrong(name, "must be https (http is for loopback hosts, or for `insecure_http = true`)");
    }
    if has_user {
        wrong(name, "must not hold a user name or password");
    }
    let has_placeholder = text.contains(['{', '}']);
    if has_placeholder {
        wrong(name, "must have no placeholder but `{tenant}`, which belongs to an issuer that has it");
    }
    if is_fetchable && !has_user && !has_placeholder { Some(url) } else { None }
}

/// Whether it may be asked, as far as that can be seen before a name is resolved.
fn is_fetchable_for(issuer: &Issuer, url: &Url) -> bool {
    is_fetchable(url, plain_http(issuer)) && (!issuer.is_found_at_run_time() || may_be_public(url))
}

fn plain_http(issuer: &Issuer) -> PlainHttp {
    match issuer.insecure_http {
        _ if issuer.is_found_at_run_time() => PlainHttp::None,
        true => PlainHttp::All,
        false => PlainHttp::Loopback,
    }
}

fn bare_origin(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let is_http = matches!(url.scheme(), "http" | "https") && url.has_host() && url.password().is_none();
    if is_plain && is_http { Some(url) } else { None }
}

const NOT_PUBLIC: &str = "must be https at a public address, because the issuer was found at run time";
