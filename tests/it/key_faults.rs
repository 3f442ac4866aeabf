//! What an issuer, or whoever answers in its place, can do wrong: the old keys serve on, and the failure has a class.

use std::time::Duration;

use bytes::Bytes;
use claviger::Issuer;
use claviger::KeyErrorKind;
use claviger::KeySettings;
use claviger::KeyState;
use claviger::Verifier;
use claviger_testing::Fault;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use http::Response;
use http::StatusCode;

use crate::support::AUDIENCE;
use crate::support::NOW;

struct Subject {
    clock: TestClock,
    issuer: TestIssuer,
    verifier: Verifier,
}

impl Subject {
    /// Only a fetch that is to end by its deadline has a short one: a machine under load may be slow with any other.
    async fn facing(kind: KeyErrorKind) -> Self {
        let clock = TestClock::at_second(NOW);
        let issuer = TestIssuer::builder().with_clock(clock.clone()).start().await;
        let mut keys = KeySettings::default();
        if kind == KeyErrorKind::Deadline {
            keys.timeout = Duration::from_millis(500);
        }
        let trusted = Issuer::new(issuer.url(), AUDIENCE);
        let verifier = Verifier::builder(trusted).with_clock(clock.clone()).with_keys(keys).build().unwrap();
        Self { clock, issuer, verifier }
    }

    async fn assert_survives(&self, fault: &Fault, kind: KeyErrorKind) {
        assert!(self.verifier.refresh_now().await.is_err(), "{fault:?}");
        let status = self.verifier.status().remove(0);
        assert_eq!(status.last_error.map(|error| error.kind()), Some(kind), "{fault:?}");
        assert_eq!((status.state, status.generation), (KeyState::Fresh, 1), "{fault:?}");
        assert!(self.verifier.verify(&self.issuer.token().sign()).await.is_ok(), "{fault:?}");
    }
}

fn answer(status: StatusCode, fields: &[(&str, &str)], body: &'static str) -> Fault {
    let answer =
        fields.iter().fold(Response::builder().status(status), |answer, (name, value)| answer.header(*name, *value));
    Fault::Answer(answer.body(Bytes::from_static(body.as_bytes())).unwrap())
}

fn faults() -> Vec<(Fault, KeyErrorKind)> {
    let no_set = |body| (answer(StatusCode::OK, &[("content-type", "application/json")], body), KeyErrorKind::KeySet);
    vec![
        (Fault::Drip { pause: Duration::from_millis(50) }, KeyErrorKind::Deadline),
        (Fault::Hang, KeyErrorKind::Deadline),
        (Fault::Close, KeyErrorKind::Transport),
        (Fault::Reset, KeyErrorKind::Transport),
        (Fault::WrongLength { declared: 100_000 }, KeyErrorKind::Transport),
        (Fault::WrongLength { declared: 10 }, KeyErrorKind::KeySet),
        (
            Fault::Raw(Bytes::from_static(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n")),
            KeyErrorKind::Transport,
        ),
        (Fault::Raw(Bytes::from_static(b"\x16\x03\x01\x00\x00")), KeyErrorKind::Transport),
        (Fault::GzipBomb { decoded: 300 * 1024 }, KeyErrorKind::TooLarge),
        (Fault::Redirect("https://elsewhere.example/jwks".to_owned()), KeyErrorKind::Status),
        (Fault::Status(StatusCode::NOT_MODIFIED), KeyErrorKind::Status),
        (Fault::Status(StatusCode::NO_CONTENT), KeyErrorKind::Status),
        (Fault::Html, KeyErrorKind::KeySet),
        no_set("{\"keys\":[]}"),
        no_set("{}"),
        no_set("[]"),
        no_set("null"),
        no_set("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}"),
    ]
}

#[tokio::test]
async fn old_keys_survive_whatever_is_answered_in_place_of_new_ones() {
    for (fault, kind) in faults() {
        let subject = Subject::facing(kind).await;
        subject.issuer.remove_etag();
        subject.verifier.ready().await.unwrap();
        subject.issuer.fail_jwks(fault.clone());
        subject.assert_survives(&fault, kind).await;
    }
}

#[tokio::test]
async fn old_keys_survive_whatever_is_answered_in_place_of_metadata() {
    for (fault, kind) in [
        (Fault::Html, KeyErrorKind::Metadata),
        (Fault::Close, KeyErrorKind::Transport),
        (Fault::Hang, KeyErrorKind::Deadline),
        (Fault::Status(StatusCode::INTERNAL_SERVER_ERROR), KeyErrorKind::Status),
    ] {
        let subject = Subject::facing(kind).await;
        subject.verifier.ready().await.unwrap();
        subject.issuer.fail_discovery(fault.clone());
        subject.assert_survives(&fault, kind).await;
    }
}

/// A failure that is declared cacheable for a month.
#[tokio::test]
async fn the_caching_headers_of_an_error_are_ignored() {
    let subject = Subject::facing(KeyErrorKind::Status).await;
    let long = [("cache-control", "max-age=2592000"), ("age", "0")];
    subject.issuer.fail_jwks(answer(StatusCode::INTERNAL_SERVER_ERROR, &long, ""));
    assert!(subject.verifier.ready().await.is_err());
    subject.issuer.recover();
    subject.clock.advance(Duration::from_secs(2));
    assert!(subject.verifier.ready().await.is_ok());
}
