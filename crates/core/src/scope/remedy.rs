//! What a client could do about a policy that its token does not meet.

use crate::claims::Scopes;
use crate::scope::Missing;
use crate::scope::StepUp;
use crate::scope::need::Need;
use crate::scope::need::Parameters;
use crate::verifier::VerifiedToken;

/// What would meet a need, with the other claims of the token as they are.
#[derive(Debug, Default)]
pub(super) struct Remedy<'a> {
    /// One sufficient set of scopes, including those that the token has.
    scopes: Vec<&'a str>,
    /// Those of the set that the token lacks.
    lacking: Vec<&'a str>,
    /// The authentication that is needed as well.
    step_up: Option<StepUp>,
    /// What neither a scope nor an authentication gives.
    others: Vec<String>,
}

/// The token that is asked about, at a path with these parameters. A client without a token has no claims.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) token: Option<&'a VerifiedToken>,
    pub(super) parameters: Parameters<'a>,
}

impl<'a> Remedy<'a> {
    pub(super) fn of(need: &'a Need, asked: Asked<'_>) -> Self {
        Self::beside(need, asked, &[])
    }

    /// Returns the sufficient set, in the order of `written`.
    pub(super) fn scopes(&self, written: &Scopes) -> Scopes {
        written.only(|scope| self.scopes.contains(&scope))
    }

    pub(super) fn into_missing(self, written: &Scopes) -> Missing {
        let lacking = written.only(|scope| self.lacking.contains(&scope));
        Missing::new(lacking, self.scopes(written), self.others, self.step_up)
    }

    /// The scopes in `anyway` are needed in any case, so they make no alternative dearer.
    fn beside(need: &'a Need, asked: Asked<'_>, anyway: &[&str]) -> Self {
        match need {
            Need::All(needs) => {
                let mut certain = anyway.to_vec();
                needs.iter().for_each(|need| need.collect_certain(&mut certain));
                let anyway_of = |need: &Need| if let Need::Any(_) = need { certain.as_slice() } else { anyway };
                needs.iter().map(|need| Self::beside(need, asked, anyway_of(need))).fold(Self::default(), Self::and)
            }
            // No client can get what no token has.
            Need::Any(needs) if needs.is_empty() => Self::other(need),
            Need::Any(needs) => Self::least(needs.iter().map(|need| Self::beside(need, asked, anyway)).collect()),
            Need::Scope(scope) => {
                let is_there = asked.token.is_some_and(|token| token.has_scope(scope)) || anyway.contains(&&**scope);
                let lacking = if is_there { Vec::new() } else { vec![&**scope] };
                Self { scopes: vec![scope], lacking, ..Self::default() }
            }
            Need::Acr(_)
            | Need::MaxAge(_)
            | Need::Permission(_)
            | Need::Role(_)
            | Need::Organization(_)
            | Need::OrganizationInPath(_)
            | Need::Claim(_)
            | Need::ClaimEquals(..)
            | Need::PathParameter { .. }
            | Need::Predicate(_) => Self::of_claim(need, asked),
        }
    }

    /// Of a need that no scope meets.
    fn of_claim(need: &Need, asked: Asked<'_>) -> Self {
        if asked.token.is_some_and(|token| need.is_met(token, asked.parameters)) {
            return Self::default();
        }
        if let Need::Acr(values) = need {
            Self { step_up: Some(StepUp::with_acr(values.clone())), ..Self::default() }
        } else if let Need::MaxAge(age) = need {
            Self { step_up: Some(StepUp::within(*age)), ..Self::default() }
        } else {
            Self::other(need)
        }
    }

    /// As the policy writes it.
    fn other(need: &Need) -> Self {
        Self { others: vec![need.to_string()], ..Self::default() }
    }

