//! The table of one issuer.

use std::str::FromStr;

use claviger_core::Algorithm;
use claviger_core::AudienceRule;
use claviger_core::Issuer;
use claviger_core::Profile;
use serde_json::Map;
use serde_json::Value;

use crate::config::places;
#[cfg(feature = "providers")]
use crate::config::provider;
use crate::config::section::Section;

/// Reads what stands there; what it means is checked when the verifier is built.
pub(crate) fn read(mut table: Section) -> Issuer {
    let Some(mut issuer) = identified(&mut table) else {
        // Nobody knows which members this provider has.
        return Issuer::new(absent(table.path()), absent("audience"));
    };
    issuer = names(&mut table, issuer);
    issuer = rules(&mut table, issuer);
    issuer = kinds(&mut table, issuer);
    issuer = claims(&mut table, issuer);
    issuer = keys(&mut table, issuer);
    table.close();
    issuer
}

/// Who it is, and for whom its tokens must be: said by a provider's name, or in full.
fn identified(table: &mut Section) -> Option<Issuer> {
    #[cfg(feature = "providers")]
    if table.has("provider") {
        return provider::read(table);
    }
    #[cfg(not(feature = "providers"))]
    if table.has("provider") {
        table.problem("provider", "needs the feature `providers` of claviger");
        return None;
    }
    let issuer = required(table, "issuer").unwrap_or_else(|| absent(table.path()));
    let audiences = audiences(table);
    Some(match audiences.split_first() {
        Some((first, rest)) => {
            rest.iter().fold(Issuer::new(issuer, first), |issuer, audience| issuer.add_audience(audience))
        }
        None => Issuer::new(issuer, absent("audience")),
    })
}

/// Stands in for what is missing, so that the rest is checked all the same; the problem is noted before.
pub(super) fn absent(place: &str) -> String {
    format!("https://{}.invalid", place.replace(['[', ']', '.'], "-"))
}

fn required(table: &mut Section, name: &str) -> Option<String> {
    if !table.has(name) {
        table.problem(name, "is missing");
    }
    table.text(name)
}

pub(super) fn audiences(table: &mut Section) -> Vec<String> {
    let is_there = table.has("audience");
    let audiences = table.texts("audience");
    match &audiences {
        None if !is_there => table.problem("audience", "is missing"),
        Some(audiences) if audiences.is_empty() => table.problem("audience", "must name at least one audience"),
        _ => {}
    }
    audiences.unwrap_or_default()
}

fn rules(table: &mut Section, mut issuer: Issuer) -> Issuer {
    if let Some(rule) = table.name::<AudienceRule>("audience_rule") {
        issuer = issuer.with_audience_rule(rule);
    }
    if let Some(profile) = table.name::<Profile>("profile") {
        issuer = issuer.with_profile(profile);
    }
    if let Some(names) = table.texts("algorithms") {
        let mut algorithms = Vec::new();
        for name in &names {
            match Algorithm::from_str(name) {
                Ok(algorithm) => algorithms.push(algorithm),
                Err(unknown) => table.problem("algorithms", format!("{name:?} {unknown}")),
            }
        }
        if algorithms.len() == names.len() {
            issuer = issuer.with_algorithms(algorithms);
        }
    }
    if let Some(leeway) = table.duration("leeway") {
        issuer = issuer.with_leeway(leeway);
    }
    if let Some(age) = table.duration("max_token_age") {
        issuer = issuer.with_max_token_age(age);
    }
    issuer
}

fn names(table: &mut Section, mut issuer: Issuer) -> Issuer {
    for alias in table.some_texts("aliases").into_iter().flatten() {
        issuer = issuer.add_alias(alias);
    }
    if table.flag("found_at_run_time") == Some(true) {
        issuer = issuer.found_at_run_time();
    }
    issuer
}

