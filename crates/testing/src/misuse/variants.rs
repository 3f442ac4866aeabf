//! What is changed of an accepted token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use serde_json::json;

use super::Misuse;
use crate::SigningKey;
use crate::TokenBuilder;

type Variant = (Misuse, String, TokenBuilder);

/// Every variant of `accepted`, each by one change.
pub(super) fn of(accepted: &TokenBuilder) -> Vec<Variant> {
    let mut variants = Vec::new();
    for (misuse, list) in [
        (Misuse::AnotherApp, other_values(accepted, &["app_id"])),
        (Misuse::AnotherAudience, audiences(accepted)),
        (Misuse::AnotherIssuer, issuers(accepted)),
        (Misuse::AnotherKind, kinds(accepted)),
        (Misuse::AnotherTenant, other_values(accepted, &["tid", "tenant_id", "org_id"])),
        (Misuse::Expired, expired(accepted)),
        (Misuse::IdToken, id_tokens(accepted)),
        (Misuse::RefreshToken, refresh_tokens(accepted)),
        (Misuse::Unsigned, unsigned(accepted)),
    ] {
        variants.extend(list.into_iter().map(|(what, token)| (misuse, what, token)));
    }
    variants
}

type Changed = Vec<(String, TokenBuilder)>;

fn other_values(accepted: &TokenBuilder, names: &[&str]) -> Changed {
    let present = names.iter().filter(|name| accepted.get(name).is_some());
    present.map(|name| (format!("another `{name}`"), accepted.clone().claim(*name, "another"))).collect()
}

fn audiences(accepted: &TokenBuilder) -> Changed {
    if accepted.get("aud").is_none() {
        // The claims that say the client, in the order in which one stands in for the audience.
        let client = CLIENT.iter().find(|name| accepted.get(name).is_some());
        return other_values(accepted, client.as_slice().iter().map(|name| **name).collect::<Vec<_>>().as_slice());
    }
    let mut changed = vec![("another `aud`".to_owned(), accepted.clone().audience("https://another-api.example.com"))];
    if let Some(own) = accepted.get("aud").and_then(Value::as_str) {
        let longer = accepted.clone().audience(format!("{own}.example.com"));
        changed.push(("an `aud` that begins like ours".to_owned(), longer));
    }
    changed
}

fn issuers(accepted: &TokenBuilder) -> Changed {
    let own = accepted.get("iss").and_then(Value::as_str).unwrap_or_default();
    let other_slash = own.strip_suffix('/').map_or_else(|| format!("{own}/"), str::to_owned);
    let mut foreign = SigningKey::generate(accepted.key().algorithm());
    foreign = match accepted.key().key_id() {
        Some(key_id) => foreign.with_key_id(key_id),
        None => foreign.without_key_id(),
    };
    vec![
        ("another `iss`".to_owned(), accepted.clone().claim("iss", "https://another-issuer.example.com")),
        ("another last slash of `iss`".to_owned(), accepted.clone().claim("iss", other_slash)),
        ("the key of another issuer".to_owned(), accepted.clone().signed_by(&foreign)),
    ]
}

fn kinds(accepted: &TokenBuilder) -> Changed {
    let typed = |typ: &str| (format!("`typ` {typ:?} in the header"), accepted.clone().header("typ", typ));
    let logout = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    let mut changed: Changed = ["logout+jwt", "dpop+jwt", "secevent+jwt"].into_iter().map(typed).collect();
    changed.push(("`events` of a logout token".to_owned(), untyped(accepted).claim("events", logout)));
    changed
}

fn expired(accepted: &TokenBuilder) -> Changed {
    let now = accepted.now().as_secs();
    vec![
        (
            "`exp` an hour ago".to_owned(),
            accepted.clone().claim("iat", now.saturating_sub(7200)).claim("exp", now.saturating_sub(3600)),
        ),
        ("no `exp`".to_owned(), accepted.clone().without("exp")),
    ]
}

/// Servers that do not type their access tokens give all their tokens one `typ`, so the claims must tell.
fn untyped(accepted: &TokenBuilder) -> TokenBuilder {
    accepted.clone().header("typ", "JWT")
}

/// A token has few marks of what it is, so each is tried by itself.
fn id_tokens(accepted: &TokenBuilder) -> Changed {
    let unmarked = MARKS.iter().fold(untyped(accepted), |token, name| token.without(name));
    let hash = URL_SAFE_NO_PAD.encode([7; 16]);
    let mut changed = vec![
        ("`nonce` and `at_hash`".to_owned(), unmarked.clone().claim("nonce", "n-1").claim("at_hash", hash)),
        ("`token_use` \"id\"".to_owned(), untyped(accepted).claim("token_use", "id")),
        ("`typ` \"ID\"".to_owned(), untyped(accepted).claim("typ", "ID")),
    ];
    // Where the accepted token has another mark than those of an access token, that one would still be there.
    let is_marked = MARKS.iter().any(|name| accepted.get(name).is_some());
    if let (true, Some(audience)) = (is_marked, accepted.get("aud").and_then(Value::as_str)) {
        changed.push(("nothing but an `azp` that equals `aud`".to_owned(), unmarked.claim("azp", audience)));
    }
    changed
}

/// As nanoidp, Keycloak and others mark them.
fn refresh_tokens(accepted: &TokenBuilder) -> Changed {
    let marks = [
        ("token_use", "refresh"),
        ("typ", "Refresh"),
        ("typ", "Offline"),
        ("token_type", "refresh"),
        ("tokenType", "refresh-token"),
        ("type", "refresh"),
    ];
    let marked = |(name, value): (&str, &str)| (format!("`{name}` {value:?}"), untyped(accepted).claim(name, value));
    marks.into_iter().map(marked).collect()
}

fn unsigned(accepted: &TokenBuilder) -> Changed {
    let none = |spelling: &str| {
        let token = accepted.clone().header("alg", spelling).with_signature([]);
        (format!("`alg` {spelling:?}"), token)
    };
    let mut changed: Changed = ["none", "None", "nOnE"].into_iter().map(none).collect();
    changed.push(("no signature".to_owned(), accepted.clone().with_signature([])));
    let shared = SigningKey::from_secret(accepted.key().public_pem());
    let shared = match accepted.key().key_id() {
        Some(key_id) => shared.with_key_id(key_id),
        None => shared.without_key_id(),
    };
    changed.push(("an HMAC whose secret is the public key".to_owned(), accepted.clone().signed_by(&shared)));
    changed
}

/// The claims that stand in for an audience.
const CLIENT: [&str; 4] = ["client_id", "cid", "azp", "appid"];
/// What access tokens have and ID tokens have not.
const MARKS: [&str; 7] = ["scope", "scp", "client_id", "cid", "appid", "permissions", "jti"];
