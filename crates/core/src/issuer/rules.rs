//! One issuer's rules, checked.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::Value;
use url::Url;

use crate::error::Failure;
use crate::error::KindRule;
use crate::error::Problems;
use crate::issuer::AudienceRule;
use crate::issuer::ClaimPath;
use crate::issuer::Issuer;
use crate::issuer::Profile;
use crate::issuer::is_same_type;
use crate::issuer::options::NonceClaim;
use crate::token::Algorithm;
use crate::token::Header;

/// The claims by which an issuer marks its access tokens, where it has marks of its own.
#[derive(Debug)]
pub(crate) struct AccessTokenClaim {
    /// Must be present, and not `null`.
    pub(crate) present: Vec<String>,
    /// Must be one of the values.
    pub(crate) bound: Vec<(String, Vec<Value>)>,
}

impl AccessTokenClaim {
    fn of(issuer: &Issuer) -> Option<Self> {
        let (present, bound) = (&issuer.access_token_claims, &issuer.bound_access_token_claims);
        let is_configured = !present.is_empty() || !bound.is_empty();
        is_configured.then(|| Self { present: present.clone(), bound: all_alternatives(bound) })
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.present.iter().chain(self.bound.iter().map(|(name, _)| name)).map(String::as_str)
    }
}

/// One issuer's rules, as tokens are judged by them.
#[derive(Debug)]
pub(crate) struct IssuerRules {
    pub(crate) audiences: Vec<String>,
    pub(crate) audience_rule: AudienceRule,
    pub(crate) profile: Profile,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) leeway: f64,
    pub(crate) max_token_age: Option<f64>,
    pub(crate) allow_nonce: bool,
    pub(crate) access_token_claim: Option<AccessTokenClaim>,
    pub(crate) token_types: Vec<String>,
    pub(crate) ignored_confirmation: Vec<String>,
    pub(crate) required_claims: Vec<String>,
    pub(crate) bound_claims: Vec<(String, Vec<Value>)>,
    pub(crate) roles_at: Vec<ClaimPath>,
    pub(crate) permissions_at: Vec<ClaimPath>,
}

impl IssuerRules {
    /// Checks all that can be wrong with `issuer` but its keys; what is found goes to `problems` under `path`.
    pub(crate) fn check(issuer: &Issuer, path: &str, problems: &mut Problems) -> Self {
        for (member, message) in &issuer.problems {
            problems.add(format!("{path}.{member}"), message);
        }
        check_issuer(issuer, path, problems);
        check_lists(issuer, path, problems);
        check_bound(&issuer.bound_claims, &format!("{path}.bind"), problems);
        check_kinds(issuer, path, problems);
        check_durations(issuer, path, problems);
        Self {
            audiences: issuer.audiences.clone(),
            audience_rule: issuer.audience_rule,
            profile: issuer.profile,
            algorithms: issuer.algorithms.clone(),
            leeway: issuer.leeway.as_secs_f64(),
            max_token_age: issuer.max_token_age.as_ref().map(Duration::as_secs_f64),
            allow_nonce: issuer.nonce == NonceClaim::Allowed,
            access_token_claim: AccessTokenClaim::of(issuer),
            token_types: issuer.token_types.clone(),
            ignored_confirmation: issuer.ignored_confirmation.clone(),
            required_claims: issuer.required_claims.clone(),
            bound_claims: all_alternatives(&issuer.bound_claims),
            roles_at: issuer.roles_at.clone(),
            permissions_at: issuer.permissions_at.clone(),
        }
    }

    /// Whether this issuer may sign with the header's algorithm a token of the header's type.
    ///
    /// # Errors
    ///
    /// [`Failure::UnsupportedAlgorithm`] or [`Failure::WrongType`], without a hint.
    pub(crate) fn admit(&self, header: &Header) -> Result<Algorithm, Failure> {
        let algorithm = header.algorithm()?;
        if !self.algorithms.contains(&algorithm) {
            return Err(Failure::UnsupportedAlgorithm { accepted: self.algorithm_names() });
        }
        if self.accepts_type(self.profile, header.typ()) {
            Ok(algorithm)
        } else {
            Err(self.refuse(KindRule::HeaderType))
        }
    }

    /// The algorithms that this issuer may use, for the log.
    pub(crate) fn algorithm_names(&self) -> Vec<&'static str> {
        self.algorithms.iter().map(|algorithm| algorithm.as_str()).collect()
    }

    /// Whether a token of this `typ` may be accepted under `profile`.
    pub(crate) fn accepts_type(&self, profile: Profile, typ: Option<&str>) -> bool {
        let is_listed = |typ: &str| self.token_types.iter().any(|listed| is_same_type(listed, typ));
        profile.takes(typ) || (profile == Profile::Identity && typ.is_some_and(is_listed))
    }

    /// The refusal of a token that breaks `rule`.
    pub(crate) fn refuse(&self, rule: KindRule) -> Failure {
        Failure::WrongType { profile: self.profile, rule, accepted_by: None }
    }
}

