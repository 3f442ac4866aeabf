//! The counters behind the feature `metrics`.

use std::collections::BTreeMap;

use axum::Router;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::RequireScopeLayer;
use claviger::ScopePolicy;
use claviger::Verifier;
use claviger::error::Reason;
use claviger_testing::Fault;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use metrics::Label;
use metrics::set_default_local_recorder;
use metrics_util::debugging::DebugValue;
use metrics_util::debugging::DebuggingRecorder;
use metrics_util::debugging::Snapshotter;
use tower::ServiceExt;

use crate::support::AUDIENCE;
use crate::support::Api;
use crate::support::Documents;
use crate::support::NOW;
use crate::support::bearer;

/// Name and labels, without the issuer's, which has a port that changes.
fn counted(snapshotter: &Snapshotter) -> BTreeMap<String, u64> {
    counters(snapshotter, |label| (label.key() != "issuer").then(|| label.value().to_owned()))
}

/// Name and all labels with their names.
fn all(snapshotter: &Snapshotter) -> BTreeMap<String, u64> {
    counters(snapshotter, |label| Some(format!("{}={}", label.key(), label.value())))
}

fn counters(snapshotter: &Snapshotter, shown: impl Fn(&Label) -> Option<String>) -> BTreeMap<String, u64> {
    let all = snapshotter.snapshot().into_vec().into_iter();
    all.map(|(key, _, _, value)| {
        let labels = key.key().labels().filter_map(&shown);
        let name = std::iter::once(key.key().name().to_owned()).chain(labels).collect::<Vec<_>>().join(" ");
        let DebugValue::Counter(count) = value else { panic!("{name} is no counter") };
        (name, count)
    })
    .collect()
}

#[tokio::test]
async fn refusals_and_fetches_are_counted_with_labels_of_closed_lists() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _guard = set_default_local_recorder(&recorder);
    let api = Api::serving().await;
    let token = api.token().sign();
    for _ in 0..3 {
        api.show(&token).await.assert_passed();
    }
    for junk in 0..5 {
        api.show(&api.token().header("kid", format!("junk-{junk}")).sign()).await;
    }
    api.show("junk").await;
    api.authorize(&[]).await;
    api.issuer.fail_jwks(Fault::Html);
    api.clock.advance(std::time::Duration::from_secs(601));
    api.show(&api.token().sign()).await.assert_passed();

    let expected = [
        ("claviger_kept_tokens_total hit", 2),
        ("claviger_kept_tokens_total miss", 8),
        ("claviger_key_fetches_total key_set", 1),
        ("claviger_key_fetches_total ok", 3),
        ("claviger_key_refetches_denied_total", 3),
        ("claviger_refusals_total malformed_token", 1),
        ("claviger_refusals_total missing_credentials", 1),
        ("claviger_refusals_total refetch_exhausted", 3),
        ("claviger_refusals_total unknown_key", 2),
    ];
    assert_eq!(counted(&snapshotter), expected.map(|(name, count)| (name.to_owned(), count)).into());
}

#[tokio::test]
async fn a_guard_that_only_reports_counts_whom_it_would_refuse() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _guard = set_default_local_recorder(&recorder);
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let guard = RequireScopeLayer::new(ScopePolicy::scope("read").unwrap()).report_only();
    let app = Router::new()
        .route("/", get(|| async {}))
        .route_layer(guard)
        .layer(AuthLayer::new(AuthConfig::builder(trusted).build().unwrap()));
    for scope in ["read", "other", "none"] {
        let response = app.clone().oneshot(bearer("/", &issuer.token().scope(scope).sign())).await.unwrap();
        assert!(response.status().is_success());
    }
    let expected = [("claviger_kept_tokens_total miss", 3), ("claviger_refusals_reported_total insufficient_scope", 2)];
    assert_eq!(counted(&snapshotter), expected.map(|(name, count)| (name.to_owned(), count)).into());
}

/// Attack G3. What is counted has as many names as there are for it, and not one for each tenant that somebody invents.
#[tokio::test]
async fn tenants_that_had_to_go_are_counted_and_none_is_named() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _guard = set_default_local_recorder(&recorder);
    let (documents, clock) = (Documents::default(), TestClock::at_second(NOW));
    let name = |of: &str| format!("https://login.example/{of}");
    let template = Issuer::new(name("{tenant}"), AUDIENCE).with_tenant_claim("tid");
    let verifier = Verifier::builder(template).with_max_found_issuers(16).with_fetch(documents.clone());
    let verifier = verifier.with_clock(clock.clone()).build().unwrap();
    for at in 0..40 {
        let of = format!("t{at}");
        let tenant = TestIssuer::builder().with_issuer(name(&of)).with_clock(clock.clone()).in_memory();
        let keys = format!("{}/keys", tenant.url());
        if at < 20 {
            documents.serve_metadata(tenant.url(), tenant.url(), &keys);
            documents.serve(keys, tenant.jwks());
        }
        let verdict = verifier.verify(&tenant.token().claim("tid", of).sign()).await;
        let expected = (at >= 20).then_some(Reason::KeysUnavailable);
        assert_eq!(verdict.err().map(|error| error.reason()), expected);
        clock.advance(std::time::Duration::from_secs(1));
    }
    // Room for 2 that never signed and 14 that did.
    let counted = all(&snapshotter);
    let expected = [
        ("claviger_evictions_total what=proven_issuer", 6),
        ("claviger_evictions_total what=unproven_issuer", 18),
        ("claviger_kept_tokens_total outcome=miss", 40),
        ("claviger_key_fetches_total issuer=found_at_run_time outcome=ok", 20),
        ("claviger_key_fetches_total issuer=found_at_run_time outcome=status", 20),
    ];
    assert_eq!(counted, expected.map(|(name, count)| (name.to_owned(), count)).into());
    assert_eq!(verifier.status().len(), 16);
}

#[tokio::test]
async fn tokens_that_had_to_go_are_counted() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _guard = set_default_local_recorder(&recorder);
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let verifier = Verifier::builder(trusted).with_cache_bytes(16 * 1024).build().unwrap();
    for _ in 0..40 {
        verifier.verify(&issuer.token().sign()).await.unwrap();
    }
    let gone = 40 - verifier.cache_status().tokens;
    assert!(gone > 0);
    let expected = [("claviger_evictions_total what=token", gone), ("claviger_kept_tokens_total outcome=miss", 40)];
    assert_eq!(all(&snapshotter), expected.map(|(name, count)| (name.to_owned(), count)).into());
}
