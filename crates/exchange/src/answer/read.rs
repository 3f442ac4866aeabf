//! A successful answer (RFC 6749, section 5.1; RFC 8693, section 2.2.1), read strictly.

use std::sync::Arc;
use std::time::Duration;
use std::time::SystemTime;

use bytes::Bytes;
use claviger_core::clock::Clock;
use http::Response;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::answer::ExchangedToken;
use crate::answer::organization;
use crate::answer::refusal;
use crate::answer::tokens::Inner;
use crate::answer::tokens::Others;
use crate::client::ProofKey;
use crate::error::ExchangeError;
use crate::request::Form;
use crate::secrets::Secrets;

/// What an answer is to.
pub(crate) struct Asked<'a> {
    pub(crate) form: &'a Form,
    pub(crate) clock: &'a Arc<dyn Clock>,
    /// The key that the token must be bound to.
    pub(crate) proof_key: Option<&'a Arc<ProofKey>>,
    /// What must stand in no error, collected where there is one.
    pub(crate) secrets: &'a dyn Fn() -> Secrets,
}

/// The tokens of `response`.
pub(crate) fn read(response: &Response<Bytes>, asked: &Asked<'_>) -> Result<ExchangedToken, ExchangeError> {
    if response.status() != StatusCode::OK {
        return Err(refusal::read(response, asked.form.grant, &(asked.secrets)()));
    }
    if !is_json(response) {
        return Err(ExchangeError::Malformed("its content type is not JSON"));
    }
    let members: Members = serde_json::from_slice(response.body())
        .map_err(|_| ExchangeError::Malformed("it is no JSON object of its own"))?;
    members.into_tokens(asked)
}

/// Any type that says so: `application/json`, `text/json`, `application/problem+json`.
pub(super) fn is_json(response: &Response<Bytes>) -> bool {
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|field| field.to_str().ok());
    content_type.is_some_and(|content_type| content_type.to_ascii_lowercase().contains("json"))
}

/// A member that is there twice is an error of the parser; `null` is no member.
#[derive(Deserialize)]
struct Members {
    access_token: Option<Value>,
    expires_in: Option<Box<RawValue>>,
    token_type: Option<Value>,
    issued_token_type: Option<Value>,
    scope: Option<Value>,
    id_token: Option<Value>,
    refresh_token: Option<Value>,
}

impl Members {
    fn into_tokens(self, asked: &Asked<'_>) -> Result<ExchangedToken, ExchangeError> {
        let token = text(self.access_token, "`access_token` is not a string")?.filter(|token| !token.is_empty());
        let token = token.map(SecretString::from).ok_or(ExchangeError::Malformed("it has no `access_token`"))?;
        let stated_lifetime = self.expires_in.map(|raw| seconds(raw.get())).transpose()?;
        let lifetime = stated_lifetime.unwrap_or(ASSUMED_LIFETIME);
        let now = asked.clock.unix().map(|now| now.saturating_add(lifetime));
        let token_type = text(self.token_type, "`token_type` is not a string")?;
        let token_type = token_type.map(|kind| shown_type(kind, token.expose_secret(), asked));
        if asked.proof_key.is_some() && !token_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("dpop")) {
            return Err(ExchangeError::Malformed("its token is not bound to the key of the proof"));
        }
        let others = Others {
            id_token: text(self.id_token, "`id_token` is not a string")?.map(SecretString::from),
            refresh_token: text(self.refresh_token, "`refresh_token` is not a string")?.map(SecretString::from),
        };
        if let Some(organization) = &asked.form.organization {
            let id_token = others.id_token.as_ref().map(ExposeSecret::expose_secret);
            organization::check(organization, id_token, token.expose_secret())?;
        }
        let access_token = Inner {
            token,
            token_type,
            issued_token_type: text(self.issued_token_type, "`issued_token_type` is not a string")?,
            scope: text(self.scope, "`scope` is not a string")?,
            lifetime,
            stated_lifetime,
            expires_at: now.and_then(|end| SystemTime::UNIX_EPOCH.checked_add(end)),
            proof_key: asked.proof_key.map(Arc::clone),
        };
        Ok(ExchangedToken::new(access_token, others))
    }
}

/// A type that is not known stands in an error of whoever calls with the token, so it must not be a token or a secret.
fn shown_type(kind: String, token: &str, asked: &Asked<'_>) -> String {
    if KNOWN_TYPES.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        return kind;
    }
    let mut secrets = (asked.secrets)();
    secrets.add(token);
    secrets.redact(&kind)
}

fn text(value: Option<Value>, wrong: &'static str) -> Result<Option<String>, ExchangeError> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ExchangeError::Malformed(wrong)),
    }
}

/// A whole number that is not negative, or its digits in a string; more than can be counted is as good as for ever.
fn seconds(raw: &str) -> Result<Duration, ExchangeError> {
    let digits = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(raw);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number(digits) {
        return Ok(Duration::from_secs(digits.parse().unwrap_or(u64::MAX)));
    }
    Err(ExchangeError::Malformed(match digits.strip_prefix('-').is_some_and(is_number) {
        true => "`expires_in` cannot be negative",
        false => "`expires_in` is no whole number of seconds",
    }))
}

/// RFC 6750, RFC 9449, and RFC 8693, section 2.2.1.
const KNOWN_TYPES: [&str; 3] = ["bearer", "dpop", "n_a"];
/// Where an answer does not say how long its token lives.
const ASSUMED_LIFETIME: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_a_whole_number_or_its_digits() {
        for (raw, expected) in [
            ("0", 0),
            ("3600", 3600),
            (r#""3600""#, 3600),
            ("99999999999999999999999", u64::MAX),
            (r#""99999999999999999999999""#, u64::MAX),
        ] {
            assert_eq!(seconds(raw), Ok(Duration::from_secs(expected)), "{raw}");
        }
        for raw in [r#""3600.5""#, "3600.0", "1e3", r#""x""#, r#""""#, r#"" 5""#, r#""+5""#, "true", "[]", "{}"] {
            assert_eq!(
                seconds(raw),
                Err(ExchangeError::Malformed("`expires_in` is no whole number of seconds")),
                "{raw}"
            );
        }
        for raw in ["-1", r#""-1""#, "-99999999999999999999999"] {
            assert_eq!(seconds(raw), Err(ExchangeError::Malformed("`expires_in` cannot be negative")), "{raw}");
        }
    }
}