/// The host of `url` is this machine, so that no network comes between (nor a proxy, where we fetch ourselves).
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn check_issuer(issuer: &Issuer, path: &str, problems: &mut Problems) {
    let path = format!("{path}.issuer");
    if issuer.issuer.trim().is_empty() {
        return problems.add(path, "must not be blank");
    }
    // Where keys come from elsewhere, it is a name alone: any text (RFC 7519, section 4.1.1).
    if !issuer.key_locations.is_empty() {
        return;
    }
    let Ok(url) = Url::parse(&issuer.issuer) else {
        return problems.add(path, NO_URL);
    };
    // A URL parser drops or turns these; `iss` is compared as it stands.
    if issuer
        .issuer
        .contains(|character: char| character.is_whitespace() || character.is_control() || character == '\\')
    {
        problems.add(&path, "must not hold white space, control characters or backslashes");
    }
    if url.query().is_some() || url.fragment().is_some() {
        problems.add(&path, "must have neither query nor fragment (RFC 8414, section 2)");
    }
    if !url.username().is_empty() || url.password().is_some() {
        problems.add(&path, "must not hold a user name or password");
    }
    match url.scheme() {
        "https" => {}
        "http" if issuer.insecure_http || is_loopback(&url) => {}
        "http" => problems.add(&path, "must be https (http is for loopback hosts, or for `insecure_http = true`)"),
        _ => problems.add(&path, NO_URL),
    }
}

fn check_lists(issuer: &Issuer, path: &str, problems: &mut Problems) {
    if issuer.aliases.iter().any(|alias| alias.trim().is_empty()) {
        problems.add(format!("{path}.aliases"), "must not be blank");
    }
    if issuer.audiences.is_empty() {
        problems.add(format!("{path}.audience"), "must name at least one audience");
    }
    if issuer.audiences.iter().any(|audience| audience.trim().is_empty()) {
        problems.add(format!("{path}.audience"), "must not be blank");
    }
    if issuer.algorithms.is_empty() {
        problems.add(format!("{path}.algorithms"), "must name at least one algorithm");
    }
    if issuer.required_claims.iter().any(|name| name.trim().is_empty()) {
        problems.add(format!("{path}.required_claims"), "must not hold a blank name");
    }
    for (setting, places) in [("roles_at", &issuer.roles_at), ("permissions_at", &issuer.permissions_at)] {
        if !places.iter().all(ClaimPath::is_sound) {
            problems.add(format!("{path}.{setting}"), "must not hold an empty path or a blank name");
        }
    }
}

/// Claims and the values that they must have; `path` is that of their table.
fn check_bound(claims: &[(String, Value)], path: &str, problems: &mut Problems) {
    let mut bound = HashSet::new();
    for (name, value) in claims {
        if name.trim().is_empty() {
            problems.add(path, "must not hold a blank name");
            continue;
        }
        let path = format!("{path}.{name}");
        if !bound.insert(name) {
            problems.add(path, "is bound twice");
        } else if alternatives(value).is_empty() || alternatives(value).iter().any(Value::is_null) {
            problems.add(path, "must be a value, or a list of at least one, and `null` is none");
        }
    }
}

/// What tells the kinds of tokens apart, and what of it belongs to one profile alone.
fn check_kinds(issuer: &Issuer, path: &str, problems: &mut Problems) {
    let claim = format!("{path}.access_token_claim");
    let is_blank = |name: &String| name.trim().is_empty();
    if issuer.access_token_claims.iter().any(is_blank) {
        problems.add(&claim, "must not be blank");
    }
    check_bound(&issuer.bound_access_token_claims, &claim, problems);
    if AccessTokenClaim::of(issuer).is_some() && issuer.profile != Profile::Jwt {
        problems.add(claim, "belongs to profile \"jwt\" alone");
    }
    if issuer.nonce == NonceClaim::Allowed && issuer.profile != Profile::Jwt {
        problems.add(format!("{path}.allow_nonce"), "belongs to profile \"jwt\" alone");
    }
    if issuer.token_types.iter().any(is_blank) {
        problems.add(format!("{path}.token_types"), "must not hold a blank type");
    }
    if !issuer.token_types.is_empty() && issuer.profile != Profile::Identity {
        problems.add(format!("{path}.token_types"), "belongs to profile \"identity\" alone");
    }
    for member in &issuer.ignored_confirmation {
        let path = format!("{path}.ignored_confirmation");
        if is_blank(member) {
            problems.add(path, "must not hold a blank name");
        } else if NEVER_IGNORED.contains(&member.as_str()) {
            problems.add(path, format!("must not name {member:?}: a token with it is bound to a key"));
        }
    }
}

