//! Documents at addresses, from memory.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;

use bytes::Bytes;
use claviger::Fetch;
use claviger::FetchFuture;
use http::Request;
use http::Response;
use http::StatusCode;

/// Documents at addresses, from memory; and which of them were asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Documents {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    by_url: BTreeMap<String, String>,
    asked: Vec<String>,
}

impl Documents {
    pub(crate) fn serve(&self, url: impl Into<String>, document: impl Into<String>) {
        self.state.lock().unwrap().by_url.insert(url.into(), document.into());
    }

    /// The metadata of `issuer`, where OpenID Connect puts them.
    pub(crate) fn serve_metadata(&self, issuer: &str, states: &str, jwks_uri: &str) {
        let metadata = serde_json::json!({ "issuer": states, "jwks_uri": jwks_uri });
        let issuer = issuer.strip_suffix('/').unwrap_or(issuer);
        self.serve(format!("{issuer}/.well-known/openid-configuration"), metadata.to_string());
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }
}

impl Fetch for Documents {
    fn fetch(&self, request: Request<()>) -> FetchFuture<'_> {
        let url = request.uri().to_string();
        let mut state = self.state.lock().unwrap();
        let mut answer = Response::new(Bytes::new());
        match state.by_url.get(&url) {
            Some(document) => *answer.body_mut() = Bytes::from(document.clone()),
            None => *answer.status_mut() = StatusCode::NOT_FOUND,
        }
        state.asked.push(url);
        Box::pin(async move { Ok(answer) })
    }

    fn keeps_to_public_addresses(&self) -> bool {
        true
    }
}