fn claims(table: &mut Section, mut issuer: Issuer) -> Issuer {
    for name in table.some_texts("required_claims").into_iter().flatten() {
        issuer = issuer.require_claim(name);
    }
    if let Some(name) = table.text("tenant_claim") {
        issuer = issuer.with_tenant_claim(name);
    }
    if let Some(tenants) = table.texts("tenants") {
        issuer = issuer.with_tenants(tenants);
    }
    if let Some(places) = places::read(table, "roles_at") {
        issuer = issuer.with_roles_at(places);
    }
    if let Some(places) = places::read(table, "permissions_at") {
        issuer = issuer.with_permissions_at(places);
    }
    match table.take("bind") {
        None => {}
        Some(Value::Object(bound)) => {
            check_bound(table, "bind", &bound);
            issuer = bound.into_iter().fold(issuer, |issuer, (name, value)| issuer.bind_claim(name, value));
        }
        Some(_) => table.problem("bind", "must be a table of claims and their values"),
    }
    issuer
}

/// What tells the kinds of tokens apart.
fn kinds(table: &mut Section, mut issuer: Issuer) -> Issuer {
    if table.flag("allow_nonce") == Some(true) {
        issuer = issuer.allow_nonce();
    }
    match table.take("access_token_claim") {
        None => {}
        Some(Value::String(name)) => issuer = issuer.with_access_token_claim(name),
        Some(Value::Object(bound)) => {
            check_bound(table, "access_token_claim", &bound);
            let bind = |issuer: Issuer, (name, value)| issuer.bind_access_token_claim(name, value);
            issuer = bound.into_iter().fold(issuer, bind);
        }
        Some(_) => {
            table.problem("access_token_claim", "must be the name of a claim, or a table of claims and their values");
        }
    }
    for typ in table.texts("token_types").into_iter().flatten() {
        issuer = issuer.add_token_type(typ);
    }
    for member in table.texts("ignored_confirmation").into_iter().flatten() {
        issuer = issuer.ignore_confirmation(member);
    }
    issuer
}

/// What is wrong with a table of claims and their values, as far as the form of the file goes.
fn check_bound(table: &Section, name: &str, bound: &Map<String, Value>) {
    if bound.is_empty() {
        table.problem(name, "must not be empty; leave it out instead");
    }
    for claim in bound.iter().filter(|(_, value)| is_date(value)).map(|(claim, _)| claim) {
        table.problem(&format!("{name}.{claim}"), "is a date, which no claim is; write it as a string");
    }
}

/// The form that toml gives dates on their way through serde.
fn is_date(value: &Value) -> bool {
    value.get("$__toml_private_datetime").is_some()
}

fn keys(table: &mut Section, mut issuer: Issuer) -> Issuer {
    if let Some(url) = table.text("discovery_url") {
        issuer = issuer.with_discovery_url(url);
    }
    if let Some(url) = table.text("jwks_uri") {
        issuer = issuer.with_jwks_uri(url);
    }
    if let Some(file) = table.text("jwks_file") {
        issuer = issuer.with_jwks_file(file);
    }
    if let Some(jwks) = table.text("jwks") {
        issuer = issuer.with_jwks(jwks);
    }
    if let Some(pem) = table.text("pem") {
        issuer = issuer.with_pem(pem);
    }
    if let Some(origin) = table.text("fetch_base_url") {
        issuer = issuer.with_fetch_base_url(origin);
    }
    if let Some(file) = table.text("ca_file") {
        issuer = issuer.with_ca_file(file);
    }
    if let Some(file) = table.text("bearer_token_file") {
        issuer = issuer.with_bearer_token_file(file);
    }
    if table.flag("insecure_http") == Some(true) {
        issuer = issuer.with_insecure_http();
    }
    issuer
}

#[cfg(all(test, not(feature = "providers")))]
mod tests {
    use serde_json::json;

    use crate::AuthConfig;

    #[test]
    fn a_provider_is_refused_by_name_where_none_is_known() {
        let file = json!({ "issuers": [{ "provider": "keycloak", "domain": "sso.example.com", "realm": "main" }] });
        let error = AuthConfig::read(file).unwrap_err();
        let [problem] = error.problems() else { panic!("{error}") };
        assert_eq!(problem.path(), "issuers[0].provider");
        assert!(problem.message().contains("`providers`"), "{problem}");
    }
}