    /// Both are needed.
    fn and(mut self, other: Self) -> Self {
        extend(&mut self.scopes, other.scopes);
        extend(&mut self.lacking, other.lacking);
        self.others.extend(other.others);
        self.step_up = match (self.step_up, other.step_up) {
            (Some(one), Some(two)) => Some(one.and(&two)),
            (one, two) => one.or(two),
        };
        self
    }

    /// One of them is enough: the one that scopes alone can meet, otherwise one that an authentication can, and of those
    /// the one that lacks least, the first written on a tie. If no client can get any of them, all are named, for the log.
    fn least(alternatives: Vec<Self>) -> Self {
        let everything = alternatives.iter().flat_map(|one| one.others.clone()).collect();
        let cost = |one: &Self| (one.others.len(), one.step_up.is_some(), one.lacking.len());
        let mut least = alternatives.into_iter().min_by_key(cost).unwrap_or_default();
        if !least.others.is_empty() {
            least.others = everything;
        }
        least
    }
}

fn extend<'a>(set: &mut Vec<&'a str>, other: Vec<&'a str>) {
    for scope in other {
        if !set.contains(&scope) {
            set.push(scope);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use crate::claims::ScopeHierarchy;
    use crate::error::Reason;
    use crate::scope::ScopePolicy;
    use crate::verifier::sample;

    fn scope(scope: &str) -> ScopePolicy {
        ScopePolicy::scope(scope).unwrap()
    }

    fn all(scopes: &[&str]) -> ScopePolicy {
        ScopePolicy::all_of(scopes).unwrap()
    }

    fn any(scopes: &[&str]) -> ScopePolicy {
        ScopePolicy::any_of(scopes).unwrap()
    }

    fn editor() -> ScopePolicy {
        ScopePolicy::role("editor").unwrap()
    }

    fn gold() -> ScopePolicy {
        ScopePolicy::acr(["gold"]).unwrap()
    }

    /// The reason, one sufficient set of scopes, and those of it that the token lacks.
    fn assert_remedy(policy: &ScopePolicy, claims: &Value, expected: (Reason, &str, &str)) {
        let token = sample::token(claims, ScopeHierarchy::default().with("everything", ["x", "y"]).unwrap());
        let missing = policy.decide(&token).unwrap_err();
        let (sufficient, lacking) = (missing.sufficient_scopes().to_string(), missing.scopes().to_string());
        assert_eq!((missing.reason(), &*sufficient, &*lacking), expected, "{policy} for {claims}");
    }

    #[test]
    fn one_sufficient_set_is_named_and_of_alternatives_the_one_that_lacks_least() {
        for (policy, scopes, sufficient, lacking) in [
            (all(&["a", "b"]), "", "a b", "a b"),
            (all(&["a", "b"]), "b", "a b", "a"),
            (any(&["a", "b"]), "", "a", "a"),
            (any(&["b", "a"]), "c", "b", "b"),
            (all(&["a", "b"]).or(scope("c")), "", "c", "c"),
            (all(&["a", "b"]).or(scope("c")), "a", "a b", "b"),
            (all(&["a", "b", "c"]).or(all(&["d", "e"])), "a b", "a b c", "c"),
            (scope("a").and(any(&["b", "c"])), "", "a b", "a b"),
            (scope("a").and(any(&["b", "c"])), "c", "a c", "a"),
            (scope("a").and(any(&["b", "c"])), "b c", "a b", "a"),
            // What is needed anyway costs an alternative nothing.
            (scope("a").and(any(&["b", "a"])), "", "a", "a"),
            (any(&["b", "a"]).and(scope("a")), "", "a", "a"),
            // A broader scope is enough, and what is needed stays the narrow one.
            (all(&["x", "a"]), "everything", "x a", "a"),
            (all(&["x", "a"]).or(all(&["b", "c"])), "everything", "x a", "a"),
        ] {
            assert_remedy(&policy, &json!({"scope": scopes}), (Reason::InsufficientScope, sufficient, lacking));
        }
    }

    #[test]
    fn where_no_set_of_scopes_is_enough_the_request_is_forbidden() {
        for (policy, claims) in [
            (editor(), json!({})),
            (scope("a").and(editor()), json!({})),
            (scope("a").and(editor()), json!({"scope": "a"})),
            (scope("a").and(ScopePolicy::claim("org_id").unwrap()), json!({"org_id": null})),
            (scope("a").and(ScopePolicy::denied()), json!({"scope": "a"})),
            (ScopePolicy::denied(), json!({})),
            (scope("a").and(editor()).or(scope("b").and(ScopePolicy::permission("p").unwrap())), json!({})),
            (gold().and(editor()), json!({})),
            (ScopePolicy::predicate("no", |_| false), json!({})),
        ] {
            let token = sample::token(&claims, ScopeHierarchy::default());
            assert_eq!(policy.decide(&token).unwrap_err().reason(), Reason::Forbidden, "{policy} for {claims}");
        }
    }

    #[test]
    fn where_one_alternative_is_of_scopes_that_is_named() {
        let role = json!({"roles": ["editor"]});
        for (policy, claims, sufficient, lacking) in [
            (scope("a").or(editor()), json!({}), "a", "a"),
            (editor().or(scope("a")), json!({}), "a", "a"),
            (scope("a").and(editor()).or(all(&["b", "c"])), json!({"scope": "a"}), "b c", "b c"),
            // The other claims stay as they are.
            (scope("a").and(editor()).or(all(&["b", "c"])), role.clone(), "a", "a"),
            (scope("a").and(editor()), role.clone(), "a", "a"),
            (editor().or(scope("b")).and(scope("a")), role, "a", "a"),
            (gold().or(scope("a")), json!({}), "a", "a"),
        ] {
            assert_remedy(&policy, &claims, (Reason::InsufficientScope, sufficient, lacking));
        }
    }

    #[test]
    fn where_an_authentication_is_needed_the_scopes_are_named_beside_it() {
        for (policy, claims, sufficient, lacking) in [
            (gold(), json!({}), "", ""),
            (scope("a").and(gold()), json!({}), "a", "a"),
            (scope("a").and(gold()), json!({"scope": "a"}), "a", ""),
            (gold().or(editor()), json!({}), "", ""),
            (all(&["a", "b"]).and(gold()).or(editor()), json!({"scope": "b"}), "a b", "a"),
        ] {
            assert_remedy(&policy, &claims, (Reason::InsufficientAuthentication, sufficient, lacking));
        }
    }

    #[test]
    fn a_client_without_a_token_hears_one_set_too() {
        for (policy, sufficient) in [
            (any(&["a", "b"]), "a"),
            (all(&["a", "b"]).or(scope("c")), "c"),
            (scope("a").and(editor()), "a"),
            (editor().or(scope("a")), "a"),
            (scope("a").and(gold()), "a"),
            (editor(), ""),
            (ScopePolicy::authenticated(), ""),
        ] {
            assert_eq!(policy.sufficient_scopes(None, &[]).to_string(), sufficient, "{policy}");
        }
    }

    #[test]
    fn a_policy_that_is_met_names_what_met_it() {
        let policy = scope("a").and(any(&["b", "c"])).and(editor().or(scope("d")));
        let token = sample::token(&json!({"scope": "c a", "roles": ["editor"]}), ScopeHierarchy::default());
        policy.decide(&token).unwrap();
        assert_eq!(policy.sufficient_scopes(Some(&token), &[]).to_string(), "a c");
    }

    #[test]
    fn of_what_no_client_can_get_the_log_hears_everything() {
        let policy = scope("a").and(editor()).or(ScopePolicy::permission("p").unwrap());
        let missing = policy.decide(&sample::token(&json!({}), ScopeHierarchy::default())).unwrap_err();
        assert!(missing.others().eq([r#"role("editor")"#, r#"permission("p")"#]), "{missing}");
    }
}
