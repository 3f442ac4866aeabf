//! Issuers for the identity providers that people have.
//!
//! One module is one provider: a function that makes its [`Issuer`](claviger_core::Issuer), right for its tokens, and
//! `Claims` with the shapes that they really have. What the provider does not decide is chained on:
//!
//! ```
//! use std::time::Duration;
//!
//! use claviger_core::Verifier;
//! use claviger_providers::auth0;
//! use claviger_providers::keycloak;
//!
//! let customers = auth0::issuer("tenant.eu.auth0.com", "https://api.example.com").require_claim("org_id");
//! let staff = keycloak::issuer("sso.example.com", "staff", "reports-api").with_leeway(Duration::from_secs(5));
//! let verifier = Verifier::builder(customers).add_issuer(staff).build()?;
//! # let _ = verifier;
//! # Ok::<(), claviger_core::error::ConfigError>(())
//! ```
//!
//! A domain becomes the exact issuer that the provider states, and nothing else is normalised: a scheme or a path where a
//! domain is meant, capitals, blanks, and what was left of a template are problems, told with all others when the verifier
//! is built.
//!
//! | Module | Is given | `iss` | Profile |
//! |---|---|---|---|
//! | [`auth0`] | domain, audience | `https://DOMAIN/` | `jwt` |
//! | [`authpi`] | issuer id or domain, audience | `https://idp.authpi.com/ID` | `rfc9068` |
//! | [`cloudflare_access`] | team, audience tag | `https://TEAM.cloudflareaccess.com` | `identity`, `type` `app` |
//! | [`cognito`] | user pool, client id | `https://cognito-idp.REGION.amazonaws.com/POOL` | `jwt`, `token_use` `access` |
//! | [`entra`] | tenant, audience | `https://login.microsoftonline.com/TENANT/v2.0` | `jwt`, `tid`, `ver` |
//! | [`firebase`] | project | `https://securetoken.google.com/PROJECT` | `identity` |
//! | [`github_actions`] | owner, audience | `https://token.actions.githubusercontent.com` | `identity`, `repository_owner` |
//! | [`gitlab`] | domain, namespace, audience | `https://DOMAIN` | `identity`, `namespace_path` |
//! | [`google`] | audience | `https://accounts.google.com` | `identity` |
//! | [`keycloak`] | domain, realm, audience | `https://DOMAIN/realms/REALM` | `jwt`, `typ` `Bearer` |
//! | [`kubernetes`] | issuer, audience | as given | `identity`, `kubernetes.io` |
//! | [`okta`] | domain, authorization server, audience | `https://DOMAIN/oauth2/SERVER` | `jwt`, `cid` |
//! | [`one_auth`] | issuer, audience, application | as given | `jwt`, `app_id` |
//! | [`openauth`] | issuer, audience | as given | `jwt`, `mode` `access` |
//! | [`ory`] | domain, audience | `https://DOMAIN` | `jwt` |
//! | [`zitadel`] | domain, audience | `https://DOMAIN` | `jwt`, `jti` |
//!
//! The crate `claviger`, with its feature `providers`, knows them by name in a configuration file, where the arguments are
//! members: `provider = "keycloak"` beside `domain`, `realm` and `audience`. What a preset has set can be made stricter
//! there, and not be taken back; `algorithms` alone names others.
//!
//! `Debug` of claims shows nothing of them.
//!
//! # Features
//!
//! | Feature | What it does |
//! |---|---|
//! | `development` | `cloudflare_access::DevelopmentIdentity`, who stands in for Access on loopback while a program is written |

mod arguments;
mod redacted;

pub mod auth0;
pub mod authpi;
pub mod cloudflare_access;
pub mod cognito;
pub mod entra;
pub mod firebase;
pub mod github_actions;
pub mod gitlab;
pub mod google;
pub mod keycloak;
pub mod kubernetes;
pub mod okta;
pub mod one_auth;
pub mod openauth;
pub mod ory;
pub mod zitadel;
