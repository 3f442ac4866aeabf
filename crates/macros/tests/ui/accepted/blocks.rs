//! Handlers among the functions of a type, without a warning.

#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub, unnameable_types, unused_qualifications)]

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use claviger::Claims;
use claviger::VerifiedToken;
use claviger::extract::Scoped;
use claviger::guarded;
use claviger::require_scope;

/// Public, with public handlers.
#[derive(Debug)]
pub struct Reports {
    title: &'static str,
}

/// Documented.
#[guarded]
impl Reports {
    /// Not guarded.
    pub fn new() -> Self {
        Self { title: Self::TITLE }
    }

    const TITLE: &'static str = "the reports";

    /// Documented.
    #[require_scope("read:reports")]
    pub async fn list() -> &'static str {
        Self::new().title
    }

    #[require_scope("write:reports", predicate(Self::is_editor))]
    #[claviger::require_scope("read:reports")]
    async fn create(State(()): State<()>, _: Claims<String>) -> String {
        Self::TITLE.to_owned()
    }

    fn is_editor(token: &VerifiedToken) -> bool {
        token.subject().is_some()
    }
}

struct Of<T>(T);

#[claviger::guarded]
impl<T: Clone + Default + Send + Sync + 'static> Of<T> {
    #[require_scope("a")]
    async fn state(State(Self(_)): State<Self>) {}

    #[cfg(any())]
    #[require_scope("a")]
    async fn absent(_: NoSuchType) {}
}

impl<T: Clone> Clone for Of<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// The program.
fn main() {
    let _: Router = Router::new()
        .route("/1", get(Reports::list))
        .route("/2", get(Reports::create));
    let _: Router<Of<u8>> = Router::new().route("/", get(Of::<u8>::state));
    drop(Reports::list(Scoped::unchecked(())));
}
