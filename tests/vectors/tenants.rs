//! One key set for all tenants, as Entra ID publishes it.

use claviger_core::Issuer;
use claviger_core::Profile;
use claviger_core::Verifier;
use http::HeaderMap;

use crate::publication::Publication;
use crate::source::Vectors;
use crate::source::list;
use crate::source::text;

#[tokio::test]
async fn the_documents_of_a_template_are_those_of_each_of_its_tenants() {
    let Some(vectors) = Vectors::open() else { return };
    for name in ["entra-common", "entra-organizations", "dockyard-azure"] {
        let metadata = vectors.json(&format!("discovery/{name}.json"));
        let jwks = vectors.json(&format!("jwks/{name}.json"));
        let (publication, url) = (Publication::default(), "https://login.microsoftonline.com/metadata");
        publication.put(url, metadata.to_string(), HeaderMap::new());
        publication.put(text(&metadata["jwks_uri"]), jwks.to_string(), HeaderMap::new());
        let issuer = Issuer::new("https://login.microsoftonline.com/{tenant}/v2.0", "api")
            .with_tenant_claim("tid")
            .with_discovery_url(url)
            .with_profile(Profile::Jwt);
        let verifier = Verifier::builder(issuer).with_fetch(publication).build().unwrap();
        verifier.ready().await.unwrap();
        assert_eq!(verifier.status()[0].key_ids.len(), list(&jwks["keys"]).len(), "{name}: no key is dropped");
    }
}
