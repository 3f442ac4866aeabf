//! Documents without a network: a configuration whose issuer is a test issuer.

use std::sync::Arc;

use bytes::Bytes;
use claviger_core::Fetch;
use claviger_core::FetchError;
use claviger_core::FetchFuture;
use claviger_core::Issuer;
use claviger_core::MapIssuers;
use http::Request;
use http::Response;
use http::StatusCode;
use serde_json::Value;

use super::TestIssuer;
use super::answer::document_for;
use super::place::Document;
use super::state::Shared;

/// # In the place of a configured issuer
impl TestIssuer {
    /// Makes this issuer answer for the issuer of the same name in a configuration: one that was made in code, read from
    /// the file of production, or made by the preset of a provider.
    ///
    /// What would be fetched for that issuer is answered by this one, within the process and without a network; `iss`
    /// and all rules for its tokens stay those of the configuration. Keys that the configuration takes from a file or a
    /// text are fetched from here too; certificates, credentials and addresses for fetches are dropped. Fetches are
    /// counted, [faults](crate::Fault) apply, and keys rotate as they do over a network.
    ///
    /// With several issuers in the configuration, call it once for each. A template is answered for by the name of one
    /// of its tenants. Its [keys](crate::TestIssuerBuilder::with_key) must be of an algorithm that the configuration
    /// takes: many presets take RS256 alone.
    ///
    /// ```
    /// use claviger::AuthConfigBuilder;
    /// use claviger_testing::TestIssuer;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let of_production = r#"
    ///     [[issuers]]
    ///     issuer = "https://tenant.example.com/"
    ///     audience = "https://api.example.com"
    ///     profile = "jwt"
    ///     jwks_file = "/etc/api/keys.json"
    /// "#;
    /// let issuer = TestIssuer::in_memory("https://tenant.example.com/");
    /// let cfg = issuer.serve_for(AuthConfigBuilder::read_toml(of_production)).build()?;
    ///
    /// let token = issuer.token().header("typ", "JWT").claim("sub", "alice").scope("read:reports").sign();
    /// let verified = cfg.verifier().verify(&token).await?;
    /// assert_eq!(verified.issuer(), "https://tenant.example.com/");
    /// assert_eq!(issuer.fetches().jwks(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If the configuration has no issuer of this [name](Self::url), so that the test would ask the real one.
    #[must_use]
    pub fn serve_for<B: MapIssuers>(&self, builder: B) -> B {
        let (mut served, mut others) = (0, Vec::new());
        let builder = builder.map_issuers(|issuer| {
            if issuer.is_named(self.url()) {
                served += 1;
                let documents = InProcess::of(self, &issuer);
                return issuer.with_documents_from(documents);
            }
            others.push(issuer.identifier().to_owned());
            issuer
        });
        let name = self.url();
        assert!(
            served > 0,
            "the configuration has no issuer {name:?}; it has {others:?}: build it to see what is wrong"
        );
        builder
    }
}

/// The documents of one configured issuer.
#[derive(Debug)]
struct InProcess {
    shared: Arc<Shared>,
    /// As it is configured, which its metadata must state.
    identifier: String,
    discovery_url: Option<String>,
}

impl InProcess {
    fn of(issuer: &TestIssuer, configured: &Issuer) -> Self {
        Self {
            shared: Arc::clone(issuer.shared()),
            identifier: configured.identifier().to_owned(),
            discovery_url: configured.discovery_url().map(str::to_owned),
        }
    }

    /// By its address: metadata where the standards or the configuration put it, and otherwise keys.
    fn document_at(&self, url: &str) -> Document {
        let is_at = |well_known: &str| url.contains(&format!("/.well-known/{well_known}"));
        if is_at("oauth-authorization-server") {
            return Document::ServerMetadata;
        }
        let is_configured = self.discovery_url.is_some() && self.stated_jwks_uri().as_deref() != Some(url);
        if is_at("openid-configuration") || is_configured { Document::OpenidConfiguration } else { Document::Jwks }
    }

    fn stated_jwks_uri(&self) -> Option<String> {
        let state = self.shared.state();
        let document = state.publication.discovery(&self.shared.place, &state.keys);
        serde_json::from_str::<Value>(&document).ok()?["jwks_uri"].as_str().map(str::to_owned)
    }

    /// Metadata that state the name of the test issuer state that of the configuration, which may be a template. What a
    /// test has set stays.
    fn renamed(&self, answer: Response<Bytes>) -> Response<Bytes> {
        let Ok(mut document) = serde_json::from_slice::<Value>(answer.body()) else { return answer };
        if document["issuer"] != self.shared.place.issuer() {
            return answer;
        }
        document["issuer"] = Value::from(self.identifier.as_str());
        answer.map(|_| Bytes::from(document.to_string()))
    }
}

impl Fetch for InProcess {
    fn fetch(&self, request: Request<()>) -> FetchFuture<'_> {
        Box::pin(async move {
            let document = self.document_at(&request.uri().to_string());
            let answer = document_for(&self.shared, document, request.headers()).await;
            let answer = answer.map_err(|wire| FetchError::Transport(wire.to_string()))?;
            let is_metadata = document != Document::Jwks && answer.status() == StatusCode::OK;
            Ok(if is_metadata { self.renamed(answer) } else { answer })
        })
    }

    /// It connects to nobody.
    fn keeps_to_public_addresses(&self) -> bool {
        true
    }
}
