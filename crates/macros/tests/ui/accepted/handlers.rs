//! Whatever axum takes as a handler, without a warning.

#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub, unnameable_types, unused_qualifications)]
#![deny(unused_lifetimes, single_use_lifetimes, elided_lifetimes_in_paths, let_underscore_drop)]

use axum::Json;
use axum::Router;
use axum::debug_handler;
use axum::extract::FromRef;
use axum::extract::FromRequestParts;
use axum::extract::Path;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use claviger::Claims;
use claviger::VerifiedToken;
use claviger::extract::Scoped;
use claviger::require_scope;

/// In a public module.
pub mod reports {
    use super::*;

    /// Documented.
    #[require_scope("read:reports")]
    pub async fn public() {}

    /// Seen in the crate.
    #[require_scope("read:reports")]
    pub(crate) async fn of_the_crate() {}
}

mod private {
    use super::*;

    #[require_scope("read:reports")]
    pub(super) async fn seen_above(State(()): State<()>) {}
}

#[require_scope("a")]
async fn r#type(r#match: State<()>) {
    let State(()) = r#match;
}

#[require_scope("a",)]
async fn pattern(Path((first, _)): Path<(String, String)>, State(()): State<()>) -> String {
    first
}

#[require_scope("a")]
async fn changed(mut names: Json<Vec<String>>) -> Json<Vec<String>> {
    names.push("b".to_owned());
    names
}

#[require_scope("a")]
async fn ignored(_: State<()>, _body: String) {}

#[require_scope("a")]
async fn perhaps(claims: Option<Claims<String>>) -> impl IntoResponse {
    claims.map_or_else(String::new, |claims| claims.to_string())
}

#[require_scope("a")]
async fn allowed(#[allow(unused_variables)] state: State<()>) {
    #![allow(unused_mut)]
    let mut one = 1;
    let _ = one;
}

#[require_scope("a")]
async fn generic<S>(State(state): State<S>) -> String
where
    S: Clone + Into<String>,
{
    state.into()
}

#[require_scope("a")]
async fn of_any_type(_: impl FromRequestParts<()>) {}

#[derive(Clone)]
struct App {
    name: String,
}

impl FromRef<App> for String {
    fn from_ref(app: &App) -> Self {
        app.name.clone()
    }
}

#[debug_handler]
#[require_scope("a")]
async fn checked_above(State(app): State<App>, _: Claims<String>) -> String {
    app.name
}

#[require_scope("a")]
#[debug_handler(state = App)]
async fn checked_below(State(name): State<String>, _: Json<String>) -> String {
    name
}

#[require_scope("a")]
#[debug_handler]
async fn checked_below_without_arguments() -> Result<String, String> {
    Err("none".to_owned())
}

#[require_scope("a")]
#[cfg(any())]
async fn absent(_: NoSuchType) {}

#[require_scope("a")]
#[claviger::require_scope("b")]
#[cfg(not(any()))]
#[::claviger::require_scope("c")]
#[inline]
async fn stacked() {}

#[require_scope(
    any("b", all("c", role("r"), permission("p"))),
    claim(org_id),
    claim(r#type = "x"),
    claim("https://ns.example/tier" = -7),
    claim(email_verified = true),
    path(tenant = "tenant_id"),
    acr("gold", "silver"),
    max_age = "5m",
    predicate(is_staff),
    report_only,
)]
async fn much() {}

fn is_staff(token: &VerifiedToken) -> bool {
    token.subject().is_some()
}

macro_rules! handler {
    ($name:ident, $scope:literal) => {
        #[require_scope($scope)]
        async fn $name(State(()): State<()>) {}
    };
}

handler!(made_by_a_macro, "a");

/// The program.
fn main() {
    #[require_scope("inside:a:function")]
    async fn local() {}

    let _app: Router = Router::new()
        .route("/1", get(reports::public))
        .route("/2", get(reports::of_the_crate))
        .route("/3", get(private::seen_above))
        .route("/4", get(r#type))
        .route("/5", get(pattern))
        .route("/6", get(changed))
        .route("/7", get(ignored))
        .route("/8", get(perhaps))
        .route("/9", get(allowed))
        .route("/10", get(checked_below_without_arguments))
        .route("/11", get(stacked))
        .route("/12", get(much))
        .route("/13", get(made_by_a_macro))
        .route("/14", get(local));
    let _app: Router<String> = Router::new().route("/", get(generic::<String>));
    let _app: Router<App> = Router::new().route("/1", get(checked_above)).route("/2", get(checked_below));
    drop(changed(Scoped::unchecked(Json(Vec::new()))));
    drop(of_any_type(Scoped::unchecked(State(()))));
    drop(stacked(Scoped::unchecked(())));
}
