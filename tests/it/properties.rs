//! Whatever comes, nothing panics, and nothing is believed that was not signed.

use std::convert::Infallible;
use std::pin::pin;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::Profile;
use claviger::TokenSource;
use claviger::VerifiedToken;
use claviger::Verifier;
use claviger::error::VerifyError;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use http::Request;
use http::Response;
use http::Uri;
use proptest::collection::btree_map;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

use crate::support::AUDIENCE;
use crate::support::NOW;

struct Subject {
    issuer: TestIssuer,
    verifier: Verifier,
    /// Reads tokens from the query.
    layer: AuthLayer,
}

thread_local! {
    static SUBJECT: Subject = Subject::new();
}

impl Subject {
    fn new() -> Self {
        let clock = TestClock::at_second(NOW);
        let issuer = TestIssuer::builder().with_clock(clock.clone()).in_memory();
        let trusted = Issuer::new(issuer.url(), AUDIENCE).with_profile(Profile::Jwt).with_jwks(issuer.jwks());
        let verifier = Verifier::builder(trusted.clone()).with_clock(clock.clone()).build().unwrap();
        let cfg = AuthConfig::builder(trusted).with_clock(clock).with_sources([TokenSource::Query]).build().unwrap();
        Self { issuer, verifier, layer: AuthLayer::new(cfg) }
    }

    /// The address that a service behind the layer sees; with the keys at hand it is there at once.
    fn seen(&self, uri: Uri) -> Uri {
        let inner = service_fn(async |request: Request<()>| {
            Ok::<_, Infallible>(Response::builder().extension(request.uri().clone()).body(Bytes::new()).unwrap())
        });
        let request = Request::get(uri).body(()).unwrap();
        let mut answer = pin!(self.layer.layer(inner).oneshot(request));
        match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(response)) => response.extensions().get::<Uri>().unwrap().clone(),
            Poll::Ready(Err(never)) => match never {},
            Poll::Pending => panic!("static keys are always at hand"),
        }
    }

    /// With the keys at hand there is nothing to wait for.
    fn verify(&self, token: &str) -> Result<VerifiedToken, VerifyError> {
        match self.verifier.begin(token) {
            claviger_core::Verification::Decided(verdict) => verdict,
            claviger_core::Verification::Waiting(_) => panic!("static keys are always at hand"),
        }
    }
}

/// Any JSON value, some of them near to what claims and headers look like.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop_oneof!["at\\+jwt", "JWT", "ES256", "none", "https://api.example.com"].prop_map(Value::from),
        (NOW - 100..NOW + 1000).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(any::<String>(), inner, 0..4).prop_map(|members| json!(members)),
        ]
    })
}

fn members(names: &'static [&'static str]) -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    vec((prop::sample::select(names), json_value()), 0..6)
}

const CLAIMS: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "client_id",
    "azp",
    "scope",
    "scp",
    "cnf",
    "nonce",
    "typ",
    "token_use",
];
const HEADER: &[&str] = &["alg", "kid", "typ", "crit", "b64", "jwk", "jku", "x5c", "zip", "cty"];
const KEY: &[&str] = &["kty", "crv", "x", "y", "n", "e", "d", "k", "kid", "alg", "use", "key_ops", "x5c", "oth"];

