//! The routes, as they are added.

use std::fmt;

use axum::Router;
use axum::routing::MethodRouter;
use claviger_core::ScopePolicy;
use claviger_core::Scopes;

use crate::authenticate::AuthLayer;
use crate::authorize::Enforcement;
use crate::authorize::RequireScopeLayer;
use crate::routes::Access;
use crate::routes::GuardedMethods;
use crate::routes::RouteReport;

/// A router that knows what its routes demand. See the [module docs](crate::routes).
#[must_use]
pub struct Routes<S = ()> {
    guarded: Router<S>,
    open: Router<S>,
    report: RouteReport,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No routes yet.
    pub fn new() -> Self {
        Self { guarded: Router::new(), open: Router::new(), report: RouteReport::default() }
    }

    /// A route whose handlers each demand something.
    ///
    /// # Panics
    ///
    /// As axum's `Router::route`: at a path that cannot be, or a method that is there already.
    pub fn route(mut self, path: &str, methods: GuardedMethods<S>) -> Self {
        let (router, listed) = methods.into_parts();
        for (method, access) in listed {
            self.report.add(method, path, access);
        }
        Self { guarded: self.guarded.route(path, router), ..self }
    }

    /// A route of axum's own, behind a policy that is the same for each of its methods and for its fallback: for handlers
    /// and services that cannot say themselves what they demand, and for policies that are not known before the program
    /// runs.
    ///
    /// # Panics
    ///
    /// As axum's `Router::route`.
    pub fn guarded(mut self, path: &str, policy: ScopePolicy, methods: MethodRouter<S>) -> Self {
        let access = Access::Guarded { policy: policy.clone(), enforcement: Enforcement::Enforced };
        self.report.add("*", path, access);
        // `route_layer` would leave out the fallback, which is what `any` and `any_service` are made of.
        let methods = methods.layer(RequireScopeLayer::new(policy));
        Self { guarded: self.guarded.route(path, methods), ..self }
    }

    /// A route that anybody may call: the auth layer does not stand before it.
    ///
    /// # Panics
    ///
    /// As axum's `Router::route`.
    pub fn open(mut self, path: &str, methods: MethodRouter<S>) -> Self {
        self.report.add("*", path, Access::Open);
        Self { open: self.open.route(path, methods), ..self }
    }

    /// All routes of `inner`, under a path of their own.
    ///
    /// # Panics
    ///
    /// As axum's `Router::nest`.
    pub fn nest(mut self, path: &str, inner: Self) -> Self {
        self.report.append(inner.report.nested_at(path));
        Self { guarded: self.guarded.nest(path, inner.guarded), open: self.open.nest(path, inner.open), ..self }
    }

    /// All routes of `other` as well.
    ///
    /// # Panics
    ///
    /// As axum's `Router::merge`.
    pub fn merge(mut self, other: Self) -> Self {
        self.report.append(other.report);
        Self { guarded: self.guarded.merge(other.guarded), open: self.open.merge(other.open), ..self }
    }

    /// Gives the handlers their state.
    pub fn with_state<S2>(self, state: S) -> Routes<S2> {
        Routes {
            guarded: self.guarded.with_state(state.clone()),
            open: self.open.with_state(state),
            report: self.report,
        }
    }

    /// Which routes there are and what they demand.
    #[must_use]
    pub fn report(&self) -> &RouteReport {
        &self.report
    }

    /// The scopes that the guards name, each once.
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        let mut scopes = Scopes::default();
        for entry in self.report.iter() {
            if let Access::Guarded { policy, .. } = entry.access() {
                scopes.extend(policy.scopes());
            }
        }
        scopes
    }

    /// The finished router: the layer stands before every guarded route and before paths that are no routes, and the
    /// metadata name the scopes of the guards. Into a router with a layer of its own it is to be merged last: axum keeps
    /// the fallback of what is merged in, and that is where the metadata are answered.
    ///
    /// # Panics
    ///
    /// As axum's `Router::merge`: if an open route and a guarded one have the same path and method.
    pub fn into_router(self, auth: AuthLayer) -> Router<S> {
        let auth = auth.add_scopes_supported(&self.scopes());
        // In this order axum keeps the fallback of the guarded router.
        self.open.merge(self.guarded.layer(auth))
    }
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> fmt::Debug for Routes<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routes").field("report", &self.report).finish_non_exhaustive()
    }
}
