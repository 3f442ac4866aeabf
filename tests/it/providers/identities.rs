//! What Cloudflare Access knows beyond the token.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use claviger::Fetch;
use claviger::FetchError;
use claviger::FetchFuture;
use claviger::VerifiedToken;
use claviger_providers::cloudflare_access::Identities;
use claviger_providers::cloudflare_access::IdentityError;
use claviger_testing::TestClock;
use http::Request;
use http::Response;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;

use crate::providers::Preset;
use crate::providers::world::sign;
use crate::support::NOW;

const URL: &str = "https://my-team.cloudflareaccess.com/cdn-cgi/access/get-identity";

/// Access, as far as it tells who somebody is; remembers the cookies it was sent.
#[derive(Clone, Debug)]
struct Access {
    answer: Arc<Mutex<Answer>>,
    cookies: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone, Debug)]
enum Answer {
    Document(StatusCode, String),
    Failure(FetchError),
    Never,
}

impl Access {
    fn saying(document: &Value) -> Self {
        Self::answering(Answer::Document(StatusCode::OK, document.to_string()))
    }

    fn answering(answer: Answer) -> Self {
        Self { answer: Arc::new(Mutex::new(answer)), cookies: Arc::default() }
    }

    fn asked(&self) -> usize {
        self.cookies.lock().unwrap().len()
    }
}

impl Fetch for Access {
    fn fetch(&self, request: Request<()>) -> FetchFuture<'_> {
        assert_eq!(request.uri().to_string(), URL);
        self.cookies.lock().unwrap().push(request.headers()["cookie"].to_str().unwrap().to_owned());
        let answer = self.answer.lock().unwrap().clone();
        Box::pin(async move {
            // So that others can ask meanwhile.
            tokio::task::yield_now().await;
            match answer {
                Answer::Document(status, text) => {
                    Ok(Response::builder().status(status).body(Bytes::from(text)).unwrap())
                }
                Answer::Failure(error) => Err(error),
                Answer::Never => std::future::pending().await,
            }
        })
    }
}

fn identity() -> Value {
    json!({
        "id": "1164449231815010287495", "name": "User", "email": "user@example.com",
        "user_uuid": "7335d417-61da-459d-899c-0a01c76a2f94", "account_id": "123456789", "iat": 1_659_474_397u64,
        "ip": "198.51.100.1", "auth_status": "NONE", "common_name": "", "service_token_id": "",
        "service_token_status": false, "is_warp": false, "is_gateway": false, "version": 2,
        "device_sessions": {}, "devicePosture": { "a": { "type": "os_version", "success": true } },
        "idp": { "id": "15026747", "type": "google" }, "geo": { "country": "US" },
        "groups": ["staff", { "id": "9d41", "name": "Auditors", "email": "auditors@example.com" }],
    })
}

async fn verified(changes: Value) -> (VerifiedToken, String) {
    let preset = Preset::named("cloudflare-access");
    let mut claims = preset.claims("one");
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let sent = sign(preset.typ, &claims);
    (preset.world("one").verify((preset.issuer)("one"), &sent).await.unwrap(), sent)
}

fn identities(access: &Access, clock: &TestClock) -> Identities {
    Identities::new("my-team").unwrap().with_fetch(access.clone()).with_clock(clock.clone())
}

