//! What the guards on the way of a request have demanded.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use claviger_core::ScopePolicy;
use claviger_core::Scopes;
use claviger_core::VerifiedToken;

/// What the guards on the way of a request have demanded, for the challenge of the one that refuses it: some clients ask
/// for exactly the scopes that a challenge names, and would lose those that an earlier guard needs.
#[derive(Debug, Default)]
pub(crate) struct Demanded {
    policies: Mutex<Policies>,
    /// The token's own scopes of these are named too, where `challenge_granted` is set.
    granted: Option<Arc<Scopes>>,
}

/// Most requests pass one guard, which costs no allocation.
#[derive(Clone, Debug, Default)]
struct Policies {
    first: Option<ScopePolicy>,
    others: Vec<ScopePolicy>,
}

impl Demanded {
    pub(crate) fn new(granted: Option<Arc<Scopes>>) -> Self {
        Self { granted, ..Self::default() }
    }

    /// The same guards, and these of the token's own scopes.
    pub(crate) fn granted_of(self, granted: Option<Arc<Scopes>>) -> Self {
        Self { granted, ..self }
    }

    /// Records a policy that the request meets.
    pub(crate) fn record(&self, policy: &ScopePolicy) {
        if policy.scopes().is_empty() {
            return;
        }
        let mut policies = self.policies.lock().unwrap_or_else(PoisonError::into_inner);
        match &policies.first {
            None => policies.first = Some(policy.clone()),
            // A handler may ask about each message of a connection that lives for days.
            Some(_) if policies.others.len() >= MAX_OTHERS || policies.iter().any(|one| one.is(policy)) => {}
            Some(_) => policies.others.push(policy.clone()),
        }
    }

    /// The policies, in the order in which the request met them.
    pub(crate) fn policies(&self) -> Vec<ScopePolicy> {
        self.policies.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Those scopes of the token that a challenge names besides the demanded ones.
    pub(crate) fn granted(&self, token: &VerifiedToken) -> Scopes {
        let supported = self.granted.as_deref();
        let is_supported = |scope: &&str| supported.is_some_and(|supported| supported.contains(scope));
        Scopes::new(token.scopes().filter(is_supported)).unwrap_or_default()
    }
}

impl Clone for Demanded {
    fn clone(&self) -> Self {
        let policies = self.policies.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Self { policies: Mutex::new(policies), granted: self.granted.clone() }
    }
}

impl Policies {
    fn iter(&self) -> impl Iterator<Item = &ScopePolicy> {
        self.first.iter().chain(&self.others)
    }
}

const MAX_OTHERS: usize = 63;
