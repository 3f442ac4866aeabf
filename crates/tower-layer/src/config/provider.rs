//! The table of an issuer that names its provider.

use std::str::FromStr;

use claviger_core::AudienceRule;
use claviger_core::Issuer;
use claviger_core::Profile;
use claviger_providers::auth0;
use claviger_providers::authpi;
use claviger_providers::cloudflare_access;
use claviger_providers::cognito;
use claviger_providers::entra;
use claviger_providers::firebase;
use claviger_providers::github_actions;
use claviger_providers::gitlab;
use claviger_providers::google;
use claviger_providers::keycloak;
use claviger_providers::kubernetes;
use claviger_providers::okta;
use claviger_providers::one_auth;
use claviger_providers::openauth;
use claviger_providers::ory;
use claviger_providers::zitadel;

use crate::config::issuer::absent;
use crate::config::issuer::audiences;
use crate::config::section::Section;

/// A provider that the crate `claviger-providers` knows, by its name in a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Provider {
    OneAuth,
    Auth0,
    AuthPi,
    CloudflareAccess,
    Cognito,
    Entra,
    Firebase,
    GithubActions,
    Gitlab,
    Google,
    Keycloak,
    Kubernetes,
    Okta,
    OpenAuth,
    Ory,
    Zitadel,
}

/// What the provider's constructor makes of its members. What they mean is checked there, and told when the verifier is
/// built. `None`, and this is told, if there is no such provider.
pub(super) fn read(table: &mut Section) -> Option<Issuer> {
    let provider = table.name::<Provider>("provider")?;
    refuse_contradictions(provider, table);
    Some(match provider {
        Provider::OneAuth => {
            let (issuer, app_id) = (text(table, "issuer", "https://issuer.invalid"), text(table, "app_id", "invalid"));
            for_audiences(table, |audience| one_auth::issuer(issuer, audience, &app_id))
        }
        Provider::Auth0 if table.has("domains") => {
            refuse_beside(table, "domains", "domain");
            let domains = table.texts("domains").unwrap_or_else(|| vec!["domain.invalid".to_owned()]);
            for_audiences(table, |audience| auth0::issuer_of_domains(domains, audience))
        }
        Provider::Auth0 => for_domain(table, auth0::issuer),
        Provider::AuthPi if table.has("domain") => for_domain(table, authpi::custom_domain_issuer),
        Provider::AuthPi => {
            let id = text(table, "issuer_id", "i_invalid");
            for_audiences(table, |audience| authpi::issuer(&id, audience))
        }
        Provider::CloudflareAccess => {
            let team = text(table, "team", "invalid");
            for_audiences(table, |tag| cloudflare_access::issuer(&team, tag))
        }
        Provider::Cognito => cognito(table),
        Provider::Entra => entra(table),
        Provider::Firebase => firebase::issuer(&text(table, "project", "invalid")),
        Provider::GithubActions => github_actions(table),
        Provider::Gitlab => {
            let domain = table.text("domain").unwrap_or_else(|| "gitlab.com".to_owned());
            let namespace = text(table, "namespace", "invalid");
            for_audiences(table, |audience| gitlab::issuer(&domain, &namespace, audience))
        }
        Provider::Google => for_audiences(table, google::issuer),
        Provider::Keycloak => keycloak(table),
        Provider::Kubernetes if table.has("issuer") => {
            let issuer = text(table, "issuer", "https://issuer.invalid");
            for_audiences(table, |audience| kubernetes::issuer(issuer, audience))
        }
        Provider::Kubernetes => for_audiences(table, kubernetes::in_cluster_issuer),
        Provider::Okta if is_of_the_org(table) => {
            let domain = text(table, "domain", "domain.invalid");
            for_clients(table, |client| okta::org_issuer(&domain, client))
        }
        Provider::Okta => {
            let domain = text(table, "domain", "domain.invalid");
            let server = text(table, "authorization_server", "invalid");
            for_audiences(table, |audience| okta::issuer(&domain, &server, audience))
        }
        Provider::OpenAuth => {
            let issuer = text(table, "issuer", "https://issuer.invalid");
            for_audiences(table, |audience| openauth::issuer(&issuer, audience))
        }
        Provider::Ory => for_domain(table, ory::issuer),
        Provider::Zitadel => for_domain(table, zitadel::issuer),
    })
}

