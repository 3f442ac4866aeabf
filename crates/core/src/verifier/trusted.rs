//! An issuer that is believed.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use serde_json::Value;

use crate::claims;
use crate::claims::ClaimSet;
use crate::claims::ScopeHierarchy;
use crate::clock::Clock;
use crate::error::Failure;
use crate::error::NameSample;
use crate::issuer::IssuerRules;
use crate::issuer::NamedBy;
use crate::issuer::Profile;
use crate::issuer::is_meant_for;
use crate::keys::Answer;
use crate::keys::Ask;
use crate::keys::KeySource;
use crate::token::UnverifiedToken;
use crate::verifier::found::Kept;

/// An issuer that is believed: all that its tokens are judged by.
#[derive(Debug)]
pub(crate) struct Trusted {
    /// As it is configured.
    pub(crate) issuer: Box<str>,
    /// What else its tokens may call it.
    pub(crate) aliases: Vec<String>,
    pub(crate) rules: Arc<IssuerRules>,
    pub(crate) keys: Arc<dyn KeySource>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) hierarchy: ScopeHierarchy,
    pub(crate) presented: Presented,
    pub(crate) named_by: NamedBy,
    /// Of a template.
    pub(crate) tenant: Option<Tenant>,
    pub(crate) standing: Standing,
    /// Of an issuer found at run time that is kept for a while.
    pub(crate) kept: Option<Kept>,
}

/// One tenant of an issuer template.
#[derive(Debug)]
pub(crate) struct Tenant {
    /// The claim that must be its name.
    pub(crate) claim: Box<str>,
    pub(crate) name: Box<str>,
}

/// What becomes of the text of a token that is believed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Presented {
    #[default]
    Forgotten,
    Kept,
}

impl Trusted {
    /// All that its tokens may call it.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.issuer).chain(self.aliases.iter().map(String::as_str))
    }

    /// Whether a key with the member `issuer` may sign its tokens: a set can be that of several issuers (Entra ID).
    pub(super) fn is_issuer_of_a_key(&self, stated: &str) -> bool {
        let tenant = self.tenant.as_ref().map(|tenant| &*tenant.name);
        self.names().any(|name| is_meant_for(stated, name, tenant))
    }

    /// Of the keys that may be used without waiting for others.
    pub(super) fn generation_at_hand(&self) -> Option<u64> {
        let arrival = self.keys.arrival();
        let ask = || match self.keys.keys(Ask::Any(arrival)) {
            Answer::Ready(keys) => keys.ok().map(|keys| keys.generation),
            Answer::Wait(_) => None,
        };
        self.keys.fresh_generation(arrival).or_else(ask)
    }

    /// What `iss` says of the tenant, its claim must say too.
    pub(super) fn check_tenant(&self, payload: &str) -> Result<(), Failure> {
        let Some(Tenant { claim, name }) = &self.tenant else { return Ok(()) };
        claims::bind(payload, claim, &[Value::from(&**name)])
    }

    /// The same failure, with what may help the operator: the profile that would accept the token, or the keys at hand.
    pub(super) fn with_hint(&self, mut failure: Failure, token: &UnverifiedToken<'_>, claims: &ClaimSet) -> Failure {
        if let Failure::WrongType { accepted_by, .. } | Failure::MissingClaim { accepted_by, .. } = &mut failure {
            *accepted_by = self.accepting_profile(token, claims);
        }
        if let Failure::UnknownKey { known } = &mut failure {
            *known = self.known_key_ids();
        }
        failure
    }

    /// The other profile under which this very token would have passed.
    fn accepting_profile(&self, token: &UnverifiedToken<'_>, claims: &ClaimSet) -> Option<Profile> {
        let (payload, typ) = (token.payload(), token.header().typ());
        let now = self.clock.unix().filter(|_| self.check_tenant(payload).is_ok());
        now.and_then(|now| claims::accepting_profile(claims, payload, typ, &self.rules, now.as_secs_f64()))
    }

    fn known_key_ids(&self) -> NameSample {
        match self.keys.keys(Ask::Any(self.keys.arrival())) {
            Answer::Ready(Ok(keys)) => keys.set.sample().clone(),
            Answer::Ready(Err(_)) | Answer::Wait(_) => NameSample::default(),
        }
    }

    /// Notes that a token of it has a good signature.
    pub(super) fn prove(self: &Arc<Self>) {
        if let Some(kept) = &self.kept {
            kept.prove(self);
        }
        self.keys.confirm();
    }
}

/// Whether an issuer still stands, to be asked by whoever has held on to it: a token that waits for its keys, above all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    is_removed: Arc<AtomicBool>,
}

impl Standing {
    pub(crate) fn is_removed(&self) -> bool {
        self.is_removed.load(Ordering::Acquire)
    }

    pub(super) fn remove(&self) {
        self.is_removed.store(true, Ordering::Release);
    }

    /// Whether both stand and fall together.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.is_removed, &other.is_removed)
    }
}
