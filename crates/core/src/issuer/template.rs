//! Issuers that differ in one place: their tenant.

use url::Url;

/// An issuer for each tenant, `https://login.example/{tenant}/v2.0`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Template {
    before: Box<str>,
    after: Box<str>,
    place: Place,
}

/// Where the tenant stands; what may stand there follows from it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Place {
    /// A whole segment of the path.
    Segment,
    /// The whole first label of the host, before at least two others.
    Label,
}

impl Template {
    /// # Errors
    ///
    /// Why `text`, which holds [`TENANT`], is no template.
    pub(crate) fn read(text: &str) -> Result<Self, &'static str> {
        let (before, after) = text.split_once(TENANT).ok_or("has no `{tenant}`")?;
        if after.contains('{') || before.contains('{') {
            return Err("must have one placeholder, `{tenant}`");
        }
        let host_and_path = before.split_once("://").map_or("", |(_, rest)| rest);
        let place = if host_and_path.is_empty() && before.ends_with("://") {
            let host = after.split('/').next().unwrap_or_default();
            let is_below_a_domain = host.starts_with('.') && host.matches('.').count() >= 2 && !host.contains("..");
            if !is_below_a_domain {
                return Err("must name at least two labels of the host behind `{tenant}.`");
            }
            Place::Label
        } else if host_and_path.contains('/') && before.ends_with('/') && (after.is_empty() || after.starts_with('/')) {
            Place::Segment
        } else {
            return Err("must have `{tenant}` as a whole segment of the path, or as the first label of the host");
        };
        Ok(Self { before: before.into(), after: after.into(), place })
    }

    pub(crate) fn expand(&self, tenant: &str) -> String {
        [&self.before, tenant, &self.after].concat()
    }

    /// The tenant whose issuer this is: of the few characters that need no second look in a URL, nothing decoded and
    /// nothing normalised.
    pub(crate) fn tenant_of<'a>(&self, issuer: &'a str) -> Option<&'a str> {
        between(issuer, &self.before, &self.after).filter(|tenant| self.may_be(tenant))
    }

    /// Whether metadata that state this issuer are those of the template: whatever they call their placeholder.
    pub(crate) fn is_stated_as(&self, stated: &str) -> bool {
        placeholder(stated).is_some_and(|(before, after)| *before == *self.before && *after == *self.after)
    }

    /// Whether no tenant, whatever it is called, chooses by `url`, an address of its keys, which host is asked; the host's
    /// own label may be one, as it may be in the issuer. What is no URL is told elsewhere.
    pub(crate) fn leaves_the_host_in(&self, url: &str) -> bool {
        let [Some(one), Some(other)] = ["one", "other"].map(|tenant| host(&url.replace(TENANT, tenant))) else {
            return true;
        };
        let below = |host: &str, tenant: &str| Some(host.strip_prefix(tenant)?.strip_prefix('.')?.to_owned());
        match (self.place, below(&one, "one"), below(&other, "other")) {
            _ if one == other => true,
            (Place::Label, Some(one), Some(other)) => one == other && one.contains('.'),
            _ => false,
        }
    }

    /// Whether this can be a tenant.
    pub(crate) fn may_be(&self, tenant: &str) -> bool {
        match self.place {
            Place::Segment => {
                let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
                (1..=LONGEST_SEGMENT).contains(&tenant.len())
                    && tenant.bytes().all(is_plain)
                    && !tenant.starts_with('.')
            }
            // Upper case would be another issuer at the same address.
            Place::Label => {
                let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
                (1..=LONGEST_LABEL).contains(&tenant.len())
                    && tenant.bytes().all(is_plain)
                    && !tenant.starts_with('-')
                    && !tenant.ends_with('-')
            }
        }
    }
}

/// Whether a key whose member `issuer` is `stated` is meant for the tokens of `issuer`: that one itself, or each tenant by
/// a placeholder (Entra ID). `tenant` is what must stand there, where that is known; otherwise one name.
pub(crate) fn is_meant_for(stated: &str, issuer: &str, tenant: Option<&str>) -> bool {
    let Some((before, after)) = placeholder(stated) else { return stated == issuer };
    let is_one_name = |name: &str| !name.is_empty() && !name.contains('/');
    between(issuer, before, after).is_some_and(|name| tenant.map_or_else(|| is_one_name(name), |tenant| name == tenant))
}