impl Provider {
    /// What its constructor sets.
    fn profile(self, table: &Section) -> Profile {
        match self {
            Self::Okta if is_of_the_org(table) => Profile::Identity,
            Self::AuthPi => Profile::Rfc9068,
            Self::OneAuth
            | Self::Auth0
            | Self::Cognito
            | Self::Entra
            | Self::Keycloak
            | Self::Okta
            | Self::OpenAuth
            | Self::Ory
            | Self::Zitadel => Profile::Jwt,
            Self::CloudflareAccess
            | Self::Firebase
            | Self::GithubActions
            | Self::Gitlab
            | Self::Google
            | Self::Kubernetes => Profile::Identity,
        }
    }
}

impl FromStr for Provider {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = PROVIDERS.iter().find(|(known, _)| *known == name);
        found.map(|(_, provider)| *provider).ok_or_else(|| {
            let names: Vec<_> = PROVIDERS.iter().map(|(name, _)| *name).collect();
            format!("must be one of {}", names.join(", "))
        })
    }
}

/// What may be said beside a provider is what makes its rules stricter, or leaves them as they are.
fn refuse_contradictions(provider: Provider, table: &mut Section) {
    let is_given = matches!(provider, Provider::OneAuth | Provider::OpenAuth | Provider::Kubernetes);
    if !is_given && table.take("issuer").is_some() {
        table.problem("issuer", "is decided by `provider`; one of the two must go");
    }
    if table.take("tenant_claim").is_some() {
        table.problem("tenant_claim", "is decided by `provider`");
    }
    if let Some(profile) = table.peek::<Profile>("profile") {
        let own = provider.profile(table);
        // Their tokens are marked by a claim of their own, which those of RFC 9068 need not have.
        let has_own_mark = matches!(provider, Provider::OneAuth | Provider::OpenAuth);
        let is_stricter = own == Profile::Jwt && profile == Profile::Rfc9068 && !has_own_mark;
        if profile != own && !is_stricter {
            table.take("profile");
            table.problem("profile", format!("contradicts `provider`, whose tokens need {:?}", own.as_str()));
        }
    }
    if let Some(rule) = table.peek::<AudienceRule>("audience_rule")
        && (rule == AudienceRule::ClientId) != (provider == Provider::Cognito)
    {
        table.problem("audience_rule", "contradicts `provider`: \"client_id\" is for cognito, and for it alone");
    }
}

fn cognito(table: &mut Section) -> Issuer {
    let pool = text(table, "user_pool", "invalid-1_invalid");
    if table.has("base_url") {
        refuse_beside(table, "base_url", "issuer_type");
        let base = text(table, "base_url", "https://domain.invalid");
        return for_clients(table, |client| cognito::emulator_issuer(&base, &pool, client));
    }
    match table.text("issuer_type").as_deref() {
        None | Some("original") => {}
        Some("updated") => return for_clients(table, |client| cognito::updated_issuer(&pool, client)),
        Some(_) => table.problem("issuer_type", "must be \"original\" or \"updated\""),
    }
    for_clients(table, |client| cognito::issuer(&pool, client))
}

/// Okta's org itself signs ID tokens for its clients.
fn is_of_the_org(table: &Section) -> bool {
    table.has("client_id") && !table.has("authorization_server")
}

fn for_clients(table: &mut Section, constructor: impl FnOnce(String) -> Issuer) -> Issuer {
    let is_there = table.has("client_id");
    let clients = table.texts("client_id");
    if clients.as_ref().map_or(!is_there, Vec::is_empty) {
        table.problem("client_id", "must name at least one client");
    }
    with_all(clients.unwrap_or_default(), constructor)
}