#[tokio::test]
async fn a_session_is_asked_for_once_a_minute_with_the_token_as_the_cookie() {
    let (access, clock) = (Access::saying(&identity()), TestClock::at_second(NOW));
    let identities = identities(&access, &clock);
    let (token, sent) = verified(json!({})).await;
    let found = identities.of(&token, &sent).await.unwrap();
    assert!(["staff", "9d41", "Auditors", "auditors@example.com"].iter().all(|group| found.is_in_group(group)));
    assert!(!found.is_in_group("admins"));
    assert_eq!(found.idp.as_ref().unwrap().kind.as_deref(), Some("google"));
    assert_eq!(*access.cookies.lock().unwrap(), [format!("CF_Authorization={sent}")]);

    clock.advance(Duration::from_secs(59));
    identities.of(&token, &sent).await.unwrap();
    assert_eq!(access.asked(), 1);
    clock.advance(Duration::from_secs(1));
    identities.of(&token, &sent).await.unwrap();
    assert_eq!(access.asked(), 2);
    let (another, sent) = verified(json!({ "identity_nonce": "another session" })).await;
    identities.of(&another, &sent).await.unwrap();
    assert_eq!(access.asked(), 3);
    // Sessions of two users may be called the same.
    let (other, sent) = verified(json!({ "sub": "e9ab6ba2", "email": "other@example.com" })).await;
    assert_eq!(identities.of(&other, &sent).await.err(), Some(IdentityError::SomebodyElse));
}

#[tokio::test]
async fn those_who_ask_together_share_one_answer() {
    let (access, clock) = (Access::saying(&identity()), TestClock::at_second(NOW));
    let identities = Arc::new(identities(&access, &clock));
    let (token, sent) = verified(json!({})).await;
    let together: Vec<_> = (0..50)
        .map(|_| {
            let (identities, token, sent) = (Arc::clone(&identities), token.clone(), sent.clone());
            tokio::spawn(async move { identities.of(&token, &sent).await.is_ok() })
        })
        .collect();
    for asked in together {
        assert!(asked.await.unwrap());
    }
    assert_eq!(access.asked(), 1);
}

#[tokio::test]
async fn nobody_is_asked_about_a_token_without_identity_of_another_team_or_that_was_not_verified() {
    let (access, clock) = (Access::saying(&identity()), TestClock::at_second(NOW));
    let (token, sent) = verified(json!({})).await;
    let (service, of_service) = verified(json!({ "email": null, "sub": "", "common_name": "88bf.access" })).await;
    let (unknown, of_unknown) = verified(json!({ "identity_nonce": null })).await;
    let identities = identities(&access, &clock);
    for (token, sent, expected) in [
        (&service, of_service.as_str(), IdentityError::NoIdentity),
        (&unknown, &of_unknown, IdentityError::NoIdentity),
        (&token, &of_unknown, IdentityError::OtherToken),
        (&token, "", IdentityError::OtherToken),
        (&token, "a.b.c", IdentityError::OtherToken),
    ] {
        assert_eq!(identities.of(token, sent).await.err(), Some(expected));
    }
    let other_team = Identities::new("their-team").unwrap().with_fetch(access.clone());
    assert_eq!(other_team.of(&token, &sent).await.err(), Some(IdentityError::OtherTeam));
    assert_eq!(access.asked(), 0);
}

#[tokio::test]
async fn what_is_no_answer_about_this_user_is_an_error_and_is_kept_for_a_moment() {
    let mut somebody_else = identity();
    somebody_else["email"] = "other@example.com".into();
    let mut of_the_same_address = identity();
    of_the_same_address["user_uuid"] = "e9ab6ba2".into();
    let nobody = json!({ "groups": ["admins"], "email": null });
    for (answer, expected) in [
        (Answer::Document(StatusCode::OK, of_the_same_address.to_string()), IdentityError::SomebodyElse),
        (Answer::Document(StatusCode::OK, nobody.to_string()), IdentityError::Malformed),
        (Answer::Document(StatusCode::OK, "{}".to_owned()), IdentityError::Malformed),
        (Answer::Document(StatusCode::OK, somebody_else.to_string()), IdentityError::SomebodyElse),
        (Answer::Document(StatusCode::OK, "<html>".to_owned()), IdentityError::Malformed),
        (Answer::Document(StatusCode::FOUND, String::new()), IdentityError::Refused(StatusCode::FOUND)),
        (
            Answer::Document(StatusCode::BAD_REQUEST, identity().to_string()),
            IdentityError::Refused(StatusCode::BAD_REQUEST),
        ),
        (
            Answer::Failure(FetchError::TooLarge { limit: 65_536 }),
            IdentityError::Fetch(FetchError::TooLarge { limit: 65_536 }),
        ),
    ] {
        let (access, clock) = (Access::answering(answer), TestClock::at_second(NOW));
        let identities = identities(&access, &clock);
        let (token, sent) = verified(json!({})).await;
        for _ in 0..3 {
            assert_eq!(identities.of(&token, &sent).await.err(), Some(expected.clone()));
        }
        assert_eq!(access.asked(), 1, "{expected}");
        *access.answer.lock().unwrap() = Answer::Document(StatusCode::OK, identity().to_string());
        clock.advance(Duration::from_secs(5));
        assert!(identities.of(&token, &sent).await.is_ok(), "{expected}");
    }
}