proptest! {
    #[test]
    fn any_text_is_refused(text in any::<String>()) {
        prop_assert!(SUBJECT.with(|subject| subject.verify(&text).is_err()));
    }

    #[test]
    fn any_three_parts_are_refused(header in vec(any::<u8>(), 0..64), payload in vec(any::<u8>(), 0..64), signature in vec(any::<u8>(), 0..80)) {
        let token = [header, payload, signature].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        prop_assert!(SUBJECT.with(|subject| subject.verify(&token).is_err()));
    }

    #[test]
    fn a_valid_token_with_one_change_is_refused(at in any::<prop::sample::Index>(), change in prop_oneof![
        any::<char>().prop_map(|character| character.to_string()), Just(String::new()), "[A-Za-z0-9_.=-]{2,5}",
    ]) {
        SUBJECT.with(|subject| {
            let token = subject.issuer.token().sign();
            let at = at.index(token.len());
            let changed = format!("{}{change}{}", &token[..at], &token[at + 1..]);
            prop_assume!(changed != token);
            prop_assert!(subject.verify(&changed).is_err());
            Ok(())
        })?;
    }

    #[test]
    fn signed_claims_of_any_shape_are_judged(changes in members(CLAIMS)) {
        SUBJECT.with(|subject| {
            let token = changes.into_iter().fold(subject.issuer.token(), |token, (name, value)| token.claim(name, value));
            if let Ok(believed) = subject.verify(&token.sign()) {
                prop_assert_eq!(believed.issuer(), subject.issuer.url());
                prop_assert!(believed.audience().any(|audience| audience == AUDIENCE));
                let exp = believed.claim::<f64>("exp").unwrap();
                prop_assert!(exp.is_some_and(|exp| exp > NOW as f64 - 30.0));
            }
            Ok(())
        })?;
    }

    #[test]
    fn signed_payloads_of_any_bytes_are_judged(payload in vec(any::<u8>(), 0..200)) {
        prop_assert!(SUBJECT.with(|subject| subject.verify(&subject.issuer.token().raw_payload(payload).sign()).is_err()));
    }

    #[test]
    fn signed_headers_of_any_shape_are_judged(changes in members(HEADER)) {
        SUBJECT.with(|subject| {
            let token = changes.into_iter().fold(subject.issuer.token(), |token, (name, value)| token.header(name, value));
            if let Ok(believed) = subject.verify(&token.sign()) {
                prop_assert_eq!(believed.algorithm(), claviger::Algorithm::Es256);
            }
            Ok(())
        })?;
    }

    #[test]
    fn key_sets_of_any_text_are_read(text in any::<String>()) {
        prop_assert!(AuthConfig::builder(Issuer::new("https://i.example", "a").with_jwks(text)).build().is_err());
    }

    #[test]
    fn keys_of_any_shape_are_read(keys in vec(members(KEY), 0..5), good in any::<bool>()) {
        let object = |members: Vec<(&str, Value)>| Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
        let mut keys: Vec<_> = keys.into_iter().map(object).collect();
        if good {
            keys.push(SUBJECT.with(|subject| subject.issuer.current_key().public_jwk()));
        }
        let issuer = Issuer::new("https://i.example", "a").with_jwks(json!({ "keys": keys }).to_string());
        prop_assert_eq!(AuthConfig::builder(issuer).build().is_ok(), good);
    }

    #[test]
    fn a_mutated_key_set_is_read(at in any::<prop::sample::Index>(), byte in any::<char>()) {
        let mut text: Vec<char> = SUBJECT.with(|subject| subject.issuer.jwks()).chars().collect();
        let at = at.index(text.len());
        text[at] = byte;
        let issuer = Issuer::new("https://i.example", "a").with_jwks(text.into_iter().collect::<String>());
        let _ = AuthConfig::builder(issuer).build();
    }

    #[test]
    fn a_query_token_anywhere_leaves_every_other_byte(
        path in "(https://api\\.example\\.com:8443)?/[a-zA-Z0-9%;.~!$&'()*+,=:@/-]{0,12}",
        others in vec("[a-zA-Z0-9%;.~!$'()*+,=:@/?_{}|^-]{0,8}", 0..5),
        at in any::<prop::sample::Index>(),
        name in prop_oneof!["access_token", "access%5Ftoken", "%61ccess_token"],
    ) {
        SUBJECT.with(|subject| {
            let mut segments = others.clone();
            segments.insert(at.index(others.len() + 1), format!("{name}={}", subject.issuer.token().sign()));
            let sent: Result<Uri, _> = format!("{path}?{}", segments.join("&")).parse();
            prop_assume!(sent.is_ok());
            let left = if others.is_empty() { path } else { format!("{path}?{}", others.join("&")) };
            prop_assert_eq!(subject.seen(sent.unwrap()).to_string(), left);
            Ok(())
        })?;
    }

    #[test]
    fn configuration_files_of_any_shape_are_read(file in json_value()) {
        prop_assert!(AuthConfig::read(file).is_err());
    }
}
