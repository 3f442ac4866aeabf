//! Answers: tolerant where the endpoint refuses, strict where it grants.

use std::time::Duration;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use claviger_exchange::ClientAuthentication;
use claviger_exchange::ExchangeError;
use claviger_testing::Fault;
use http::Response;
use http::StatusCode;
use secrecy::ExposeSecret;
use serde_json::Value;
use serde_json::json;

use super::CLIENT_ID;
use super::World;
use super::request;
use crate::support::NOW;

/// With characters that a form and base64 write otherwise.
const SECRET: &str = "pa55/w+rd of a client? yes";

#[tokio::test]
async fn all_members_are_told_even_empty_ones() {
    let world = World::new().await;
    world.issuer.answer_token(json!({
        "access_token": "exchanged", "issued_token_type": "", "token_type": "", "expires_in": 0, "scope": "",
        "id_token": "", "refresh_token": "",
    }));
    let tokens = world.exchange().await.unwrap();
    let token = tokens.access_token();
    assert_eq!(token.secret().expose_secret(), "exchanged");
    assert_eq!((token.issued_token_type(), token.token_type(), token.scope()), (Some(""), Some(""), Some("")));
    assert_eq!(token.expires_at(), Some(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW)));
    assert_eq!(tokens.id_token().unwrap().expose_secret(), "");
    assert_eq!(tokens.refresh_token().unwrap().expose_secret(), "");

    world.issuer.answer_token(json!({ "access_token": "exchanged", "scope": null, "expires_in": null }));
    let tokens = world.exchange().await.unwrap();
    let token = tokens.access_token();
    assert_eq!((token.issued_token_type(), token.token_type(), token.scope()), (None, None, None));
    assert_eq!(token.lifetime(), Duration::from_secs(3600));
    assert!(tokens.id_token().is_none() && tokens.refresh_token().is_none());
}

