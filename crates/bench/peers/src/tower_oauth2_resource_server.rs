//! tower-oauth2-resource-server, a layer.

use axum::body::Body;
use axum::routing::RouterIntoService;
use claviger_testing::TestIssuer;
use tower_oauth2_resource_server::claims::DefaultClaims;
use tower_oauth2_resource_server::server::OAuth2ResourceServer;
use tower_oauth2_resource_server::tenant::TenantConfiguration;
use tower_oauth2_resource_server::validation::ClaimsValidationSpec;

use crate::AUDIENCE;

pub(crate) async fn service(issuer: &TestIssuer) -> RouterIntoService<Body> {
    let checks = ClaimsValidationSpec::recommended(issuer.url(), &vec![AUDIENCE.to_owned()]).nbf(true);
    let tenant = TenantConfiguration::builder(issuer.url()).claims_validation(checks).build().await;
    let server = OAuth2ResourceServer::<DefaultClaims>::builder().add_tenant(tenant.expect("a tenant")).build().await;
    crate::router().layer(server.expect("a server").into_layer()).with_state(()).into_service()
}
