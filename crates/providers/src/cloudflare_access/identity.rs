//! What Access knows about somebody.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Map;
use serde_json::Value;

use crate::redacted::redacted;

/// What Access knows about the session of somebody, beyond the token. Every member may be
/// missing, but not both of `email` and `user_uuid`: it would be about nobody.
///
/// It was true when it was looked up, and is what Access says and not what the token does: groups are as they were when
/// the user logged in.
///
/// Access does not document the types of the members, and what it sends has varied: one that is `null` or of another type
/// than here is treated as missing, and the others are read.
///
/// ```
/// use claviger_providers::cloudflare_access::Identity;
///
/// let answer = r#"{"email":"user@example.com","groups":null,"device_sessions":[],"version":"2","cn":"laptop-7"}"#;
/// let identity: Identity = serde_json::from_str(answer)?;
/// assert_eq!(identity.email.as_deref(), Some("user@example.com"));
/// assert_eq!(identity.common_name.as_deref(), Some("laptop-7"));
/// assert!(identity.groups.is_empty() && identity.version.is_none());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Deserialize)]
#[serde(from = "Members")]
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
    /// The common name of a certificate: `common_name`, or else `cn`.
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
    pub device_sessions: Map<String, Value>,
    /// What was checked of the device, by check.
    pub device_posture: Map<String, Value>,
    /// The identity provider that the user logged in with.
    pub idp: Option<IdentityProvider>,
    /// Where the user is.
    pub geo: Option<Geography>,
    /// Groups, in the form of the identity provider: names, or objects with `id`, `name` and `email`.
    pub groups: Vec<Value>,
    /// The version of this document.
    pub version: Option<u64>,
}

/// An identity provider of the team.
#[derive(Clone, Default, Deserialize)]
#[serde(from = "Members")]
#[non_exhaustive]
pub struct IdentityProvider {
    /// Its id in the team.
    pub id: Option<String>,
    /// `google`, `azureAD`, `onetimepin` and others.
    pub kind: Option<String>,
}

/// Where somebody is.
#[derive(Clone, Default, Deserialize)]
#[serde(from = "Members")]
#[non_exhaustive]
pub struct Geography {
    /// As two letters.
    pub country: Option<String>,
}

/// The members as they are sent.
#[derive(Deserialize)]
#[serde(transparent)]
struct Members(Map<String, Value>);

impl Members {
    /// The default for what is missing or of another type.
    fn take<T: DeserializeOwned + Default>(&mut self, name: &str) -> T {
        self.0.remove(name).and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default()
    }
}

impl From<Members> for Identity {
    fn from(mut members: Members) -> Self {
        let common_name: Option<String> = members.take("common_name");
        let cn: Option<String> = members.take("cn");
        Self {
            email: members.take("email"),
            name: members.take("name"),
            user_uuid: members.take("user_uuid"),
            account_id: members.take("account_id"),
            iat: members.take("iat"),
            ip: members.take("ip"),
            auth_status: members.take("auth_status"),
            common_name: common_name.filter(|name| !name.is_empty()).or(cn),
            service_token_id: members.take("service_token_id"),
            service_token_status: members.take("service_token_status"),
            is_warp: members.take("is_warp"),
            is_gateway: members.take("is_gateway"),
            gateway_account_id: members.take("gateway_account_id"),
            device_id: members.take("device_id"),
            device_sessions: members.take("device_sessions"),
            device_posture: members.take("devicePosture"),
            idp: members.take("idp"),
            geo: members.take("geo"),
            groups: members.take("groups"),
            version: members.take("version"),
        }
    }
}

impl From<Members> for IdentityProvider {
    fn from(mut members: Members) -> Self {
        Self { id: members.take("id"), kind: members.take("type") }
    }
}

impl From<Members> for Geography {
    fn from(mut members: Members) -> Self {
        Self { country: members.take("country") }
    }
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
