//! Every way to ask comes to the verdict of the pure decision.

use axum::Router;
use axum::body::Body;
use axum::routing;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::RequireScopeLayer;
use claviger::ScopePolicy;
use claviger::VerifiedToken;
use claviger::error::Reason;
use claviger::respond::Refused;
use claviger::routes::Routes;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;
use tower::ServiceExt;

use crate::support::AUDIENCE;
use crate::support::NOW;
use crate::support::bearer;

fn is_staff(token: &VerifiedToken) -> bool {
    token.subject().is_some_and(|subject| subject.starts_with("staff|"))
}

/// A demand in each of its forms.
struct Forms {
    policy: ScopePolicy,
    /// Name and router of each form, all at `/tenants/{tenant}`.
    routers: Vec<(&'static str, Router)>,
}

impl Forms {
    fn of(policy: &ScopePolicy, attribute: routing::MethodRouter, extractor: routing::MethodRouter) -> Self {
        let bare = || routing::get(|| async {});
        let guard = || RequireScopeLayer::new(policy.clone());
        let at = |methods| Router::new().route(PATH, methods);
        let routers = vec![
            ("attribute", at(attribute)),
            ("extractor", at(extractor)),
            ("layer of a route", at(bare().route_layer(guard()))),
            ("layer of a router", at(bare()).layer(guard())),
            (
                "layer of a nested router",
                Router::new().nest("/tenants", Router::new().route("/{tenant}", bare()).layer(guard())),
            ),
        ];
        Self { policy: policy.clone(), routers }
    }
}

macro_rules! demands {
    ($($name:ident($($demand:tt)*))*) => {
        $(
            mod $name {
                use claviger::authorize::Demand;
                use claviger::extract::Scoped;
                use claviger::require_scope;

                #[allow(unused_imports, reason = "only one demand has a predicate")]
                use super::is_staff;

                #[derive(Demand)]
                #[demand($($demand)*)]
                pub(super) struct Needed;

                #[require_scope($($demand)*)]
                pub(super) async fn attributed() {}

                pub(super) async fn extracted(_: Scoped<Needed>) {}
            }
        )*

        fn demands() -> Vec<(Forms, Routes, Routes)> {
            vec![$(
                (
                    Forms::of(
                        &claviger::policy!($($demand)*),
                        routing::get($name::attributed),
                        routing::get($name::extracted),
                    ),
                    Routes::new().route(PATH, claviger::routes::get($name::attributed)),
                    Routes::new().guarded(PATH, claviger::policy!($($demand)*), routing::get(|| async {})),
                ),
            )*]
        }
    };
}

demands! {
    one_scope("read")
    two_scopes("read", "write")
    one_of_two(any("read", "admin"))
    nested("read", any("admin", all("write", role("editor"))))
    permission(permission("delete"))
    claim(claim(org_id), claim(app_id = "billing"))
    path(path(tenant = "tenant_id"))
    path_or_scope(any("admin", path(tenant = "tenant_id")))
    acr("read", acr("gold", "silver"))
    recent(max_age = "5m")
    predicate(predicate(is_staff))
    authenticated(authenticated)
    denied(denied)
}

const PATH: &str = "/tenants/{tenant}";

fn tokens() -> Vec<Value> {
    vec![
        json!({}),
        json!({"scope": "read"}),
        json!({"scope": "read write"}),
        json!({"scope": "admin"}),
        json!({"scope": "read admin", "roles": ["editor"]}),
        json!({"scope": "read write", "roles": ["editor"]}),
        json!({"scope": "write", "roles": ["editor"], "permissions": ["delete"]}),
        json!({"org_id": "o", "app_id": "billing", "permissions": "delete"}),
        json!({"org_id": null, "app_id": "billing"}),
        json!({"tenant_id": "acme"}),
        json!({"tenant_id": "other"}),
        json!({"scope": "read", "acr": "silver", "auth_time": NOW - 10}),
        json!({"scope": "read", "acr": "bronze", "auth_time": NOW - 1000}),
        json!({"acr": "gold", "auth_time": "yesterday"}),
        json!({"sub": "staff|ann"}),
    ]
}

#[tokio::test]
async fn each_form_of_a_guard_comes_to_the_verdict_of_the_pure_decision() {
    let clock = TestClock::at_second(NOW);
    let issuer = TestIssuer::builder().with_clock(clock.clone()).in_memory();
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let cfg = AuthConfig::builder(trusted).with_clock(clock).build().unwrap();
    let auth = AuthLayer::new(cfg.clone());
    let signed = |claims: &Value| {
        let claims = claims.as_object().unwrap();
        claims.iter().fold(issuer.token(), |token, (name, value)| token.claim(name, value.clone())).sign()
    };
    let (mut met, mut refused) = (0, 0);
    for (forms, of_handlers, of_policies) in demands() {
        let mut routers: Vec<_> =
            forms.routers.into_iter().map(|(form, router)| (form, router.layer(auth.clone()))).collect();
        routers.push(("routes of handlers", of_handlers.into_router(auth.clone())));
        routers.push(("routes of policies", of_policies.into_router(auth.clone())));
        for claims in tokens() {
            let token = signed(&claims);
            let believed = cfg.verifier().verify(&token).await.unwrap();
            let decided = forms.policy.decide_at(&believed, &[("tenant", "acme")]);
            let expected = decided.as_ref().err().map(claviger::Missing::reason);
            *(if decided.is_ok() { &mut met } else { &mut refused }) += 1;
            for (form, router) in &routers {
                let response = router.clone().oneshot(bearer("/tenants/acme", &token)).await.unwrap();
                let seen = response.extensions().get::<Refused>();
                let case = format!("{form} of {} for {claims}", forms.policy);
                assert_eq!(seen.map(Refused::reason), expected, "{case}");
                assert_eq!(seen.and_then(Refused::missing), decided.as_ref().err(), "{case}");
                let status = match expected {
                    None => StatusCode::OK,
                    Some(Reason::InsufficientAuthentication) => StatusCode::UNAUTHORIZED,
                    Some(_) => StatusCode::FORBIDDEN,
                };
                assert_eq!(response.status(), status, "{case}");
            }
        }
        for (form, router) in &routers {
            let request = http::Request::get("/tenants/acme").body(Body::empty()).unwrap();
            assert_eq!(router.clone().oneshot(request).await.unwrap().status(), 401, "{form} of {}", forms.policy);
        }
    }
    assert!(met > 40 && refused > 40, "{met} {refused}: both verdicts are common");
}
