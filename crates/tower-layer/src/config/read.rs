//! A whole configuration file.

use std::cell::RefCell;
use std::rc::Rc;

use claviger_core::Issuer;
use claviger_core::ScopeHierarchy;
use claviger_core::Scopes;
use claviger_core::error::Problems;
use serde::Deserialize;
use serde::Deserializer;
use serde_json::Value;

use crate::config::AuthConfigBuilder;
use crate::config::address;
use crate::config::answers;
use crate::config::certificate;
use crate::config::dpop;
use crate::config::issuer;
use crate::config::keys;
use crate::config::proxies;
use crate::config::resource;
use crate::config::section::Section;
use crate::config::sources;

/// # Configuration files
impl AuthConfigBuilder {
    /// Begins with what stands in a file of any self-describing serde format, so that code can add what no file can
    /// say: a resolver, a check, a responder, a clock, a [`Fetch`](crate::Fetch), stores.
    ///
    /// What code says about the same thing replaces what the file says. What is wrong with the file is reported by
    /// [`build`](Self::build), together with what is wrong with the code.
    ///
    /// ```
    /// use claviger::AuthConfigBuilder;
    /// use claviger::CheckVerdict;
    /// use claviger::VerifiedToken;
    /// use serde_json::json;
    ///
    /// let file = json!({
    ///     "issuers": [{ "issuer": "https://tenant.example.com/", "audiance": "https://api.example.com" }],
    /// });
    /// let error = AuthConfigBuilder::read(file)
    ///     .with_check(async |_: VerifiedToken| Ok(CheckVerdict::Allow))
    ///     .with_realm("")
    ///     .build()
    ///     .unwrap_err();
    /// let paths: Vec<_> = error.problems().iter().map(|problem| problem.path()).collect();
    /// assert_eq!(paths, ["issuers[0].audience", "issuers[0].audiance", "realm"]);
    /// assert_eq!(error.problems()[1].message(), "unknown member `audiance`; did you mean `audience`?");
    /// ```
    pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Self {
        match Value::deserialize(deserializer) {
            Ok(value) => of_value(value),
            Err(error) => unreadable(first_line(&error.to_string())),
        }
    }
}

/// As a part of a larger configuration. Only a document that is malformed fails here; everything else that is wrong is
/// reported by [`build`](AuthConfigBuilder::build).
impl<'de> Deserialize<'de> for AuthConfigBuilder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(of_value)
    }
}

/// What is wrong stays in the builder.
pub(super) fn of_value(value: Value) -> AuthConfigBuilder {
    let problems = Rc::default();
    let builder = sections(Section::root(value, Rc::clone(&problems)));
    builder.with_problems(RefCell::take(&problems))
}

/// A builder of a file that could not be read at all. An issuer stands in, because none was left out.
pub(super) fn unreadable(message: &str) -> AuthConfigBuilder {
    let mut problems = Problems::default();
    problems.add("configuration", message);
    AuthConfigBuilder::new([stand_in("configuration")]).with_problems(problems)
}

/// Parsers of some formats print the line of the file below their message, and that line may hold a secret.
fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn stand_in(place: &str) -> Issuer {
    Issuer::new(issuer::absent(place), issuer::absent("audience"))
}

fn sections(mut root: Section) -> AuthConfigBuilder {
    let mut builder = AuthConfigBuilder::new(issuers(&mut root));
    if let Some(realm) = root.text("realm") {
        builder = builder.with_realm(realm);
    }
    if root.flag("optional") == Some(true) {
        builder = builder.allow_anonymous();
    }
    if root.flag("keep_presented_token") == Some(true) {
        builder = builder.keep_presented_token();
    }
    if let Some(bytes) = root.count("max_token_bytes") {
        builder = builder.with_max_token_bytes(bytes);
    }
    if let Some(words) = root.some_texts("challenge_scope") {
        builder = builder.with_challenge_scope(scopes(&root, "challenge_scope", &words));
    }
    if root.flag("challenge_granted") == Some(true) {
        builder = builder.challenge_granted();
    }
    if let Some(count) = root.count("max_found_issuers") {
        builder = builder.with_max_found_issuers(count);
    }
    if let Some(resource) = resource::read(&mut root) {
        builder = builder.with_resource(resource);
    }
    if let Some(words) = root.texts("scopes_supported") {
        builder = builder.with_scopes_supported(scopes(&root, "scopes_supported", &words));
    }
    builder = sources::read(&mut root, builder);
    builder = address::read(&mut root, builder);
    builder = proxies::read(&mut root, builder);
    builder = answers::read(&mut root, builder);
    if let Some(table) = root.section("scope_hierarchy") {
        builder = builder.with_scope_hierarchy(hierarchy(table));
    }
    if let Some(table) = root.section("keys") {
        builder = keys::read(table, builder);
    }
    if let Some(table) = root.section("dpop") {
        builder = builder.with_dpop(dpop::read(table));
    }
    if let Some(mut table) = root.section("cache") {
        if let Some(bytes) = table.count("max_bytes") {
            builder = builder.with_cache_bytes(bytes);
        }
        table.close();
    }
    if let Some(table) = root.section("certificate") {
        builder = builder.with_certificate(certificate::read(table));
    }
    root.close();
    builder
}

