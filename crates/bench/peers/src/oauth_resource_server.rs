//! oauth-resource-server, a layer.

use std::sync::Arc;

use axum::body::Body;
use axum::routing::RouterIntoService;
use claviger_testing::TestIssuer;
use oauth_resource_server::KeyNaming;
use oauth_resource_server::OAuthConfig;
use oauth_resource_server::OAuthValidator;
use oauth_resource_server::axum::AuthLayer;
use oauth_resource_server::static_token_policy;

use crate::AUDIENCE;

pub(crate) async fn service(issuer: &TestIssuer) -> RouterIntoService<Body> {
    let config = OAuthConfig {
        enabled: true,
        issuer: issuer.url().to_owned(),
        audience: AUDIENCE.to_owned(),
        resource: AUDIENCE.to_owned(),
        require_at_jwt: true,
        allow_unscoped_tokens: true,
        ..OAuthConfig::default()
    };
    let resolved = config.resolve(KeyNaming::Dotted("oauth")).expect("a sound configuration").expect("it is enabled");
    let validator = Arc::new(OAuthValidator::new(&resolved).expect("a validator"));
    validator.spawn_background_refresh();
    validator.refresh_now().await.expect("the keys are fetched");
    let decision = static_token_policy(None, Some(&resolved), false).expect("a policy");
    let auth = AuthLayer::from_decision(decision, Some(validator)).expect("a layer");
    crate::router().layer(auth).with_state(()).into_service()
}
