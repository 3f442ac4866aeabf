//! An endpoint that refuses (RFC 6749, section 5.2), understood as far as it makes sense.

use bytes::Bytes;
use http::Response;
use serde::Deserialize;
use serde_json::Value;

use crate::answer::read::is_json;
use crate::error::ExchangeError;
use crate::request::Grant;
use crate::secrets::Secrets;

/// Whatever the body is, there is a code.
pub(super) fn read(response: &Response<Bytes>, grant: Grant, secrets: &Secrets) -> ExchangeError {
    let members = members(response);
    let text = |value: Option<Value>| match value {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    };
    let code = text(members.error).map(|code| excerpt(&secrets.redact_code(&code)));
    let description = text(members.error_description).map(|description| excerpt(&secrets.redact(&description)));
    let default = match grant {
        Grant::TokenExchange => "token_exchange_error",
        Grant::Connection => "connection_token_error",
    };
    ExchangeError::Refused { status: response.status(), code: code.unwrap_or_else(|| default.to_owned()), description }
}

/// RFC 9449, section 8.
pub(crate) fn wants_nonce(response: &Response<Bytes>) -> bool {
    response.status().is_client_error()
        && matches!(members(response).error, Some(Value::String(code)) if code == "use_dpop_nonce")
}

fn members(response: &Response<Bytes>) -> Members {
    let read = || serde_json::from_slice(response.body()).unwrap_or_default();
    if is_json(response) { read() } else { Members::default() }
}

#[derive(Default, Deserialize)]
struct Members {
    error: Option<Value>,
    error_description: Option<Value>,
}

/// Safe for one log line, and not longer than it.
fn excerpt(text: &str) -> String {
    text.chars().take(MOST_CHARS).flat_map(char::escape_debug).collect()
}

const MOST_CHARS: usize = 256;
