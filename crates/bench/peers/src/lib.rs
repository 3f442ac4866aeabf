//! Other middleware on the same route, with the same tokens, each as its documentation sets it up.
//!
//! All of them check signature, algorithm, `iss`, `aud`, `exp` and `nbf`, and none of them demands a scope. Keys come from one
//! issuer on loopback and are at hand. What a peer does not check by default but can is switched on.

#![expect(clippy::expect_used, reason = "a benchmark cannot go on without what it measures")]

mod aliri;
mod at_hand;
mod axum_jwt_auth;
mod backend;
mod jwt_authorizer;
mod oauth_resource_server;
mod tower_oauth2_resource_server;

use at_hand::at_hand;
use axum::Router;
use axum::body::Body;
use axum::routing::RouterIntoService;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::Issuer;
use claviger_bench::Bare;
use claviger_bench::Freshness;
use claviger_bench::Group;
use claviger_bench::Guarded;
use claviger_bench::KeyKind;
use claviger_bench::Route;
use claviger_bench::Signed;
use claviger_bench::groups::MakeGroup;
use claviger_bench::handler;
use claviger_bench::unguarded;
use claviger_testing::TestIssuer;
use tokio::runtime;
use tokio::runtime::Handle;

use backend::Backend;

/// Runs `measure` with the peers. `BACKEND=rust-crypto` chooses the other backend, and leaves out the peers that have no
/// choice: a process has one, because jsonwebtoken keeps it in a global variable.
///
/// # Panics
///
/// If a peer does not take its configuration.
pub fn with_groups(measure: impl FnOnce(Vec<MakeGroup>)) {
    let is_other = std::env::var_os("BACKEND").is_some_and(|backend| backend == "rust-crypto");
    let backend = if is_other { Backend::RustCrypto } else { Backend::AwsLc };
    backend.install();
    let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let _entered = runtime.enter();
    let handle = runtime.handle().clone();
    measure(vec![Box::new(move || group(backend, &handle))]);
}

/// Everything but the making of services happens outside of the runtime, whose tasks have to yield now and then.
fn group(backend: Backend, runtime: &Handle) -> Group {
    let issuer = TestIssuer::builder().with_key(KeyKind::Rs256.generate()).start();
    let issuer = runtime.block_on(issuer);
    let signed = Signed::by(&issuer, KeyKind::Rs256, TOKENS, BYTES);
    let tokens = signed.tokens();
    let token = tokens.first().expect("a token");
    let through = |service: RouterIntoService<Body>| {
        let service = runtime.block_on(at_hand(service, token));
        Route::new(move || service.clone(), tokens, Freshness::SeenBefore)
    };
    let mut group = Group::new("peers, one route, RS256")
        .add("bare signature", Bare::new(&signed))
        .add(ROUTER, unguarded(tokens))
        .add_over(
            ROUTER,
            backend.named("tower-oauth2-resource-server"),
            through(runtime.block_on(tower_oauth2_resource_server::service(&issuer))),
        )
        .add_over(ROUTER, backend.named("axum-jwt-auth"), through(runtime.block_on(axum_jwt_auth::service(&issuer))));
    if backend == Backend::AwsLc {
        let guarded = claviger(&issuer, runtime.clone());
        let old_route = |service| {
            let service = runtime.block_on(at_hand(service, token));
            Route::new(move || Clone::clone(&service), tokens, Freshness::SeenBefore)
        };
        group = group
            .add_over(ROUTER, "aliri_tower, aliri_axum", through(runtime.block_on(aliri::service(&issuer))))
            .add_over(
                ROUTER,
                "oauth-resource-server",
                through(runtime.block_on(oauth_resource_server::service(&issuer))),
            )
            .add(OLD_ROUTER, old_route(jwt_authorizer::unguarded()))
            .add_over(OLD_ROUTER, "jwt-authorizer", old_route(runtime.block_on(jwt_authorizer::service(&issuer))))
            .add_over(ROUTER, "claviger, first seen", guarded.route(tokens, Freshness::FirstSeen))
            .add_over(ROUTER, "claviger, seen before", guarded.route(tokens, Freshness::SeenBefore));
    }
    // It serves until the program ends.
    std::mem::forget(issuer);
    group
}

/// With keys that were fetched, as those of the peers.
fn claviger(issuer: &TestIssuer, runtime: Handle) -> Guarded {
    let trusted = Issuer::new(issuer.url(), AUDIENCE);
    Guarded::new(move || {
        let cfg = AuthConfig::builder(trusted.clone()).build().expect("a sound configuration");
        let verifier = cfg.verifier().clone();
        let ready = async move { verifier.ready().await.expect("the keys are fetched") };
        // On a thread of its own, because this one may drive the runtime already.
        std::thread::scope(|scope| scope.spawn(|| runtime.block_on(ready)).join().expect("it does not panic"));
        cfg
    })
}

fn router() -> Router {
    Router::new().route("/reports", get(handler))
}

const ROUTER: &str = "router";
/// jwt-authorizer has no release for axum 0.8.
const OLD_ROUTER: &str = "router of axum 0.7";
const AUDIENCE: &str = "https://api.example.com";
const TOKENS: usize = 640;
const BYTES: usize = 800;