fn check_durations(issuer: &Issuer, path: &str, problems: &mut Problems) {
    if issuer.leeway > MAX_LEEWAY {
        problems.add(format!("{path}.leeway"), "must be between 0 and 300 s");
    }
    if issuer.max_token_age.is_some_and(|age| age.is_zero()) {
        problems.add(format!("{path}.max_token_age"), "must be more than zero");
    }
}

fn all_alternatives(bound: &[(String, Value)]) -> Vec<(String, Vec<Value>)> {
    bound.iter().map(|(name, value)| (name.clone(), alternatives(value))).collect()
}

fn alternatives(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

const NO_URL: &str = "must be an https URL, because its keys are looked for there; with `jwks_uri`, `discovery_url`, \
                      `jwks_file`, `jwks` or `pem` it can be any name";
const MAX_LEEWAY: Duration = Duration::from_secs(300);

/// Members of `cnf` that no setting can have ignored: they are checked, or bind to a key that would have to be.
const NEVER_IGNORED: [&str; 6] = ["jkt", "x5t#S256", "jwk", "jwe", "kid", "jku"];

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(issuer: &Issuer) -> Vec<String> {
        let mut problems = Problems::default();
        IssuerRules::check(issuer, "issuers[0]", &mut problems);
        match problems.into_result(()) {
            Ok(()) => Vec::new(),
            Err(error) => error.problems().iter().map(|problem| problem.path().to_owned()).collect(),
        }
    }

    #[test]
    fn a_plain_issuer_is_right() {
        assert!(problems(&Issuer::new("https://issuer.example", "api")).is_empty());
        assert!(problems(&Issuer::new("http://127.0.0.1:8080", "api")).is_empty());
        assert!(problems(&Issuer::new("http://[::1]:8080/x", "api")).is_empty());
        assert!(problems(&Issuer::new("http://idp:8080", "api").with_insecure_http()).is_empty());
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let issuer = Issuer::new("http://idp.example/?x#y", " ")
            .with_algorithms([])
            .with_leeway(Duration::from_secs(301))
            .with_max_token_age(Duration::ZERO)
            .allow_nonce()
            .require_claim("")
            .bind_claim("tid", Value::Array(Vec::new()));
        let expected = [
            "issuer",
            "issuer",
            "audience",
            "algorithms",
            "required_claims",
            "bind.tid",
            "allow_nonce",
            "leeway",
            "max_token_age",
        ];
        assert_eq!(problems(&issuer), expected.map(|path| format!("issuers[0].{path}")));
    }

    #[test]
    fn what_was_wrong_before_is_told_with_the_rest() {
        let issuer = Issuer::new("https://issuer.example", "").add_problem("realm", "must not be blank");
        assert_eq!(problems(&issuer), ["issuers[0].realm", "issuers[0].audience"]);
    }

    /// RFC 7519, section 4.1.1: StringOrURI.
    #[test]
    fn a_name_from_which_nothing_is_fetched_is_any_text_that_is_not_blank() {
        let told = [
            (|issuer| issuer) as fn(Issuer) -> Issuer,
            |issuer| issuer.with_jwks_uri("https://keys.example/jwks"),
            |issuer| issuer.with_discovery_url("https://keys.example/metadata"),
            |issuer| issuer.with_jwks_file("/etc/jwks"),
            |issuer| issuer.with_jwks("{}"),
            |issuer| issuer.with_pem(""),
        ];
        for name in ["my-iss", "urn:example:issuer", "svc@project.example", "http://adfs.example/adfs/services/trust"] {
            let are_right = told.map(|change| problems(&change(Issuer::new(name, "api"))).is_empty());
            assert_eq!(are_right, [false, true, true, true, true, true], "{name}");
        }
        for blank in ["", " ", "\t\n"] {
            assert!(told.iter().all(|change| problems(&change(Issuer::new(blank, "api"))) == ["issuers[0].issuer"]));
        }
    }

    #[test]
    fn addresses_with_userinfo_or_another_scheme_are_wrong() {
        for issuer in [
            "https://user@idp.example",
            "ftp://idp.example",
            "file:///etc/issuer",
            "tenant.example",
            " https://idp.example",
        ] {
            assert!(!problems(&Issuer::new(issuer, "api")).is_empty(), "{issuer}");
        }
    }
}
