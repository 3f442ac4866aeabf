//! Who acts for the subject: the claim `act` (RFC 8693, section 4.1).

use std::collections::VecDeque;

use crate::token::json;

/// The actors of a token, from the one that acts now back to the first. There is always one.
///
/// Only the [current](Self::current) one may count in a decision; those before it are for the log (RFC 8693, section
/// 4.1).
///
/// ```
/// use claviger_core::VerifiedToken;
/// use claviger_core::error::VerifyError;
///
/// fn is_called_by(service: &str, token: &VerifiedToken) -> Result<bool, VerifyError> {
///     let actors = token.actors()?;
///     Ok(actors.is_some_and(|actors| actors.current().subject() == service))
/// }
/// # let _ = is_called_by;
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ActorChain {
    current: Actor,
    earlier: Vec<Actor>,
}

/// One who acts for the subject.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Actor {
    subject: String,
    issuer: Option<String>,
    client_id: Option<String>,
}

impl ActorChain {
    /// The outermost actor: who presents the token, and the only one for decisions.
    #[must_use]
    pub fn current(&self) -> &Actor {
        &self.current
    }

    /// All of them, the newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Actor> {
        std::iter::once(&self.current).chain(&self.earlier)
    }

    /// `None` if `raw` is no object, or one of the chain is none, lacks `sub`, or has one that is blank or no string.
    pub(crate) fn read(raw: &str) -> Option<Self> {
        let mut actors = VecDeque::new();
        let mut next = Some(raw);
        // Ends, because the payload nests at most 32 deep.
        while let Some(raw) = next {
            let (actor, nested) = Actor::read(raw)?;
            actors.push_back(actor);
            next = nested;
        }
        Some(Self { current: actors.pop_front()?, earlier: actors.into() })
    }
}

impl Actor {
    /// `sub`: who it is, unique only together with the issuer.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// `iss`: whose subject it is, if that is said.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// `client_id`: the client that it is, if that is said.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// The actor, and the raw `act` within it.
    fn read(raw: &str) -> Option<(Self, Option<&str>)> {
        let (mut subject, mut issuer, mut client_id, mut nested) = (None, None, None, None);
        json::object(raw, |name, raw| match name {
            "sub" => subject = Some(raw),
            "iss" => issuer = Some(raw),
            "client_id" => client_id = Some(raw),
            "act" => nested = Some(raw),
            _ => {}
        })
        .ok()?;
        let subject = text(subject)?.filter(|subject| !subject.trim().is_empty())?;
        let actor = Self { subject, issuer: text(issuer)?, client_id: text(client_id)? };
        Some((actor, nested.filter(|raw| *raw != "null")))
    }
}

/// Absent, a string, or in the outer `None` of another type, which is never taken for absence.
fn text(raw: Option<&str>) -> Option<Option<String>> {
    match raw.filter(|raw| *raw != "null") {
        None => Some(None),
        Some(raw) => json::string(raw).map(|text| Some(text.into_owned())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::claims::ScopeHierarchy;
    use crate::error::Reason;
    use crate::verifier::sample;

    /// RFC 8693, section 4.1, figure 6.
    const NESTED: &str = r#"{"sub":"https://service16.example.com","act":{"sub":"https://service77.example.com"}}"#;

    #[test]
    fn the_outermost_actor_is_the_current_one() {
        let chain = ActorChain::read(NESTED).unwrap();
        assert_eq!(chain.current().subject(), "https://service16.example.com");
        let subjects: Vec<_> = chain.iter().map(Actor::subject).collect();
        assert_eq!(subjects, ["https://service16.example.com", "https://service77.example.com"]);
    }

    #[test]
    fn issuer_and_client_are_told_where_they_are_said() {
        let chain = ActorChain::read(r#"{"sub":"a","iss":"https://i.example","client_id":"c","nbf":"x"}"#).unwrap();
        assert_eq!(chain.current().issuer(), Some("https://i.example"));
        assert_eq!(chain.current().client_id(), Some("c"));
        assert_eq!(ActorChain::read(r#"{"sub":"a","iss":null}"#).unwrap().current().issuer(), None);
    }

    #[test]
    fn what_is_no_chain_is_refused_as_a_whole() {
        for raw in [
            r#""admin""#,
            "[]",
            "1",
            "{}",
            r#"{"sub":""}"#,
            r#"{"sub":" "}"#,
            r#"{"sub":1}"#,
            r#"{"sub":null}"#,
            r#"{"sub":"a","iss":1}"#,
            r#"{"sub":"a","client_id":["c"]}"#,
            r#"{"sub":"a","act":"b"}"#,
            r#"{"sub":"a","act":{}}"#,
            r#"{"sub":"a","act":{"sub":"b","act":[]}}"#,
        ] {
            assert_eq!(ActorChain::read(raw), None, "{raw}");
        }
    }

    #[test]
    fn a_token_tells_nobody_a_chain_and_a_malformed_one_apart() {
        let token = |act| sample::token(&act, ScopeHierarchy::default());
        assert_eq!(token(json!({})).actors().unwrap(), None);
        assert_eq!(token(json!({ "act": null })).actors().unwrap(), None);
        let chain = token(json!({ "act": { "sub": "a", "act": null } })).actors().unwrap().unwrap();
        assert_eq!(chain.iter().count(), 1);
        assert_eq!(token(json!({ "act": "a" })).actors().unwrap_err().reason(), Reason::WrongClaim);
    }
}
