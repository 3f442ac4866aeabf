//! The document itself (RFC 9728, section 2).

use claviger_core::DpopMode;
use claviger_core::DpopSettings;
use claviger_core::Scopes;
use claviger_core::TokenScheme;
use claviger_core::error::Problems;
use serde::Serialize;
use serde::Serializer;
use serde_json::Map;
use serde_json::Value;
use url::Url;

use crate::metadata::Resource;
use crate::metadata::identifier::Identifier;
use crate::metadata::member;

/// The metadata that [`AuthLayer`](crate::AuthLayer) publishes, checked; serializes to the document.
///
/// See the [module docs](crate::metadata) for an example.
#[derive(Clone, Debug, Serialize)]
pub struct ResourceMetadata {
    resource: String,
    // RFC 9728, section 3.2: what has no elements is left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authorization_servers: Vec<String>,
    #[serde(skip_serializing_if = "Scopes::is_empty", serialize_with = "one_by_one")]
    scopes_supported: Scopes,
    #[serde(flatten)]
    uses: TokenUse,
    #[serde(flatten)]
    members: Map<String, Value>,
    #[serde(skip)]
    path: String,
    #[serde(skip)]
    url: String,
    #[serde(skip)]
    origin: String,
}

/// How tokens can be presented: what the layer does, and so what the document says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TokenUse {
    bearer_methods_supported: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dpop_signing_alg_values_supported: Vec<&'static str>,
    #[serde(skip_serializing_if = "is_default")]
    dpop_bound_access_tokens_required: bool,
    #[serde(skip_serializing_if = "is_default")]
    tls_client_certificate_bound_access_tokens: bool,
}

impl TokenUse {
    pub(crate) fn of(bearer_methods: Vec<&'static str>, dpop: &DpopSettings, has_certificates: bool) -> Self {
        let accepted = dpop.mode().accepts(TokenScheme::Dpop);
        Self {
            bearer_methods_supported: bearer_methods,
            dpop_signing_alg_values_supported: dpop.algorithm_names().filter(|_| accepted).collect(),
            dpop_bound_access_tokens_required: dpop.mode() == DpopMode::Required,
            tls_client_certificate_bound_access_tokens: has_certificates,
        }
    }
}

impl ResourceMetadata {
    /// What is wrong goes to `problems`.
    pub(crate) fn check<'a>(
        resource: &Resource,
        issuers: impl Iterator<Item = &'a str>,
        scopes: &Scopes,
        uses: TokenUse,
        problems: &mut Problems,
    ) -> Option<Self> {
        let members = check_members(resource, problems);
        let identifier = Identifier::parse(&resource.identifier)
            .map_err(|wrong| wrong.into_iter().for_each(|message| problems.add("resource", message)))
            .ok()?;
        Some(Self {
            resource: identifier.as_str().to_owned(),
            authorization_servers: issuers.filter(|name| is_address(name)).map(str::to_owned).collect(),
            scopes_supported: scopes.clone(),
            uses,
            members,
            path: identifier.metadata_path(),
            url: identifier.metadata_url(),
            origin: identifier.origin().to_owned(),
        })
    }

    /// The identifier of the resource, exactly as it was configured.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// The path where clients ask for it, for applications that serve it themselves.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The URL where clients ask for it, as challenges name it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The origin of the resource, as it is written.
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// The same, with these scopes after those that it has.
    pub(super) fn naming(mut self, scopes: &Scopes) -> Self {
        self.scopes_supported.extend(scopes);
        self
    }
}

/// The list is one of identifiers of RFC 8414, by which clients look for the issuer. A name that is not an address says
/// nothing to them.
fn is_address(issuer: &str) -> bool {
    Url::parse(issuer).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
}

/// What has its default value is left out (RFC 9728, section 2).
fn is_default(required: &bool) -> bool {
    !required
}

fn one_by_one<S: Serializer>(scopes: &Scopes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(scopes.iter())
}

fn check_members(resource: &Resource, problems: &mut Problems) -> Map<String, Value> {
    let mut members = Map::new();
    for (name, value) in &resource.members {
        let path = format!("resource.{name}");
        if let Some(problem) = member::problem(name, value) {
            problems.add(path, problem);
        } else if members.insert(name.clone(), value.clone()).is_some() {
            problems.add(path, "stands there twice");
        }
    }
    members
}
