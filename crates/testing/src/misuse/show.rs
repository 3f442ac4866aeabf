//! Showing misused tokens to a service.

use std::fmt::Debug;
use std::future::poll_fn;

use http::Request;
use http::Response;
use http::StatusCode;
use tower_service::Service;

use super::MisusedTokens;

impl MisusedTokens {
    /// Shows every token to `service`, an axum router for example, and expects 401 for each. `request` puts the token
    /// where this API looks for it.
    ///
    /// The accepted token is shown first: where that is refused, refusals prove nothing.
    ///
    /// # Panics
    ///
    /// If the accepted token is refused, or another one is answered anything but 401; all of those are named at once.
    /// 429 and 503 are no refusals: the token could not be judged.
    pub async fn assert_refused_by<S, B, R>(&self, service: &S, request: impl Fn(&str) -> Request<B>)
    where
        S: Service<Request<B>, Response = Response<R>> + Clone,
        S::Error: Debug,
    {
        let status = status(service, request(self.accepted())).await;
        assert!(
            !is_refusal(status),
            "the token that should be accepted is answered {status}, so nothing can be said of the others"
        );
        let mut passed = Vec::new();
        for token in self.iter() {
            let status = self::status(service, request(token.token())).await;
            if status != StatusCode::UNAUTHORIZED {
                passed.push(format!("\n  {}: {}: answered {status}", token.misuse(), token.what()));
            }
        }
        let all = self.iter().count();
        assert!(passed.is_empty(), "{} of {all} misused tokens are not refused:{}", passed.len(), passed.concat());
    }
}

async fn status<S, B, R>(service: &S, request: Request<B>) -> StatusCode
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    S::Error: Debug,
{
    let mut service = service.clone();
    if let Err(error) = poll_fn(|context| service.poll_ready(context)).await {
        panic!("the service is not ready: {error:?}");
    }
    match service.call(request).await {
        Ok(response) => response.status(),
        Err(error) => panic!("the service did not answer: {error:?}"),
    }
}

/// What a layer answers that accepts no token, or cannot.
fn is_refusal(status: StatusCode) -> bool {
    let of_clients =
        [StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS];
    of_clients.contains(&status) || status.is_server_error()
}