#[tokio::test]
async fn one_odd_member_leaves_the_others_readable() {
    for (name, value) in [
        ("groups", json!(null)),
        ("groups", json!({ "staff": true })),
        ("devicePosture", json!(null)),
        ("device_sessions", json!([])),
        ("version", json!("2")),
        ("iat", json!("yesterday")),
        ("is_warp", json!(null)),
        ("idp", json!("google")),
        ("idp", json!({ "id": 15_026_747, "type": "google" })),
        ("geo", json!(null)),
        ("name", json!(7)),
        ("unknown", json!([{}])),
    ] {
        let mut document = identity();
        document[name] = value.clone();
        let (access, clock) = (Access::saying(&document), TestClock::at_second(NOW));
        let (token, sent) = verified(json!({})).await;
        let found = identities(&access, &clock).of(&token, &sent).await;
        let found = found.unwrap_or_else(|error| panic!("{name} {value}: {error}"));
        assert_eq!(found.email.as_deref(), Some("user@example.com"), "{name} {value}");
        assert_eq!(found.is_in_group("staff"), name != "groups", "{name} {value}");
        let provider = found.idp.as_ref().and_then(|provider| provider.kind.as_deref());
        assert_eq!(provider, (value != "google").then_some("google"), "{name} {value}");
    }
}

#[tokio::test]
async fn the_common_name_of_a_certificate_is_read_from_either_member() {
    for (members, expected) in [
        (json!({ "common_name": "laptop-7" }), Some("laptop-7")),
        (json!({ "common_name": null, "cn": "laptop-7" }), Some("laptop-7")),
        (json!({ "common_name": "", "cn": "laptop-7" }), Some("laptop-7")),
        (json!({ "common_name": "laptop-7", "cn": "other" }), Some("laptop-7")),
        (json!({ "common_name": null, "cn": 7 }), None),
    ] {
        let mut document = identity();
        document.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let (access, clock) = (Access::saying(&document), TestClock::at_second(NOW));
        let (token, sent) = verified(json!({})).await;
        let found = identities(&access, &clock).of(&token, &sent).await.unwrap();
        assert_eq!(found.common_name.as_deref(), expected, "{members}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_is_waited_for_five_seconds() {
    let (access, clock) = (Access::answering(Answer::Never), TestClock::at_second(NOW));
    let identities = identities(&access, &clock);
    let (token, sent) = verified(json!({})).await;
    let began = tokio::time::Instant::now();
    assert_eq!(identities.of(&token, &sent).await.err(), Some(IdentityError::Deadline));
    assert_eq!(began.elapsed(), Duration::from_secs(5));
}

#[tokio::test]
async fn debug_tells_no_identity() {
    let (access, clock) = (Access::saying(&identity()), TestClock::at_second(NOW));
    let identities = identities(&access, &clock);
    let (token, sent) = verified(json!({})).await;
    let found = identities.of(&token, &sent).await.unwrap();
    let debug = format!("{identities:?} {found:?}");
    assert!(!debug.contains("user@example.com") && !debug.contains(&sent), "{debug}");
}