fn scopes(root: &Section, name: &str, words: &[String]) -> Scopes {
    Scopes::new(words).map_err(|error| root.problem(name, error.to_string())).unwrap_or_default()
}

/// Each member is a scope, and says which others it includes.
fn hierarchy(mut table: Section) -> ScopeHierarchy {
    let mut hierarchy = ScopeHierarchy::default();
    for broader in table.names() {
        let narrower = table.some_texts(&broader).unwrap_or_default();
        match hierarchy.clone().with(&broader, &narrower) {
            Ok(with) => hierarchy = with,
            Err(error) => table.problem(&broader, error.to_string()),
        }
    }
    hierarchy
}

/// Where what stands there is wrong already, it need not be told that an issuer is missing.
fn issuers(root: &mut Section) -> Vec<Issuer> {
    let is_given = root.has("issuers");
    let tables = root.each("issuers");
    let is_empty_list = tables.as_ref().is_some_and(Vec::is_empty) && !root.has_problems();
    let read = |(at, table): (usize, Option<Section>)| match table {
        Some(table) => issuer::read(table),
        None => stand_in(&format!("issuers[{at}]")),
    };
    let issuers: Vec<_> = tables.into_iter().flatten().enumerate().map(read).collect();
    if issuers.is_empty() && is_given && !is_empty_list { vec![stand_in("issuers")] } else { issuers }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use claviger_core::Algorithm;
    use claviger_core::AudienceRule;
    use claviger_core::ClaimPath;
    use claviger_core::KeySettings;
    use claviger_core::Profile;
    use serde_json::json;

    use super::*;
    use crate::config::CertificateSettings;
    use crate::credentials::CookieFailure;
    use crate::credentials::Preflight;
    use crate::credentials::TokenSource;
    use crate::drain::DrainSettings;
    use crate::metadata::Resource;
    use crate::peer::CertificateElement;
    use crate::peer::CertificateFormat;
    use crate::peer::ForwardedFields;
    use crate::respond::GrpcAnswers;

    /// Everything that is read shows in `Debug`; a member that did nothing would be missing there.
    #[test]
    fn each_member_does_what_its_setter_does() {
        let mut file = json!({
            "realm": "r",
            "optional": true,
            "max_token_bytes": 1000,
            "max_found_issuers": 3000,
            "scope_hierarchy": {"admin": ["write", "audit"], "write": "read"},
            "cache": {"max_bytes": 2000},
            "challenge_scope": ["a", "b"], "challenge_granted": true,
            "resource": {
                "identifier": "https://r.example", "max_age": "5m",
                "resource_name": "Reports", "resource_name#de": "Berichte",
            },
            "scopes_supported": ["c", "d"],
            "sources": ["query", {"header": "x-token"}, {"cookie": "s"}, "websocket_protocol", "authorization"],
            "cookie_failure": "anonymous", "cookie_origins": ["https://app.example"], "preflight": "pass",
            "public_url": "https://api.example", "hosts": ["api.example", "api.example:8443"],
            "trusted_proxies": ["10.0.0.0/8", "::1"], "certificate": {"header": "x-ssl-client-cert"},
            "keys": {
                "default_lifetime": "3m", "min_lifetime": "4s", "max_lifetime": "5m", "max_stale": "6s",
                "refetch_budget": 7, "refetch_interval": "8s", "timeout": "9s", "connect_timeout": "10s", "wait": "11s",
                "max_bytes": 12, "max_keys": 13,
            },
        });
        file["issuers"] = json!([{
            "issuer": "https://i.example", "audience": ["x", "y"], "audience_rule": "all", "profile": "jwt",
            "algorithms": ["ES384", "Ed25519"], "leeway": "1s", "max_token_age": 2, "allow_nonce": true,
            "required_claims": "org_id", "bind": {"app_id": ["p", "q"]},
            "access_token_claim": {"mode": "access", "tier": [1, 2]}, "ignored_confirmation": ["device_id"],
            "aliases": ["i.example", "https://i.example/"], "permissions_at": "rights",
            "roles_at": [{"elements": ["realm_access", "roles"]}, {"names": "urn:roles"}, "groups"],
            "discovery_url": "https://i.example/d", "fetch_base_url": "http://idp", "insecure_http": true,
        }, {
            "issuer": "https://j.example", "audience": "z", "audience_rule": "client_id", "profile": "identity",
            "ca_file": "ca.pem", "bearer_token_file": "token", "token_types": ["wit+jwt", "kb+jwt"],
            "jwks_uri": "https://j.example/k",
        }, {
            "issuer": "https://k.example", "audience": "z", "jwks_file": "k.json", "access_token_claim": "app_id",
        }, {
            "issuer": "https://l.example", "audience": "z", "jwks": "{}", "found_at_run_time": true,
        }, {
            "issuer": "https://m.example", "audience": "z", "pem": "-----BEGIN",
        }]);
        file["trusted_unix_sockets"] = json!(true);
        file["forwarded"] = json!("rfc7239");
        file["certificate"]["format"] = json!("der");
        file["certificate"]["element"] = json!("last");
        file["grpc"] = json!("status");
        file["drain"] = json!({"max_bytes": 14, "max_time": "15s", "max_count": 16});
        let mut keys = KeySettings::default();
        keys.default_lifetime = Duration::from_secs(180);
        keys.min_lifetime = Duration::from_secs(4);
        keys.max_lifetime = Duration::from_secs(300);
        keys.max_stale = Duration::from_secs(6);
        keys.refetch_budget = 7;
        keys.refetch_interval = Duration::from_secs(8);
        keys.timeout = Duration::from_secs(9);
        keys.connect_timeout = Duration::from_secs(10);
        keys.wait = Duration::from_secs(11);
        keys.max_bytes = 12;
        keys.max_keys = 13;
        let first = Issuer::new("https://i.example", "x")
            .add_audience("y")
            .with_audience_rule(AudienceRule::All)
            .with_profile(Profile::Jwt)
            .with_algorithms([Algorithm::Es384, Algorithm::Ed25519])
            .with_leeway(Duration::from_secs(1))
            .with_max_token_age(Duration::from_secs(2))
            .allow_nonce()
            .require_claim("org_id")
            .bind_claim("app_id", json!(["p", "q"]))
            .bind_access_token_claim("mode", "access")
            .bind_access_token_claim("tier", json!([1, 2]))
            .ignore_confirmation("device_id")
            .add_alias("i.example")
            .add_alias("https://i.example/")
            .with_permissions_at([ClaimPath::elements(["rights"])])
            .with_roles_at([
                ClaimPath::elements(["realm_access", "roles"]),
                ClaimPath::names(["urn:roles"]),
                ClaimPath::elements(["groups"]),
            ])
            .with_discovery_url("https://i.example/d")
            .with_fetch_base_url("http://idp")
            .with_insecure_http();
        let second = Issuer::new("https://j.example", "z")
            .with_audience_rule(AudienceRule::ClientId)
            .with_profile(Profile::Identity)
            .with_jwks_uri("https://j.example/k")
            .add_token_type("wit+jwt")
            .add_token_type("kb+jwt")
            .with_ca_file("ca.pem")
            .with_bearer_token_file("token");
        let in_code = AuthConfigBuilder::new([first, second])
            .add_issuer(
                Issuer::new("https://k.example", "z").with_jwks_file("k.json").with_access_token_claim("app_id"),
            )
            .add_issuer(Issuer::new("https://l.example", "z").with_jwks("{}").found_at_run_time())
            .add_issuer(Issuer::new("https://m.example", "z").with_pem("-----BEGIN"))
            .with_max_found_issuers(3000)
            .with_scope_hierarchy(
                ScopeHierarchy::default().with("admin", ["write", "audit"]).unwrap().with("write", ["read"]).unwrap(),
            )
            .with_realm("r")
            .allow_anonymous()
            .with_grpc(GrpcAnswers::Status)
            .with_drain(
                DrainSettings::default().with_max_bytes(14).with_max_time(Duration::from_secs(15)).with_max_count(16),
            )
            .with_max_token_bytes(1000)
            .with_cache_bytes(2000)
            .with_challenge_scope(Scopes::new(["a", "b"]).unwrap())
            .challenge_granted()
            .with_resource(
                Resource::new("https://r.example")
                    .with_max_age(Duration::from_secs(300))
                    .with_name("Reports")
                    .add_member("resource_name#de", "Berichte"),
            )
            .with_scopes_supported(Scopes::new(["c", "d"]).unwrap())
            .with_sources([
                TokenSource::Query,
                TokenSource::header("x-token"),
                TokenSource::cookie("s"),
                TokenSource::WebSocketProtocol,
                TokenSource::Authorization,
            ])
            .with_cookie_failure(CookieFailure::Anonymous)
            .with_cookie_origins(["https://app.example"])
            .with_preflight(Preflight::Pass)
            .with_public_url("https://api.example")
            .with_hosts(["api.example", "api.example:8443"])
            .with_trusted_proxies(["10.0.0.0/8", "::1"])
            .trust_unix_sockets()
            .with_forwarded(ForwardedFields::Rfc7239)
            .with_certificate(
                CertificateSettings::new()
                    .with_header("x-ssl-client-cert")
                    .with_format(CertificateFormat::Der)
                    .with_element(CertificateElement::Last),
            )
            .with_keys(keys);
        let problems = Rc::default();
        let read = sections(Section::root(file, Rc::clone(&problems)));
        assert!(problems.borrow().is_empty());
        assert_eq!(format!("{read:#?}"), format!("{in_code:#?}"));
    }
}