/// What stands before and after the one placeholder.
fn placeholder(text: &str) -> Option<(&str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    (is_name && !after.contains('{')).then_some((before, after))
}

/// With the port.
fn host(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    Some(url.authority().to_owned())
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.strip_prefix(before)?.strip_suffix(after)
}

/// Stands for the tenant, in an issuer and in the addresses of its keys.
pub(crate) const TENANT: &str = "{tenant}";

const LONGEST_SEGMENT: usize = 128;
/// RFC 1035, section 2.3.4.
const LONGEST_LABEL: usize = 63;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tenant_is_a_whole_segment_or_the_first_label() {
        for text in [
            "https://login.example/{tenant}",
            "https://login.example/{tenant}/",
            "https://login.example/a/{tenant}/v2.0",
            "https://{tenant}.login.example",
            "https://{tenant}.login.example/realm",
            "http://127.0.0.1:8080/{tenant}",
        ] {
            assert_eq!(Template::read(text).unwrap().expand(TENANT), text);
        }
        for text in [
            "https://login.example/a{tenant}",
            "https://login.example/{tenant}.0",
            "https://login.example/{tenant}/{tenant}",
            "https://login.example/{realm}/{tenant}",
            "https://{tenant}",
            "https://{tenant}/",
            "https://{tenant}.example",
            "https://{tenant}.example/a.b.c",
            "https://{tenant}login.example.com",
            "https://login.{tenant}.example",
            "https://login.example:{tenant}/",
            "{tenant}",
        ] {
            assert!(Template::read(text).is_err(), "{text}");
        }
    }

    /// Attack G4.
    #[test]
    fn only_plain_names_are_tenants() {
        let template = Template::read("https://login.example/{tenant}/v2.0").unwrap();
        let of = |tenant: &str| format!("https://login.example/{tenant}/v2.0");
        for tenant in ["a", "acme.com", "9188040d-6c67-4c5b-b112-36a304b66dad", "A_b~c"] {
            assert_eq!(template.tenant_of(&of(tenant)), Some(tenant));
        }
        let long = "a".repeat(129);
        for tenant in [
            "", ".", "..", ".hidden", "a/b", "..%2f", "%61", "ä", "a b", "a\\b", "a?b", "a#b", "a@b", "{tenant}", &long,
        ] {
            assert_eq!(template.tenant_of(&of(tenant)), None, "{tenant:?}");
        }
        for other in ["https://login.example/v2.0", "https://login.example/a", "https://login.example.evil/a/v2.0"] {
            assert_eq!(template.tenant_of(other), None, "{other}");
        }
        let host = Template::read("https://{tenant}.login.example/").unwrap();
        assert_eq!(host.tenant_of("https://acme-1.login.example/"), Some("acme-1"));
        for label in ["", "Acme", "a.b", "-a", "a-", "a_b", "evil.com/", "a@b", &"a".repeat(64)] {
            assert_eq!(host.tenant_of(&format!("https://{label}.login.example/")), None, "{label}");
        }
    }

    #[test]
    fn metadata_and_keys_call_the_placeholder_as_they_like() {
        let template = Template::read("https://login.example/{tenant}/v2.0").unwrap();
        assert!(template.is_stated_as("https://login.example/{tenantid}/v2.0"));
        for other in [
            "https://login.example/{tenantid}",
            "https://login.example/acme/v2.0",
            "https://login.example/{}/v2.0",
            "https://login.example/{a}/{b}/v2.0",
            "https://evil.example/{tenant}/v2.0",
        ] {
            assert!(!template.is_stated_as(other), "{other}");
        }
        let issuer = "https://login.example/acme/v2.0";
        for tenant in [Some("acme"), None] {
            for stated in [issuer, "https://login.example/{tenantid}/v2.0"] {
                assert!(is_meant_for(stated, issuer, tenant), "{stated}");
            }
            for stated in ["", "https://login.example/other/v2.0", "https://login.example/{x}", "{x}", "{x}/v2.0"] {
                assert!(!is_meant_for(stated, issuer, tenant), "{stated}");
            }
        }
        assert!(!is_meant_for("https://login.example/{x}/v2.0", issuer, Some("other")));
        assert!(!is_meant_for("https://{x}/acme/v2.0", issuer, Some("acme")), "the tenant is no host");
    }
}
