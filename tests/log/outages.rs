//! Keys that cannot be had: what the log hears of it, and how loud.

use std::time::Duration;

use claviger::error::Reason;
use claviger_testing::Fault;
use http::StatusCode;

use crate::Log;
use crate::support::Api;
use crate::support::NOW;
use crate::support::new_key;

/// How many lines of this level have this text.
fn count(text: &str, level: &str, part: &str) -> usize {
    text.lines().filter(|line| line.contains(level) && line.contains(part)).count()
}

#[tokio::test]
async fn an_outage_of_keys_is_one_warning_however_many_requests_and_tries_it_has() {
    let log = Log::listen();
    let api = Api::serving().await;
    api.issuer.fail_discovery(Fault::Status(StatusCode::BAD_GATEWAY));
    let mut text = String::new();
    for _ in 0..5 {
        for _ in 0..3 {
            api.show(&api.token().sign()).await.assert_unavailable();
        }
        text += &log.text();
        api.clock.advance(Duration::from_secs(72));
    }
    assert_eq!(count(&text, "WARN", "the keys could not be fetched"), 1, "{text}");
    assert_eq!(count(&text, "WARN", "keys_unavailable"), 0, "{text}");
    assert_eq!(count(&text, "INFO", "reason=\"keys_unavailable\""), 15, "{text}");
    assert_eq!(count(&text, "DEBUG", "the keys could not be fetched"), 4, "{text}");

    api.issuer.recover();
    api.show(&api.token().sign()).await.assert_passed();
    let text = log.text();
    assert_eq!(count(&text, "INFO", "the keys can be fetched again"), 1, "{text}");
    api.issuer.fail_discovery(Fault::Status(StatusCode::BAD_GATEWAY));
    api.issuer.rotate(new_key("2"));
    api.show(&api.token().sign()).await.assert_unavailable();
    assert_eq!(count(&log.text(), "WARN", "the keys could not be fetched"), 1, "the next outage");
}

#[tokio::test]
async fn another_issuer_in_the_metadata_is_an_error_of_its_own_once() {
    let log = Log::listen();
    let api = Api::serving().await;
    api.issuer.set_discovery_member("issuer", format!("{}/", api.issuer.url()));
    for _ in 0..3 {
        api.show(&api.token().sign()).await.assert_unavailable();
        api.clock.advance(Duration::from_secs(72));
    }
    let text = log.text();
    assert_eq!(count(&text, "ERROR", "kind=\"issuer_mismatch\""), 1, "{text}");
    assert_eq!(count(&text, "ERROR", "only the last slash differs"), 1, "{text}");
    assert_eq!(count(&text, "INFO", "the configured issuer is not the one that its metadata state"), 3, "{text}");
    assert_eq!(count(&text, "INFO", "keys of the issuer are unavailable"), 0, "{text}");
}

#[tokio::test]
async fn a_key_that_cannot_be_looked_up_is_logged_with_the_time_from_which_on_it_can_be() {
    let log = Log::listen();
    let api = Api::serving().await;
    api.show(&api.token().sign()).await.assert_passed();
    for at in 0..3 {
        log.text();
        let answer = api.show(&api.token().header("kid", format!("junk-{at}")).sign()).await;
        assert_eq!(answer.reason, Some(if at < 2 { Reason::UnknownKey } else { Reason::RefetchExhausted }));
    }
    let text = log.text();
    assert_eq!(count(&text, "INFO", "reason=\"refetch_exhausted\""), 1, "{text}");
    assert!(text.contains(&format!("until={}", NOW + 30)) && text.contains("Sun, 15 Jun 2025 15:07:10 GMT"), "{text}");
    assert!(text.contains("key_id=\"junk-2\""), "{text}");
}

#[tokio::test]
async fn keys_that_serve_long_past_their_lifetime_are_worrying() {
    let log = Log::listen();
    let api = Api::serving().await;
    api.show(&api.token().sign()).await.assert_passed();
    api.issuer.fail_discovery(Fault::Status(StatusCode::BAD_GATEWAY));
    for (past, worrying) in [(1, false), (1799, true)] {
        log.text();
        api.clock.advance(Duration::from_secs(600 * u64::from(!worrying) + past));
        let asked = api.issuer.fetches().discovery();
        api.show(&api.token().sign()).await.assert_passed();
        api.issuer.wait_for_discovery(asked + 2).await;
        let text = landed(&log).await;
        assert!(text.contains(&format!("worrying={worrying}")), "{text}");
    }
}

/// What is logged until the failed fetch, which runs behind the request, has landed.
async fn landed(log: &Log) -> String {
    let mut text = String::new();
    for _ in 0..1_000_000 {
        text += &log.text();
        if text.contains("the keys could not be fetched") {
            return text;
        }
        tokio::task::yield_now().await;
    }
    panic!("no fetch has failed: {text}");
}
