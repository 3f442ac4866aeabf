//! The document as a route of its own, for routers that the layer does not cover as a whole.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::any;
use http::Response;

use crate::authenticate::AuthLayer;
use crate::config::AuthConfig;
use crate::drain::close_connection;
use crate::metadata::Publication;
use crate::metadata::not_found;

impl AuthLayer {
    /// A router that answers at the path of the [metadata](crate::metadata) and nowhere else, for every layout in which the
    /// layer does not see requests for unknown paths: merge it into the outermost router. Without a resource it has no
    /// route.
    ///
    /// ```
    /// use axum::Router;
    /// use axum::routing::post;
    /// use claviger::AuthConfig;
    /// use claviger::AuthLayer;
    /// use claviger::Issuer;
    ///
    /// let cfg = AuthConfig::builder(Issuer::new("https://tenant.example.com/", "https://api.example.com/mcp"))
    ///     .with_resource("https://api.example.com/mcp")
    ///     .build()?;
    /// let auth = AuthLayer::new(cfg);
    /// let app: Router = Router::new()
    ///     .route("/mcp", post(async || "in"))
    ///     .route_layer(auth.clone())
    ///     .merge(auth.metadata_router());
    /// # let _ = app;
    /// # Ok::<(), claviger::error::ConfigError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Merging it panics, as axum's `Router::merge` does, if the router has a route at that path already.
    pub fn metadata_router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let Some(publication) = self.publication().cloned() else {
            return Router::new();
        };
        let path = publication.metadata().path().to_owned();
        let config = self.config().clone();
        let answer = async move |request: Request| answer(&publication, &config, request);
        // A segment may begin with a colon or an asterisk, which had a meaning in axum 0.7.
        Router::new().without_v07_checks().route(&path, any(answer))
    }
}

/// Nested below another path, it is not what the challenges name.
fn answer(publication: &Publication, config: &AuthConfig, request: Request) -> Response<Body> {
    let mut answer = publication.answer(&request).unwrap_or_else(not_found);
    if config.settings().drainer.refuse(request) {
        close_connection(answer.headers_mut());
    }
    answer.map(Body::from)
}
