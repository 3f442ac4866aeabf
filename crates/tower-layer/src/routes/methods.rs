//! Handlers of one route, by method, each with a demand.

use std::convert::Infallible;
use std::fmt;

use axum::handler::Handler;
use axum::routing::MethodFilter;
use axum::routing::MethodRouter;
use axum::routing::on as route_on;

use crate::authorize::Demand;
use crate::routes::Access;
use crate::routes::Demanding;

/// Handlers of one route, by method, each with a demand: begun by [`get`] and its like, as axum's own `MethodRouter` is.
#[must_use]
pub struct GuardedMethods<S = ()> {
    router: MethodRouter<S, Infallible>,
    listed: Vec<(&'static str, Access)>,
}

macro_rules! methods {
    ($($name:ident $method:literal $filter:ident),* $(,)?) => {
        $(
            #[doc = concat!("Begins a route with a handler of ", $method, " that demands something.")]
            pub fn $name<H, T, S>(handler: H) -> GuardedMethods<S>
            where
                H: Handler<T, S>,
                T: Demanding + 'static,
                S: Clone + Send + Sync + 'static,
            {
                GuardedMethods::begun().on($method, MethodFilter::$filter, handler)
            }
        )*

        impl<S: Clone + Send + Sync + 'static> GuardedMethods<S> {
            $(
                #[doc = concat!("Adds a handler of ", $method, " that demands something.")]
                pub fn $name<H: Handler<T, S>, T: Demanding + 'static>(self, handler: H) -> Self {
                    self.on($method, MethodFilter::$filter, handler)
                }
            )*
        }
    };
}

methods! {
    delete "DELETE" DELETE,
    get "GET" GET,
    head "HEAD" HEAD,
    options "OPTIONS" OPTIONS,
    patch "PATCH" PATCH,
    post "POST" POST,
    put "PUT" PUT,
}

impl<S: Clone + Send + Sync + 'static> GuardedMethods<S> {
    fn begun() -> Self {
        Self { router: MethodRouter::new(), listed: Vec::new() }
    }

    fn on<H: Handler<T, S>, T: Demanding + 'static>(
        mut self,
        method: &'static str,
        filter: MethodFilter,
        handler: H,
    ) -> Self {
        let (policy, enforcement) = (T::Demand::policy().clone(), T::Demand::enforcement());
        self.listed.push((method, Access::Guarded { policy, enforcement }));
        Self { router: self.router.merge(route_on(filter, handler)), listed: self.listed }
    }

    pub(super) fn into_parts(self) -> (MethodRouter<S, Infallible>, Vec<(&'static str, Access)>) {
        (self.router, self.listed)
    }
}

impl<S> fmt::Debug for GuardedMethods<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedMethods").field("listed", &self.listed).finish_non_exhaustive()
    }
}
