//! How much is drained: bytes, time, and bodies at once, by a clock that stands still unless all wait for it.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::DrainSettings;
use claviger::Issuer;
use claviger_testing::TestIssuer;
use http::Request;
use tokio::time::sleep;
use tower::ServiceExt;

use super::Fate;
use super::Upload;
use crate::support::AUDIENCE;
use crate::support::problem_paths;
use crate::support::read_config;

const SECOND: Duration = Duration::from_secs(1);

struct Api(Router);

impl Api {
    fn new(drain: DrainSettings) -> Self {
        let issuer = TestIssuer::in_memory("https://issuer.example.com");
        let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
        let cfg = AuthConfig::builder(trusted).with_drain(drain).build().unwrap();
        Self(Router::new().layer(AuthLayer::new(cfg)))
    }

    /// An upload that is refused.
    async fn refuse(&self, chunks: u64, chunk: usize, every: Duration) -> Fate {
        let (upload, fate) = Upload::of(chunks, chunk, every);
        let request = Request::post("/").body(Body::new(upload)).unwrap();
        assert_eq!(self.0.clone().oneshot(request).await.unwrap().status(), 401);
        fate
    }
}

#[tokio::test(start_paused = true)]
async fn by_default_ten_seconds_and_16_mib_are_drained() {
    let api = Api::new(DrainSettings::default());
    let slow = api.refuse(1000, 1, SECOND).await;
    let long = api.refuse(100, 1024 * 1024, Duration::ZERO).await;
    let whole = api.refuse(16, 1024 * 1024, SECOND / 2).await;
    assert_eq!(long.end().await.0, 17, "the chunk that is over the limit is the last one");
    assert_eq!(whole.end().await, (16, 8 * SECOND));
    let (chunks, time) = slow.end().await;
    assert!((9..=10).contains(&chunks), "{chunks}");
    assert_eq!(time, 10 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn bytes_and_time_can_be_set() {
    let api = Api::new(DrainSettings::default().with_max_bytes(2000).with_max_time(3 * SECOND));
    assert_eq!(api.refuse(100, 1000, Duration::ZERO).await.end().await.0, 3);
    assert_eq!(api.refuse(2, 1000, SECOND).await.end().await, (2, 2 * SECOND));
    let (chunks, time) = api.refuse(100, 1, 2 * SECOND).await.end().await;
    assert_eq!((chunks, time), (1, 3 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn when_full_the_one_that_received_least_in_the_last_second_gives_way() {
    let api = Api::new(DrainSettings::default().with_max_count(3));
    let fast = api.refuse(90, 10, SECOND / 10).await;
    let mut slow = api.refuse(9, 1, SECOND).await;
    let middle = api.refuse(18, 1, SECOND / 2).await;
    sleep(3 * SECOND + SECOND / 4).await;
    assert!(!slow.is_dropped());
    let late = api.refuse(4, 1, SECOND).await;
    assert_eq!(slow.end().await, (3, 3 * SECOND + SECOND / 4));
    for (fate, case) in [(fast, "fast"), (middle, "middle"), (late, "late")] {
        fate.assert_drained(case).await;
    }
}

/// The attack: thousands that send a byte a second, so that honest clients find no place.
#[tokio::test(start_paused = true)]
async fn slow_uploads_keep_no_place_from_others() {
    let api = Api::new(DrainSettings::default());
    let mut slow = Vec::new();
    for _ in 0..2000 {
        slow.push(api.refuse(1000, 1, SECOND).await);
    }
    sleep(2 * SECOND).await;
    let read = slow.iter_mut().map(Fate::is_dropped).filter(|is_dropped| !is_dropped).count();
    assert_eq!(read, 1024, "no more are read at once");
    let mut honest = Vec::new();
    for _ in 0..10 {
        honest.push(api.refuse(1024, 1024, SECOND / 1024).await);
    }
    for fate in honest {
        fate.assert_drained("1 MiB").await;
    }
}

#[tokio::test(start_paused = true)]
async fn with_no_places_nothing_is_drained() {
    let api = Api::new(DrainSettings::default().with_max_count(0));
    api.refuse(3, 1000, Duration::ZERO).await.assert_untouched("max_count 0").await;
}

#[tokio::test(start_paused = true)]
async fn an_endless_body_of_empty_chunks_ends_by_time() {
    let api = Api::new(DrainSettings::default().with_max_time(SECOND));
    let fate = api.refuse(u64::MAX, 0, Duration::from_millis(1)).await;
    assert_eq!(fate.end().await.1, SECOND);
}

#[test]
fn a_file_sets_the_limits() {
    let issuer = "[[issuers]]\nissuer = \"https://tenant.example.com/\"\naudience = \"https://api.example.com\"\n";
    for (member, problems) in [
        ("drain = { max_bytes = 16777216, max_time = \"10s\", max_count = 1024 }", &[][..]),
        ("drain = { max_bytes = 0, max_count = 0 }", &[]),
        ("drain = { max_time = \"0s\" }", &["drain.max_time"]),
        (
            "drain = { max_bytes = -1, max_time = \"soon\", max_count = \"many\", most = 1 }",
            &["drain.max_bytes", "drain.max_count", "drain.max_time", "drain.most"],
        ),
        ("drain = true", &["drain"]),
    ] {
        let mut found = problem_paths(read_config(&format!("{member}\n{issuer}")));
        found.sort();
        assert_eq!(found, problems, "{member}");
    }
}
