//! One issuer's rules, as they are configured.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use crate::issuer::AudienceRule;
use crate::issuer::ClaimPath;
use crate::issuer::Documents;
use crate::issuer::KeyLocation;
use crate::issuer::Profile;
use crate::issuer::template::TENANT;
use crate::token::Algorithm;

/// One issuer and what its tokens must be: checked when the verifier is built.
///
/// What has no safe default is an argument: the issuer's exact identifier, as `iss` and its metadata state it, and the
/// audience that this API goes by.
///
/// # Defaults
///
/// | Option | Default |
/// |---|---|
/// | other spellings of it | none |
/// | tenants of a template | all |
/// | keys | found by the issuer's metadata |
/// | algorithms | RS256, PS256, ES256, Ed25519 |
/// | profile | [`Profile::Rfc9068`] |
/// | audience rule | [`AudienceRule::Any`] |
/// | leeway | 30 s |
/// | maximum token age | none |
/// | required and bound claims | none |
/// | claim that marks access tokens | those of [`Profile::Jwt`] |
/// | further types of [`Profile::Identity`] | none |
/// | ignored members of `cnf` | none |
/// | roles, permissions | in the claims `roles`, `permissions` |
/// | plain http | for loopback hosts alone |
/// | named by | the operator |
///
/// ```
/// use std::time::Duration;
///
/// use claviger_core::Issuer;
/// use claviger_core::Profile;
/// use claviger_core::Verifier;
///
/// let issuer = Issuer::new("https://tenant.example.com/", "https://api.example.com")
///     .with_profile(Profile::Jwt)
///     .with_leeway(Duration::from_secs(5))
///     .require_claim("org_id")
///     .bind_claim("app_id", "billing");
/// assert!(Verifier::builder(issuer).build().is_ok());
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Issuer {
    pub(crate) issuer: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) tenant_claim: Option<String>,
    pub(crate) tenants: Option<Vec<String>>,
    pub(crate) audiences: Vec<String>,
    pub(crate) audience_rule: AudienceRule,
    pub(crate) profile: Profile,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) leeway: Duration,
    pub(crate) max_token_age: Option<Duration>,
    pub(crate) nonce: NonceClaim,
    pub(crate) access_token_claims: Vec<String>,
    pub(crate) bound_access_token_claims: Vec<(String, Value)>,
    pub(crate) token_types: Vec<String>,
    pub(crate) ignored_confirmation: Vec<String>,
    pub(crate) required_claims: Vec<String>,
    pub(crate) bound_claims: Vec<(String, Value)>,
    pub(crate) roles_at: Vec<ClaimPath>,
    pub(crate) permissions_at: Vec<ClaimPath>,
    pub(crate) key_locations: Vec<KeyLocation>,
    pub(crate) fetch_base_url: Option<String>,
    pub(crate) insecure_http: bool,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) bearer_token_file: Option<PathBuf>,
    pub(crate) named_by: NamedBy,
    pub(crate) documents: Option<Documents>,
    pub(crate) problems: Vec<(String, String)>,
}

/// What a `nonce` claim says of a token of profile `jwt`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NonceClaim {
    MarksAnIdToken,
    Allowed,
}

/// Who has named an issuer.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum NamedBy {
    TheOperator,
    SomebodyElse,
}