#[tokio::test]
async fn the_expiry_is_told_by_the_injected_clock() {
    let world = World::new().await;
    for (stated, seconds) in [("3600", 3600), (r#""3600""#, 3600), ("0", 0), (r#""0""#, 0), ("7", 7)] {
        world.answer("application/json", &format!(r#"{{"access_token":"a","expires_in":{stated}}}"#));
        let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW + seconds);
        assert_eq!(world.exchange().await.unwrap().access_token().expires_at(), Some(expected), "{stated}");
    }
    world.answer("application/json", r#"{"access_token":"a","expires_in":99999999999999999999999999}"#);
    assert_eq!(world.exchange().await.unwrap().access_token().expires_at(), None, "beyond any calendar");

    world.clock.set_unix(None);
    world.answer("application/json", r#"{"access_token":"a","expires_in":1}"#);
    assert_eq!(world.exchange().await.unwrap().access_token().expires_at(), None);
}

#[tokio::test]
async fn a_success_that_makes_no_sense_is_malformed() {
    let world = World::new().await;
    for (body, says) in [
        ("", "JSON"),
        ("<html>", "JSON"),
        ("[]", "JSON"),
        ("null", "JSON"),
        (r#"{"access_token":"a""#, "JSON"),
        (r#"{"access_token":"a","access_token":"b"}"#, "JSON"),
        ("{}", "access_token"),
        (r#"{"access_token":""}"#, "access_token"),
        (r#"{"access_token":null}"#, "access_token"),
        (r#"{"access_token":1}"#, "access_token"),
        (r#"{"access_token":["a"]}"#, "access_token"),
        (r#"{"access_token":"a","expires_in":"3600.5"}"#, "expires_in"),
        (r#"{"access_token":"a","expires_in":3600.5}"#, "expires_in"),
        (r#"{"access_token":"a","expires_in":"x"}"#, "expires_in"),
        (r#"{"access_token":"a","expires_in":""}"#, "expires_in"),
        (r#"{"access_token":"a","expires_in":true}"#, "expires_in"),
        (r#"{"access_token":"a","expires_in":-1}"#, "cannot be negative"),
        (r#"{"access_token":"a","expires_in":"-1"}"#, "cannot be negative"),
        (r#"{"access_token":"a","scope":["read"]}"#, "scope"),
        (r#"{"access_token":"a","token_type":1}"#, "token_type"),
        (r#"{"access_token":"a","issued_token_type":1}"#, "issued_token_type"),
        (r#"{"access_token":"a","id_token":1}"#, "id_token"),
        (r#"{"access_token":"a","refresh_token":1}"#, "refresh_token"),
    ] {
        world.answer("application/json", body);
        let error = world.exchange().await.unwrap_err();
        assert!(matches!(error, ExchangeError::Malformed(why) if why.contains(says)), "{body}: {error}");
        assert_eq!(error.status(), StatusCode::BAD_GATEWAY);
    }
}

#[tokio::test]
async fn any_content_type_with_json_in_it_will_do() {
    let world = World::new().await;
    for content_type in ["application/json", "text/json", "APPLICATION/JSON; charset=utf-8", "application/x+json"] {
        world.answer(content_type, r#"{"access_token":"a"}"#);
        assert!(world.exchange().await.is_ok(), "{content_type}");
    }
    for content_type in ["text/html", "application/jwt", ""] {
        world.answer(content_type, r#"{"access_token":"a"}"#);
        let error = world.exchange().await.unwrap_err();
        assert!(matches!(error, ExchangeError::Malformed(why) if why.contains("content type")), "{content_type}");
    }
}

async fn refused(status: u16, content_type: &str, body: &str) -> ExchangeError {
    let world = World::new().await;
    let answer = Response::builder().status(status).header("content-type", content_type);
    world.issuer.fail_token(Fault::Answer(answer.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()));
    world.exchange().await.unwrap_err()
}

#[tokio::test]
async fn a_refusal_has_status_code_and_description_whatever_its_body_is() {
    let unknown = "token_exchange_error";
    for (status, content_type, body, code, description) in [
        (400, "application/json", r#"{"error":"invalid_grant","error_description":"no"}"#, "invalid_grant", Some("no")),
        (401, "application/json", r#"{"error":"invalid_client"}"#, "invalid_client", None),
        (403, "text/json", r#"{"error":"access_denied","error_description":1}"#, "access_denied", None),
        (400, "application/json", r#"{"error":""}"#, unknown, None),
        (400, "application/json", r#"{"error":{"code":1},"error_description":"d"}"#, unknown, Some("d")),
        (500, "application/json", "{", unknown, None),
        (500, "application/json", r#"["error"]"#, unknown, None),
        (502, "text/html", "<html>", unknown, None),
        (400, "text/plain", r#"{"error":"invalid_grant"}"#, unknown, None),
        (429, "", "", unknown, None),
        (201, "application/json", r#"{"access_token":"a"}"#, unknown, None),
    ] {
        let error = refused(status, content_type, body).await;
        let status = StatusCode::from_u16(status).unwrap();
        let (code, description) = (code.to_owned(), description.map(str::to_owned));
        assert_eq!(error, ExchangeError::Refused { status, code, description }, "{body}");
        assert_eq!(error.status(), StatusCode::BAD_GATEWAY);
    }
}

#[tokio::test]
async fn what_an_endpoint_repeats_of_our_secrets_is_taken_out_and_what_it_says_is_cut() {
    let world = World::new().await;
    let says = format!("the token of-the-caller of {}\r\n{}", world.secret, "x".repeat(10_000));
    let body = json!({ "error": "of-the-caller", "error_description": says });
    let answer = Response::builder().status(400).header("content-type", "application/json");
    world.issuer.fail_token(Fault::Answer(answer.body(Bytes::from(body.to_string())).unwrap()));
    let error = world.exchanger.exchange(&request("of-the-caller")).await.unwrap_err();
    let text = format!("{error:?} {error}");
    assert!(!text.contains("of-the-caller") && !text.contains(&world.secret), "{text}");
    assert!(text.contains("[redacted]") && !text.contains('\n') && text.len() < 1000, "{text}");
}

/// Whatever an endpoint repeats of a request, and however it writes it.
#[tokio::test]
async fn no_form_and_no_part_of_a_secret_is_in_an_error() {
    let world = World::of(ClientAuthentication::basic(CLIENT_ID, SECRET), |exchanger| exchanger).await;
    let token = format!("eyJhbGciOiJFUzI1NiJ9.{}", super::unguessable());
    let form: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let basic = STANDARD.encode(format!("{CLIENT_ID}:{form}"));
    for told in [
        SECRET.to_owned(),
        form.clone(),
        form.to_lowercase(),
        basic.clone(),
        format!("Basic {basic}"),
        basic[basic.len() / 2..].to_owned(),
        STANDARD.encode(format!("{CLIENT_ID}:{SECRET}")),
        SECRET[..12].to_owned(),
        token.clone(),
        token[..24].to_owned(),
        token[30..].to_owned(),
        format!("{:.40}", format!("subject_token={token}")),
    ] {
        let says = json!({ "error": "invalid_request", "error_description": format!("<{told}>"), "x": told });
        let in_code = json!({ "error": told });
        for body in [says, in_code] {
            let answer = Response::builder().status(400).header("content-type", "application/json");
            world.issuer.fail_token(Fault::Answer(answer.body(Bytes::from(body.to_string())).unwrap()));
            let error = world.exchanger.exchange(&request(&token)).await.unwrap_err();
            let text = format!("{error:?} {error} {:?}", std::error::Error::source(&error));
            let parts: Vec<char> = told.chars().filter(|character| *character != ' ').collect();
            for part in parts.windows(8).map(String::from_iter) {
                let is_of_a_name = "subject_token=".contains(&part) || "Basic ".contains(&part);
                assert!(is_of_a_name || !text.contains(&part), "{part} of {told} is in {text}");
            }
            assert!(text.contains("[redacted]"), "{told}: {text}");
        }
    }
}

#[tokio::test]
async fn a_registered_error_code_is_never_redacted() {
    let world = World::of(ClientAuthentication::basic(CLIENT_ID, "grant"), |exchanger| exchanger).await;
    let body = r#"{"error":"invalid_grant","error_description":"invalid_grant: the grant is gone"}"#;
    let answer = Response::builder().status(400).header("content-type", "application/json");
    world.issuer.fail_token(Fault::Answer(answer.body(Bytes::from_static(body.as_bytes())).unwrap()));
    let description = Some("invalid_grant: the [redacted] is gone".to_owned());
    let (status, code) = (StatusCode::BAD_REQUEST, "invalid_grant".to_owned());
    assert_eq!(world.exchange().await.unwrap_err(), ExchangeError::Refused { status, code, description });
}

/// A call with such a token is an error that names the type.
#[tokio::test]
async fn a_token_type_that_repeats_the_token_is_redacted() {
    let world = World::new().await;
    world.issuer.answer_token(json!({ "access_token": "a-token-of-theirs", "token_type": "a-token-of-theirs" }));
    let token = world.on_behalf_of().await.unwrap();
    let call = reqwest::Client::new().get("https://inventory.example.com").build().unwrap();
    let error = token.authorize(call).unwrap_err();
    assert_eq!(error.to_string(), "the token is of the unknown type `[redacted]`");
}

#[tokio::test]
async fn redirects_are_not_followed_and_large_answers_not_read() {
    let world = World::with(|exchanger| exchanger.with_max_bytes(1000)).await;
    let elsewhere = claviger_testing::TestIssuer::start().await;
    world.issuer.fail_token(Fault::Redirect(elsewhere.token_endpoint()));
    let error = world.exchange().await.unwrap_err();
    assert!(matches!(error, ExchangeError::Refused { status: StatusCode::FOUND, .. }), "{error}");
    assert_eq!(elsewhere.token_requests().len(), 0);

    world.answer("application/json", &format!(r#"{{"access_token":"{}"}}"#, "a".repeat(1000)));
    let error = world.exchange().await.unwrap_err();
    assert!(matches!(error, ExchangeError::Malformed(why) if why.contains("larger")), "{error}");
    world.issuer.recover();
    world.issuer.answer_token(json!({ "access_token": "a" }));
    world.issuer.fail_token(Fault::GzipBomb { decoded: 1_000_000 });
    assert!(matches!(world.exchange().await.unwrap_err(), ExchangeError::Malformed(_)));
}

#[tokio::test]
async fn a_deadline_and_a_broken_connection_are_told_apart() {
    let world = World::with(|exchanger| exchanger.with_timeout(Duration::from_millis(300))).await;
    world.issuer.fail_token(Fault::Hang);
    let error = world.exchange().await.unwrap_err();
    assert_eq!(error, ExchangeError::Deadline);
    assert_eq!(error.status(), StatusCode::GATEWAY_TIMEOUT);

    let world = World::new().await;
    for fault in [Fault::Close, Fault::Reset, Fault::Raw(Bytes::from_static(b"no HTTP"))] {
        world.issuer.fail_token(fault.clone());
        let error = world.exchange().await.unwrap_err();
        assert!(matches!(error, ExchangeError::Transport(_)), "{fault:?}: {error}");
        assert_eq!(error.status(), StatusCode::BAD_GATEWAY);
        assert!(!error.to_string().contains("subject"), "{error}");
    }
}

#[tokio::test]
async fn on_behalf_of_gives_no_other_token_than_the_access_token() {
    let world = World::new().await;
    world.issuer.answer_token(json!({ "access_token": "a", "id_token": "an-id", "refresh_token": "a-refresh" }));
    let token = world.on_behalf_of().await.unwrap();
    assert_eq!(token.secret().expose_secret(), "a");
    let shown = format!("{token:?} {:?}", world.exchange().await.unwrap());
    assert!(!shown.contains("an-id") && !shown.contains("a-refresh"), "{shown}");
}

#[tokio::test]
async fn tokens_for_another_organization_are_refused() {
    let world = World::new().await;
    let for_org = |id: &str| world.issuer.token().claim("org_id", id).sign();
    let ask = request("t").with_organization("org_1");
    let answers: [(Value, bool); 4] = [
        (json!({ "access_token": "opaque", "id_token": for_org("org_1") }), true),
        (json!({ "access_token": for_org("org_1") }), true),
        (json!({ "access_token": "opaque", "id_token": for_org("org_2") }), false),
        (json!({ "access_token": for_org("org_2") }), false),
    ];
    for (answer, is_fine) in answers {
        world.issuer.answer_token(answer.clone());
        assert_eq!(world.exchanger.exchange(&ask).await.is_ok(), is_fine, "{answer}");
        assert!(world.exchange().await.is_ok(), "nobody asked for an organization");
    }
}

#[tokio::test]
async fn nothing_that_holds_a_secret_shows_it() {
    let world = World::new().await;
    world.issuer.answer_token(json!({ "access_token": "exchanged-token", "id_token": "some-id-token" }));
    let tokens = world.exchange().await.unwrap();
    let caller = world.caller().await;
    let presented = caller.presented_token().unwrap();
    let shown = format!("{tokens:?} {:?} {caller:?} {presented:?} {:?}", world.exchanger, request("of-the-caller"));
    for secret in ["exchanged-token", "some-id-token", "of-the-caller", &world.secret, presented.expose_secret()] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
