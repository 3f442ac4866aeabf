//! Kubernetes: the tokens of service accounts, projected into pods.
//!
//! **What must be right.** Callers must have a token for *this* API: a projected volume with `serviceAccountToken.audience`.
//! The token that every pod has anyway is for the API server, and whoever takes it could speak for the pod there; as an
//! audience it is refused, unless you name it. `issuer` is the cluster's `--service-account-issuer`:
//! `kubectl get --raw /.well-known/openid-configuration` tells it. Which accounts may come in is `sub`
//! (`bind_claim("sub", "system:serviceaccount:NAMESPACE:NAME")`), or [`Claims::namespace`].
//!
//! Managed clusters publish their keys ([`issuer`]). Others publish them on the API server alone, to whom has a token and
//! trusts the cluster's CA ([`in_cluster_issuer`]); its account needs the role `system:service-account-issuer-discovery`,
//! which all service accounts have unless somebody took it away. Tokens from Secrets never expire, and are refused.
//!
//! Source: <https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/>.

use claviger_core::Issuer;
use claviger_core::Profile;
use serde::Deserialize;

use crate::redacted::redacted;

/// A cluster whose issuer can be reached from here: EKS, GKE, AKS and others that publish their keys.
///
/// ```
/// use claviger_core::Verifier;
/// use claviger_providers::kubernetes;
///
/// let issuer = kubernetes::issuer("https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF", "reports")
///     .bind_claim("sub", "system:serviceaccount:shop:checkout");
/// assert!(Verifier::builder(issuer).build().is_ok());
/// ```
pub fn issuer(issuer: impl Into<String>, audience: impl Into<String>) -> Issuer {
    Issuer::new(issuer, audience).with_profile(Profile::Identity).require_claim("kubernetes.io")
}

/// The cluster that this pod runs in, with the issuer that `kubeadm` gives it, `https://kubernetes.default.svc.cluster.local`.
///
/// Keys are fetched from the API server, with the pod's own token and the cluster's CA from
/// `/var/run/secrets/kubernetes.io/serviceaccount`. No discovery: the document there names the API server by an address
/// that would not be given the token.
pub fn in_cluster_issuer(audience: impl Into<String>) -> Issuer {
    issuer("https://kubernetes.default.svc.cluster.local", audience)
        .with_jwks_uri("https://kubernetes.default.svc/openid/v1/jwks")
        .with_ca_file(format!("{MOUNTED}/ca.crt"))
        .with_bearer_token_file(format!("{MOUNTED}/token"))
}

/// What the token of a service account says.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// `system:serviceaccount:NAMESPACE:NAME`.
    pub sub: String,
    /// What the token is bound to.
    #[serde(rename = "kubernetes.io")]
    pub kubernetes: Binding,
}

/// What a token is bound to.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Binding {
    /// The namespace.
    pub namespace: String,
    /// The account.
    pub serviceaccount: Object,
    /// The pod that it was mounted in.
    pub pod: Option<Object>,
    /// The node that the pod runs on.
    pub node: Option<Object>,
}

/// An object of the cluster.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Object {
    /// Its name, which can be used again.
    pub name: String,
    /// Its identifier, which is not.
    pub uid: Option<String>,
}

impl Claims {
    /// The namespace of the service account.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.kubernetes.namespace
    }

    /// The name of the service account in its namespace.
    #[must_use]
    pub fn service_account(&self) -> &str {
        &self.kubernetes.serviceaccount.name
    }
}

redacted!(Claims, Binding, Object);

const MOUNTED: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