impl Issuer {
    /// The issuer with this exact identifier, whose tokens must be meant for `audience`.
    ///
    /// The identifier is compared with `iss` as text. It must be an https URL (or http on a loopback host) where its
    /// metadata are looked for there, and is otherwise any text that is not blank (RFC 7519, section 2, StringOrURI).
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            aliases: Vec::new(),
            tenant_claim: None,
            tenants: None,
            audiences: vec![audience.into()],
            audience_rule: AudienceRule::default(),
            profile: Profile::default(),
            algorithms: Algorithm::DEFAULT.to_vec(),
            leeway: DEFAULT_LEEWAY,
            max_token_age: None,
            nonce: NonceClaim::MarksAnIdToken,
            access_token_claims: Vec::new(),
            bound_access_token_claims: Vec::new(),
            token_types: Vec::new(),
            ignored_confirmation: Vec::new(),
            required_claims: Vec::new(),
            bound_claims: Vec::new(),
            roles_at: vec![ClaimPath::elements(["roles"])],
            permissions_at: vec![ClaimPath::elements(["permissions"])],
            key_locations: Vec::new(),
            fetch_base_url: None,
            insecure_http: false,
            ca_file: None,
            bearer_token_file: None,
            named_by: NamedBy::TheOperator,
            documents: None,
            problems: Vec::new(),
        }
    }

    /// Another spelling of the same issuer, as its tokens have it in `iss`: compared as exactly, and no URL if the issuer
    /// writes none. The believed token tells the one [name](crate::VerifiedToken::issuer) that the issuer is configured
    /// by, so that its subjects do not fall into two sets.
    ///
    /// ```
    /// use claviger_core::Issuer;
    /// use claviger_core::Profile;
    ///
    /// let google = Issuer::new("https://accounts.google.com", "my-client-id")
    ///     .add_alias("accounts.google.com")
    ///     .with_profile(Profile::Identity);
    /// # let _ = google;
    /// ```
    pub fn add_alias(mut self, alias: impl Into<String>) -> Self {
        self.aliases.push(alias.into());
        self
    }

    /// Makes a template of an issuer that has `{tenant}` in it, one for each tenant: `{tenant}` is a whole segment of the
    /// path, or the first label of the host. The claim of this name must say the tenant that `iss` says.
    ///
    /// Tenants are 1 to 128 letters, digits and `-_.~` and do not begin with a dot; in a host 1 to 63 of the characters
    /// that a label may have. Others are refused before any network access.
    ///
    /// `{tenant}` may stand in [`with_discovery_url`](Self::with_discovery_url) and
    /// [`with_jwks_uri`](Self::with_jwks_uri) too, in the path or query, and in the host where it stands there in the
    /// issuer. Each tenant then has its own keys, as it has with neither of them;
    /// metadata may name the tenant's issuer or the template. Without it, all have the same keys. A key with a member
    /// `issuer` serves that issuer alone, or each tenant if that is a template (Entra ID).
    ///
    /// Tenants with keys of their own are [found at run time](Self::found_at_run_time), unless
    /// [`with_tenants`](Self::with_tenants) lists them.
    ///
    /// ```
    /// use claviger_core::Issuer;
    /// use claviger_core::Profile;
    /// use claviger_core::Verifier;
    ///
    /// let entra = Issuer::new("https://login.microsoftonline.com/{tenant}/v2.0", "api://my-api")
    ///     .with_tenant_claim("tid")
    ///     .with_discovery_url("https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration")
    ///     .with_profile(Profile::Jwt);
    /// assert!(Verifier::builder(entra).build().is_ok());
    /// ```
    pub fn with_tenant_claim(mut self, name: impl Into<String>) -> Self {
        self.tenant_claim = Some(name.into());
        self
    }

    /// The tenants of a template that are believed, in place of all: names, and beginnings of names with `*` behind them
    /// (`acme-*`). The operator has named them if each is a whole name.
    pub fn with_tenants<S: Into<String>>(mut self, tenants: impl IntoIterator<Item = S>) -> Self {
        self.tenants = Some(tenants.into_iter().map(Into::into).collect());
        self
    }

    /// Another audience of ours.
    pub fn add_audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Which of the audiences a token must name.
    pub fn with_audience_rule(mut self, rule: AudienceRule) -> Self {
        self.audience_rule = rule;
        self
    }

    /// Which kind of token its access tokens are.
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// The algorithms it may sign with, in place of the default list (RFC 8725, section 3.1).
    pub fn with_algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// How far the clocks may differ when `exp`, `nbf` and `iat` are judged: 0 to 300 s.
    pub fn with_leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// How long ago a token may have been issued, whatever its `exp`; demands `iat`.
    pub fn with_max_token_age(mut self, age: Duration) -> Self {
        self.max_token_age = Some(age);
        self
    }

    /// Accepts a `nonce` in tokens of [`Profile::Jwt`], where it otherwise marks an ID token (Keycloak before 24, authentik,
    /// Casdoor).
    pub fn allow_nonce(mut self) -> Self {
        self.nonce = NonceClaim::Allowed;
        self
    }

    /// Accepts a token of [`Profile::Jwt`] as an access token if this claim is present with any value but `null`, in place
    /// of the marks that the profile looks for. Several claims are demanded together.
    ///
    /// The claims named here are exempt from the profile's rules about other kinds of tokens. It belongs to
    /// [`Profile::Jwt`] alone.
    ///
    /// ```
    /// use claviger_core::Issuer;
    /// use claviger_core::Profile;
    /// use claviger_core::Verifier;
    ///
    /// let issuer = Issuer::new("https://auth.example.com", "https://api.example.com").with_access_token_claim("app_id");
    /// assert!(Verifier::builder(issuer.clone().with_profile(Profile::Jwt)).build().is_ok());
    ///
    /// let error = Verifier::builder(issuer).build().unwrap_err();
    /// assert_eq!(error.problems()[0].path(), "issuers[0].access_token_claim");
    /// ```
    pub fn with_access_token_claim(mut self, name: impl Into<String>) -> Self {
        self.access_token_claims.push(name.into());
        self
    }

    /// As [`with_access_token_claim`](Self::with_access_token_claim), and the claim must equal `value`, or, if that is an
    /// array, one of its values.
    ///
    /// ```
    /// use claviger_core::Issuer;
    /// use claviger_core::Profile;
    ///
    /// let openauth = Issuer::new("https://auth.example.com", "my-client-id")
    ///     .with_profile(Profile::Jwt)
    ///     .bind_access_token_claim("mode", "access");
    /// # assert!(claviger_core::Verifier::builder(openauth).build().is_ok());
    /// ```
    pub fn bind_access_token_claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.bound_access_token_claims.push((name.into(), value.into()));
        self
    }

    /// Another `typ` of the header that tokens of [`Profile::Identity`] may have besides `JWT` and none, with or without
    /// `application/`, in any case. Each new kind of JWT has a type of its own, so the others are refused.
    ///
    /// ```
    /// use claviger_core::Issuer;
    /// use claviger_core::Profile;
    ///
    /// let workloads = Issuer::new("https://spire.example.com", "https://api.example.com")
    ///     .with_profile(Profile::Identity)
    ///     .add_token_type("wit+jwt");
    /// # assert!(claviger_core::Verifier::builder(workloads).build().is_ok());
    /// ```
    pub fn add_token_type(mut self, typ: impl Into<String>) -> Self {
        self.token_types.push(typ.into());
        self
    }

    /// Accepts a token from anybody although it has a `cnf`, if that has no members but those named like this. Without it
    /// a token whose `cnf` has neither `jkt` nor `x5t#S256` is refused: it is bound to something that is not checked here
    /// (RFC 7800, section 3.1). `jkt`, `x5t#S256`, `jwk`, `jwe`, `kid` and `jku` cannot be ignored.
    ///
    /// ```
    /// use claviger_core::Issuer;
    /// use claviger_core::Verifier;
    ///
    /// let issuer = Issuer::new("https://auth.example.com", "https://api.example.com");
    /// assert!(Verifier::builder(issuer.clone().ignore_confirmation("device_id")).build().is_ok());
    ///
    /// let error = Verifier::builder(issuer.ignore_confirmation("jwk")).build().unwrap_err();
    /// assert_eq!(error.problems()[0].path(), "issuers[0].ignored_confirmation");
    /// ```
    pub fn ignore_confirmation(mut self, member: impl Into<String>) -> Self {
        self.ignored_confirmation.push(member.into());
        self
    }

    /// Demands that the claim is present, with any value but `null`.
    pub fn require_claim(mut self, name: impl Into<String>) -> Self {
        self.required_claims.push(name.into());
        self
    }

    /// Demands that the claim equals `value`, or, if that is an array, one of its values.
    pub fn bind_claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.bound_claims.push((name.into(), value.into()));
        self
    }

    /// Where its tokens have their roles, in place of the claim `roles`: at any of these places.
    pub fn with_roles_at(mut self, places: impl IntoIterator<Item = ClaimPath>) -> Self {
        self.roles_at = places.into_iter().collect();
        self
    }

    /// Where its tokens have their permissions, in place of the claim `permissions`: at any of these places.
    pub fn with_permissions_at(mut self, places: impl IntoIterator<Item = ClaimPath>) -> Self {
        self.permissions_at = places.into_iter().collect();
        self
    }

    /// Reads the issuer's metadata at this address rather than where OpenID Connect and RFC 8414 put it.
    pub fn with_discovery_url(mut self, url: impl Into<String>) -> Self {
        self.key_locations.push(KeyLocation::DiscoveryUrl(url.into()));
        self
    }

    /// Fetches the keys at this address, without discovery.
    pub fn with_jwks_uri(mut self, url: impl Into<String>) -> Self {
        self.key_locations.push(KeyLocation::JwksUri(url.into()));
        self
    }

    /// Reads the keys from a file with a JWK set, once; no network.
    pub fn with_jwks_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.key_locations.push(KeyLocation::JwksFile(path.into()));
        self
    }

    /// Takes the keys from the text of a JWK set; no network.
    pub fn with_jwks(mut self, jwks: impl Into<String>) -> Self {
        self.key_locations.push(KeyLocation::Jwks(jwks.into()));
        self
    }

    /// Takes the one key from PEM text, a public key or a certificate; no network. It has no `kid` and fits any.
    pub fn with_pem(mut self, pem: impl Into<String>) -> Self {
        self.key_locations.push(KeyLocation::Pem(pem.into()));
        self
    }

    /// Fetches from this origin what has the issuer's own origin, for networks where the issuer has another address
    /// (containers). `iss` stays what it is. It may be http, and so may then be addresses at this very origin.
    pub fn with_fetch_base_url(mut self, origin: impl Into<String>) -> Self {
        self.fetch_base_url = Some(origin.into());
        self
    }

    /// Trusts the root certificates in this PEM file too, when something is fetched for this issuer; read once.
    pub fn with_ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(path.into());
        self
    }

    /// Sends the bearer token in this file with each fetch, for issuers that ask for one (Kubernetes). The file is read
    /// again for each fetch. The token goes to the issuer's own origin (or the one that stands in for it) and to the
    /// configured `jwks_uri`, and nowhere else.
    pub fn with_bearer_token_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.bearer_token_file = Some(path.into());
        self
    }

    /// Takes plain http for this issuer's addresses. Whoever can touch the network between can then forge its keys.
    pub fn with_insecure_http(mut self) -> Self {
        self.insecure_http = true;
        self
    }

    /// Says that not the operator has named this issuer but somebody who is trusted less: it stands in a customer's
    /// record, for example. Its tokens are judged like all others; what is fetched for it goes by narrower rules.
    ///
    /// - Its metadata and keys are fetched over https, from public addresses alone, through no proxy
    ///   ([`HttpFetch::to_public_addresses`]). A [`Fetch`] of the application's own must say that it keeps to them
    ///   ([`Fetch::keeps_to_public_addresses`]).
    /// - All such issuers of a verifier may have 10 fetches at once together, refilled one a second, beside the budgets
    ///   of each. While that is used up, keys at hand serve on, and requests that would need others are answered 503.
    ///   Issuers that the operator has named have no part in it.
    /// - After a failed fetch nobody is asked for 60 s.
    /// - [`Verifier::ready`] does not wait for it, so that it cannot keep a service from coming up.
    ///
    /// With static keys nothing is fetched, and it changes nothing but the last. It excludes
    /// [`with_fetch_base_url`](Self::with_fetch_base_url), [`with_insecure_http`](Self::with_insecure_http) and
    /// [`with_bearer_token_file`](Self::with_bearer_token_file).
    ///
    /// ```
    /// use claviger_core::Issuer;
    /// use claviger_core::Verifier;
    ///
    /// let of_a_customer = |issuer: &str| Issuer::new(issuer, "https://api.example.com").found_at_run_time();
    /// assert!(Verifier::builder(of_a_customer("https://login.customer.example")).build().is_ok());
    ///
    /// let error = Verifier::builder(of_a_customer("https://10.0.0.1")).build().unwrap_err();
    /// assert_eq!(error.problems()[0].path(), "issuers[0].issuer");
    /// ```
    ///
    /// [`Fetch`]: crate::Fetch
    /// [`Fetch::keeps_to_public_addresses`]: crate::Fetch::keeps_to_public_addresses
    /// [`HttpFetch::to_public_addresses`]: crate::HttpFetch::to_public_addresses
    /// [`Verifier::ready`]: crate::Verifier::ready
    pub fn found_at_run_time(mut self) -> Self {
        self.named_by = NamedBy::SomebodyElse;
        self
    }

    /// Whether each tenant of this template has keys of its own.
    pub(crate) fn has_keys_for_each_tenant(&self) -> bool {
        let names_it = |location: &KeyLocation| location.url().is_some_and(|url| url.contains(TENANT));
        self.key_locations.is_empty() || self.key_locations.iter().any(names_it)
    }

    /// That of one tenant.
    pub(crate) fn expanded(&self, tenant: &str) -> Self {
        let mut issuer = Self { tenant_claim: None, tenants: None, ..self.clone() };
        issuer.issuer = issuer.issuer.replace(TENANT, tenant);
        for location in &mut issuer.key_locations {
            if let KeyLocation::DiscoveryUrl(url) | KeyLocation::JwksUri(url) = location {
                *url = url.replace(TENANT, tenant);
            }
        }
        issuer
    }

    /// Notes that what this issuer was made of is wrong: `member` is the argument or setting. It is told with everything
    /// else when the verifier is built, under this issuer's path. For functions that make issuers for one provider, so
    /// that they need no `Result` of their own.
    ///
    /// ```
    /// use claviger_core::Issuer;
    /// use claviger_core::Verifier;
    ///
    /// fn of_region(region: &str) -> Issuer {
    ///     let issuer = Issuer::new(format!("https://{region}.login.example"), "https://api.example.com");
    ///     if ["eu", "us"].contains(&region) { issuer } else { issuer.add_problem("region", "must be \"eu\" or \"us\"") }
    /// }
    ///
    /// let error = Verifier::builder(of_region("mars")).build().unwrap_err();
    /// assert_eq!(error.problems()[0].path(), "issuers[0].region");
    /// ```
    pub fn add_problem(mut self, member: impl Into<String>, message: impl Into<String>) -> Self {
        self.problems.push((member.into(), message.into()));
        self
    }

    pub(crate) fn is_found_at_run_time(&self) -> bool {
        self.named_by == NamedBy::SomebodyElse
    }
}

const DEFAULT_LEEWAY: Duration = Duration::from_secs(30);
