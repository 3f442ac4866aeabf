//! GitHub Actions: the tokens of workflows.
//!
//! **What must be right.** Every workflow of everybody on GitHub gets tokens of this issuer, for whatever audience it asks
//! for: what keeps others out is `repository_owner`, which is why no constructor does without. It is the name as GitHub
//! spells it, upper case too. Names can be given up and taken by others; the numeric
//! `bind_claim("repository_owner_id", "…")` cannot. One repository alone is `bind_claim("repository", "owner/name")`, one
//! branch `bind_claim("ref", "refs/heads/main")`: pull requests of others run with tokens of the repository too.
//!
//! Source: <https://docs.github.com/en/actions/reference/security/oidc>.

use claviger_core::Algorithm;
use claviger_core::Issuer;
use claviger_core::Profile;
use serde::Deserialize;

use crate::arguments::Arguments;
use crate::redacted::redacted;

/// The workflows of this owner, an organization or a user, on github.com.
///
/// ```
/// use claviger_core::Verifier;
/// use claviger_providers::github_actions;
///
/// let issuer = github_actions::issuer("octo-org", "https://deploy.example.com")
///     .bind_claim("repository", "octo-org/website")
///     .bind_claim("ref", "refs/heads/main");
/// assert!(Verifier::builder(issuer).build().is_ok());
/// ```
pub fn issuer(owner: &str, audience: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let owner = arguments.segment("owner", owner);
    arguments.of(workflows("https://token.actions.githubusercontent.com".to_owned(), owner, audience))
}

/// The same for an enterprise that has an issuer of its own, named by its slug.
pub fn enterprise_issuer(enterprise: &str, owner: &str, audience: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let enterprise = arguments.segment("enterprise", enterprise);
    let owner = arguments.segment("owner", owner);
    let issuer = format!("https://token.actions.githubusercontent.com/{enterprise}");
    arguments.of(workflows(issuer, owner, audience))
}

/// The same for a GitHub Enterprise Server at this domain.
pub fn server_issuer(domain: &str, owner: &str, audience: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let domain = arguments.domain("domain", domain);
    let owner = arguments.segment("owner", owner);
    arguments.of(workflows(format!("https://{domain}/_services/token"), owner, audience))
}

fn workflows(issuer: String, owner: &str, audience: impl Into<String>) -> Issuer {
    Issuer::new(issuer, audience)
        .with_profile(Profile::Identity)
        .with_algorithms([Algorithm::Rs256])
        .bind_claim("repository_owner", owner)
}

/// What the token of a workflow says.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// `repo:OWNER/NAME:ref:refs/heads/main` for example; organizations can have it made of other claims.
    pub sub: String,
    /// `owner/name`.
    pub repository: String,
    /// Its number, which never changes.
    pub repository_id: String,
    /// The organization or user that it belongs to.
    pub repository_owner: String,
    /// Its number, which never changes.
    pub repository_owner_id: String,
    /// `public`, `private` or `internal`.
    pub repository_visibility: Option<String>,
    /// The branch, tag or pull request, as `refs/…`.
    #[serde(rename = "ref")]
    pub git_ref: String,
    /// `branch` or `tag`.
    pub ref_type: Option<String>,
    /// The commit.
    pub sha: String,
    /// Who started it.
    pub actor: String,
    /// What started it: `push`, `pull_request`, `workflow_dispatch` and others.
    pub event_name: String,
    /// The workflow's name.
    pub workflow: String,
    /// Its file, as `owner/name/.github/workflows/x.yml@refs/…`.
    pub workflow_ref: Option<String>,
    /// The file of the reusable workflow that the job runs, in the same form.
    pub job_workflow_ref: Option<String>,
    /// The environment that the job deploys to.
    pub environment: Option<String>,
    /// `github-hosted` or `self-hosted`.
    pub runner_environment: Option<String>,
    /// The run.
    pub run_id: String,
}

redacted!(Claims);
