//! What Access knows about somebody.

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;

use crate::redacted::redacted;

/// What Access knows about the session of somebody, beyond the token. Every member may be
/// missing, but not both of `email` and `user_uuid`: it would be about nobody.
///
/// It was true when it was looked up, and is what Access says and not what the token does: groups are as they were when
/// the user logged in.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Identity {
    /// The user's address.
    pub email: Option<String>,
    /// For people to read.
    pub name: Option<String>,
    /// The user, by an id that stays when the address changes.
    pub user_uuid: Option<String>,
    /// The Cloudflare account.
    pub account_id: Option<String>,
    /// When the session began, in seconds since 1970.
    pub iat: Option<u64>,
    /// Where the user logged in from.
    pub ip: Option<String>,
    /// How a certificate was judged.
    pub auth_status: Option<String>,
    /// The common name of a certificate.
    pub common_name: Option<String>,
    /// The service token, if one was used.
    pub service_token_id: Option<String>,
    /// Whether it was good.
    pub service_token_status: Option<bool>,
    /// Whether the device runs the WARP client.
    pub is_warp: Option<bool>,
    /// Whether the device goes through the team's gateway.
    pub is_gateway: Option<bool>,
    /// The gateway's account.
    pub gateway_account_id: Option<String>,
    /// The device.
    pub device_id: Option<String>,
    /// Sessions of devices, by device.
    #[serde(default)]
    pub device_sessions: Map<String, Value>,
    /// What was checked of the device, by check.
    #[serde(default, rename = "devicePosture")]
    pub device_posture: Map<String, Value>,
    /// The identity provider that the user logged in with.
    pub idp: Option<IdentityProvider>,
    /// Where the user is.
    pub geo: Option<Geography>,
    /// Groups, in the form of the identity provider: names, or objects with `id`, `name` and `email`.
    #[serde(default)]
    pub groups: Vec<Value>,
    /// The version of this document.
    pub version: Option<u64>,
}

/// An identity provider of the team.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct IdentityProvider {
    /// Its id in the team.
    pub id: Option<String>,
    /// `google`, `azureAD`, `onetimepin` and others.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// Where somebody is.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Geography {
    /// As two letters.
    pub country: Option<String>,
}

impl Identity {
    /// Whether the user is in the group of this name or id.
    #[must_use]
    pub fn is_in_group(&self, group: &str) -> bool {
        let is_it = |value: &Value| value.as_str() == Some(group);
        self.groups.iter().any(|entry| is_it(entry) || ["id", "name", "email"].iter().any(|name| is_it(&entry[*name])))
    }
}

redacted!(Identity, IdentityProvider, Geography);