fn entra(table: &mut Section) -> Issuer {
    if table.has("tenants") && !table.has("tenant") {
        let tenants = table.texts("tenants").unwrap_or_else(|| vec![NO_TENANT.to_owned()]);
        return for_audiences(table, |audience| entra::multi_tenant_issuer(tenants, audience));
    }
    let tenant = text(table, "tenant", NO_TENANT);
    match table.text("version").as_deref() {
        None | Some("2.0") => for_audiences(table, |audience| entra::issuer(&tenant, audience)),
        Some("1.0") => for_audiences(table, |audience| entra::v1_issuer(&tenant, audience)),
        Some(_) => {
            table.problem("version", "must be \"1.0\" or \"2.0\"");
            for_audiences(table, |audience| entra::issuer(&tenant, audience))
        }
    }
}

fn github_actions(table: &mut Section) -> Issuer {
    let owner = text(table, "owner", "invalid");
    if table.has("domain") && table.has("enterprise") {
        table.problem("enterprise", "is of github.com, and `domain` of a server; one of the two must go");
    }
    match (table.text("domain"), table.text("enterprise")) {
        (Some(domain), _) => for_audiences(table, |audience| github_actions::server_issuer(&domain, &owner, audience)),
        (None, Some(enterprise)) => {
            for_audiences(table, |audience| github_actions::enterprise_issuer(&enterprise, &owner, audience))
        }
        (None, None) => for_audiences(table, |audience| github_actions::issuer(&owner, audience)),
    }
}

fn keycloak(table: &mut Section) -> Issuer {
    let realm = text(table, "realm", "invalid");
    if table.has("base_url") {
        refuse_beside(table, "base_url", "domain");
    }
    match table.text("base_url") {
        Some(base) => for_audiences(table, |audience| keycloak::issuer_under(&base, &realm, audience)),
        None => {
            let domain = text(table, "domain", "domain.invalid");
            for_audiences(table, |audience| keycloak::issuer(&domain, &realm, audience))
        }
    }
}

/// Takes `other`, which says again what `name` says.
fn refuse_beside(table: &mut Section, name: &str, other: &str) {
    if table.take(other).is_some() {
        table.problem(name, format!("says again what `{other}` says; one of the two must go"));
    }
}

fn for_domain(table: &mut Section, constructor: fn(&str, String) -> Issuer) -> Issuer {
    let domain = text(table, "domain", "domain.invalid");
    for_audiences(table, |audience| constructor(&domain, audience))
}

fn for_audiences(table: &mut Section, constructor: impl FnOnce(String) -> Issuer) -> Issuer {
    with_all(audiences(table), constructor)
}

/// Where there is none that is told, and the rest is checked all the same.
fn with_all(audiences: Vec<String>, constructor: impl FnOnce(String) -> Issuer) -> Issuer {
    let mut audiences = audiences.into_iter();
    let issuer = constructor(audiences.next().unwrap_or_else(|| absent("audience")));
    audiences.fold(issuer, Issuer::add_audience)
}

/// A member that must be there; `stand_in` is right, so that the problem is told once.
fn text(table: &mut Section, name: &str, stand_in: &str) -> String {
    if !table.has(name) {
        table.problem(name, "is missing, and this provider needs it");
    }
    table.text(name).unwrap_or_else(|| stand_in.to_owned())
}

const NO_TENANT: &str = "00000000-0000-0000-0000-000000000000";

const PROVIDERS: [(&str, Provider); 16] = [
    ("1auth", Provider::OneAuth),
    ("auth0", Provider::Auth0),
    ("authpi", Provider::AuthPi),
    ("cloudflare_access", Provider::CloudflareAccess),
    ("cognito", Provider::Cognito),
    ("entra", Provider::Entra),
    ("firebase", Provider::Firebase),
    ("github_actions", Provider::GithubActions),
    ("gitlab", Provider::Gitlab),
    ("google", Provider::Google),
    ("keycloak", Provider::Keycloak),
    ("kubernetes", Provider::Kubernetes),
    ("okta", Provider::Okta),
    ("openauth", Provider::OpenAuth),
    ("ory", Provider::Ory),
    ("zitadel", Provider::Zitadel),
];

#[cfg(test)]
mod tests;
