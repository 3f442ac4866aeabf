//! Which tenants an issuer template stands for, and how their tokens name them.

use std::collections::HashSet;

use crate::error::Problems;
use crate::issuer::Issuer;
use crate::issuer::template::TENANT;
use crate::issuer::template::Template;

/// Which tenants an issuer template stands for, and how their tokens name them.
#[derive(Debug)]
pub(crate) struct Tenancy {
    pub(crate) template: Template,
    /// Must be the tenant.
    pub(crate) claim: Box<str>,
    /// Whole names, and beginnings of names; if there are none of either, all.
    names: HashSet<Box<str>>,
    beginnings: Vec<Box<str>>,
}

impl Tenancy {
    /// `None` if `issuer` is no template. What else is wrong is told too, and the answer then not to be used.
    ///
    /// # Errors
    ///
    /// It is meant as a template and is none, which was told.
    pub(crate) fn check(issuer: &Issuer, path: &str, problems: &mut Problems) -> Result<Option<Self>, ()> {
        let mut wrong = |name: &str, message: &str| problems.add(format!("{path}.{name}"), message);
        if !issuer.issuer.contains(TENANT) {
            if issuer.issuer.contains(['{', '}']) {
                wrong("issuer", "must have no placeholder but `{tenant}`");
            }
            if issuer.tenant_claim.is_some() {
                wrong("tenant_claim", "belongs to an issuer with `{tenant}`");
            }
            if issuer.tenants.is_some() {
                wrong("tenants", "belongs to an issuer with `{tenant}`");
            }
            return Ok(None);
        }
        if !issuer.aliases.is_empty() {
            wrong("aliases", "is not for an issuer with `{tenant}`");
        }
        let claim = issuer.tenant_claim.as_deref().unwrap_or_default();
        if claim.trim().is_empty() {
            wrong("tenant_claim", "must name the claim that says the tenant, because the issuer has `{tenant}`");
        }
        let template = Template::read(&issuer.issuer).map_err(|message| wrong("issuer", message))?;
        for location in &issuer.key_locations {
            if location.url().is_some_and(|url| !template.leaves_the_host_in(url)) {
                wrong(location.name(), "must not leave it to the tenant which host is asked");
            }
        }
        let allowed = issuer.tenants.clone();
        if allowed.as_ref().is_some_and(Vec::is_empty) {
            wrong("tenants", "must not be empty; leave it out for all");
        }
        let (mut names, mut beginnings) = (HashSet::new(), Vec::new());
        for tenant in allowed.iter().flatten() {
            let is_right = match tenant.strip_suffix('*') {
                Some(beginning) => {
                    beginnings.push(beginning.into());
                    // What is to be continued may end as no tenant does.
                    template.may_be(&format!("{beginning}0"))
                }
                None => {
                    names.insert(tenant.as_str().into());
                    template.may_be(tenant)
                }
            };
            if !is_right {
                wrong("tenants", &format!("{tenant:?} is no tenant, and no beginning of one with `*` behind it"));
            }
        }
        Ok(Some(Self { template, claim: claim.into(), names, beginnings }))
    }

    /// The tenant whose issuer this is, if it is one of those that are allowed.
    pub(crate) fn tenant_of<'a>(&self, issuer: &'a str) -> Option<&'a str> {
        self.template.tenant_of(issuer).filter(|tenant| self.allows(tenant))
    }

    /// All of them, if each is named whole.
    pub(crate) fn list(&self) -> Option<&HashSet<Box<str>>> {
        (!self.names.is_empty() && self.beginnings.is_empty()).then_some(&self.names)
    }

    /// As fast with many names as with one, because anybody can have it asked.
    fn allows(&self, tenant: &str) -> bool {
        let are_all = self.names.is_empty() && self.beginnings.is_empty();
        are_all || self.names.contains(tenant) || self.beginnings.iter().any(|name| tenant.starts_with(&**name))
    }
}
