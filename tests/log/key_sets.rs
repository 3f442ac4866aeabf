//! Keys that are not used, and names that are used twice: what the log hears of a key set.

use std::time::Duration;

use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;

use crate::Log;
use crate::support::Api;
use crate::support::new_key;

#[tokio::test]
async fn a_key_that_is_skipped_is_told_once_and_again_only_when_that_changes() {
    let log = Log::listen();
    let api = Api::serving().await;
    api.issuer.publish(new_key("unfit").with_member("use", "enc"));
    let mut told = Vec::new();
    for step in 0..4 {
        if step == 2 {
            api.issuer.publish(new_key("another").with_member("use", "enc"));
        }
        api.show(&api.token().sign()).await.assert_passed();
        told.push(log.text().matches("skipped a key of the set").count());
        api.clock.advance(Duration::from_secs(601));
    }
    assert_eq!(told, [1, 0, 2, 0]);
}

#[tokio::test]
async fn a_key_id_that_is_reused_is_told() {
    let log = Log::listen();
    let api = Api::serving().await;
    api.show(&api.token().sign()).await.assert_passed();
    let key_id = api.issuer.current_key().key_id().unwrap().to_owned();
    log.text();
    api.issuer.replace_keys(vec![new_key(&key_id)]);
    api.show(&api.token().sign()).await.assert_passed();
    let text = log.text();
    assert!(text.contains("another key the name of an old one") && text.contains(&key_id), "{text}");
}

/// Each failed try is logged, the first as a warning, and each key of the set but once.
#[tokio::test]
async fn a_key_that_is_skipped_is_told_once_also_when_no_key_is_left() {
    let log = Log::listen();
    let api = Api::serving().await;
    let weak = SigningKey::generate_rsa(SigningAlgorithm::Rs256, 1024).with_key_id("weak");
    api.issuer.replace_keys(vec![weak]);
    let mut told = Vec::new();
    for step in 0..3 {
        if step == 2 {
            api.issuer.publish(new_key("good"));
        }
        let answer = api.show(&api.token().signed_by(&new_key("good")).sign()).await;
        assert_eq!(answer.status.as_u16(), if step == 2 { 401 } else { 503 }, "{answer:?}");
        let text = log.text();
        assert_eq!(text.contains("an RSA key must have 2048 to 8192 bits"), step < 2, "{text}");
        assert_eq!(text.contains("could not be fetched"), step < 2, "{text}");
        let warned = text.lines().filter(|line| line.contains("WARN") && line.contains("could not be fetched"));
        assert_eq!(warned.count(), usize::from(step == 0), "{text}");
        told.push(text.matches("skipped a key of the set").count());
        api.clock.advance(Duration::from_secs(72));
    }
    assert_eq!(told, [1, 0, 0]);
}

#[tokio::test]
async fn two_keys_of_one_kid_and_type_are_an_alarm_also_when_no_key_is_left() {
    for others in [vec![new_key("good")], vec![]] {
        let log = Log::listen();
        let api = Api::serving().await;
        let all = [new_key("twice"), new_key("twice")].into_iter().chain(others).collect();
        api.issuer.replace_keys(all);
        api.show(&api.token().sign()).await;
        let text = log.text();
        let lines: Vec<_> =
            text.lines().filter(|line| line.contains("dropped all keys of one `kid` and type")).collect();
        assert!(lines.len() == 1 && lines[0].contains("ERROR") && lines[0].contains("key_id=\"twice\""), "{text}");
    }
}
