#![deny(warnings)]

use claviger::RequireScopeLayer;
use claviger::ScopePolicy;
use claviger::authorize::Demand;
use claviger::authorize::Enforcement;
use claviger::extract::Scoped;
use claviger::policy;

#[derive(Demand)]
#[demand("read", any("a", role("r")))]
pub struct Read;

#[derive(Demand)]
#[demand("write", report_only)]
#[allow(dead_code)]
enum Write<T: 'static> {
    Of(T),
}

async fn both(_: Scoped<Read>, _: Scoped<Write<u8>>) {}

fn main() {
    let written = policy!("read", any("a", role("r")));
    let in_code = ScopePolicy::scope("read")
        .unwrap()
        .and(ScopePolicy::scope("a").unwrap().or(ScopePolicy::role("r").unwrap()));
    assert_eq!(written.to_string(), in_code.to_string());
    assert_eq!(Read::policy().to_string(), in_code.to_string());
    assert_eq!(Read::enforcement(), Enforcement::Enforced);
    assert_eq!(<Write<u8>>::enforcement(), Enforcement::ReportOnly);
    let written = policy!(organization("org_1"), organization(path = "org"));
    let in_code =
        ScopePolicy::organization("org_1").unwrap().and(ScopePolicy::organization_in_path("org").unwrap());
    assert_eq!(written.to_string(), in_code.to_string());
    assert!(written.asks_for_parameters());
    let _ = RequireScopeLayer::new(policy!(authenticated));
    let _: axum::Router = axum::Router::new().route("/", axum::routing::get(both));
}
