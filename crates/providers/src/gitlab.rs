//! GitLab: the ID tokens of CI jobs (`id_tokens` in `.gitlab-ci.yml`).
//!
//! **What must be right.** On gitlab.com every job of everybody gets tokens for whatever audience it asks for: what keeps
//! others out is the group or user, `namespace`, which is why no constructor does without. It is the full path
//! (`group/subgroup`) and does not stand for the groups below it; a list of several is `bind_claim` on an
//! [`Issuer::new`] of your own. One project alone is `bind_claim("project_path", "group/project")`, protected branches are
//! `bind_claim("ref_protected", "true")`: a string, as GitLab has it.
//!
//! GitLab signs the ID tokens of people who log in with it by the same keys; those have none of these claims.
//!
//! Source: <https://docs.gitlab.com/ci/secrets/id_token_authentication/>.

use claviger_core::Algorithm;
use claviger_core::Issuer;
use claviger_core::Profile;
use serde::Deserialize;

use crate::arguments::Arguments;
use crate::redacted::redacted;

/// The jobs of this group or user at the GitLab at this domain: `https://DOMAIN`.
///
/// ```
/// use claviger_core::Verifier;
/// use claviger_providers::gitlab;
///
/// let issuer = gitlab::issuer("gitlab.com", "my-group", "https://deploy.example.com")
///     .bind_claim("project_path", "my-group/website")
///     .bind_claim("ref_protected", "true");
/// assert!(Verifier::builder(issuer).build().is_ok());
/// ```
pub fn issuer(domain: &str, namespace: &str, audience: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let domain = arguments.domain("domain", domain);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_path = namespace.split('/').all(|name| !name.is_empty() && name.bytes().all(is_plain));
    let namespace = arguments.matching("namespace", namespace, is_path, "must be a path such as `group/subgroup`");
    arguments.of(Issuer::new(format!("https://{domain}"), audience)
        .with_profile(Profile::Identity)
        .with_algorithms([Algorithm::Rs256])
        .bind_claim("namespace_path", namespace))
}

/// What the ID token of a job says. GitLab has numbers as strings.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// `project_path:GROUP/PROJECT:ref_type:branch:ref:main` for example.
    pub sub: String,
    /// The group or user, by its path.
    pub namespace_path: String,
    /// Its number, which never changes.
    pub namespace_id: String,
    /// The project, by its path.
    pub project_path: String,
    /// Its number, which never changes.
    pub project_id: String,
    /// Who runs the job.
    pub user_login: Option<String>,
    /// The pipeline's number.
    pub pipeline_id: String,
    /// What started it: `push`, `web`, `merge_request_event` and others.
    pub pipeline_source: Option<String>,
    /// The job's number.
    pub job_id: String,
    /// The branch or tag.
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// `branch` or `tag`.
    pub ref_type: String,
    /// `true` or `false`, as a string.
    pub ref_protected: String,
    /// The environment that the job deploys to.
    pub environment: Option<String>,
    /// The commit.
    pub sha: Option<String>,
}

impl Claims {
    /// Whether the branch or tag is protected.
    #[must_use]
    pub fn is_protected(&self) -> bool {
        self.ref_protected == "true"
    }
}

redacted!(Claims);
