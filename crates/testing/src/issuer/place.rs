//! Where an issuer is, and where its documents are.

use std::net::SocketAddr;

/// The issuer's identifier and, if it is served, its address.
#[derive(Debug)]
pub(super) struct Place {
    issuer: String,
    address: Option<SocketAddr>,
}

/// One of the three documents an issuer publishes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Document {
    /// OpenID Connect Discovery 1.0, section 4.
    OpenidConfiguration,
    /// RFC 8414, section 3.
    ServerMetadata,
    /// RFC 7517, section 5.
    Jwks,
}

impl Place {
    pub(super) fn new(issuer: String, address: Option<SocketAddr>) -> Self {
        Self { issuer, address }
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// The scheme, host and port that answer; those of the issuer if nothing is served.
    pub(super) fn base_url(&self) -> String {
        match self.address {
            Some(address) => format!("http://{address}"),
            None => self.origin().to_owned(),
        }
    }

    /// The address at which a document can be fetched.
    pub(super) fn url(&self, document: Document) -> String {
        self.base_url() + &self.path_of(document)
    }

    /// The address at which the issuer says that a document is.
    pub(super) fn stated_url(&self, document: Document) -> String {
        self.origin().to_owned() + &self.path_of(document)
    }

    pub(super) fn document_at(&self, path: &str) -> Option<Document> {
        [Document::OpenidConfiguration, Document::ServerMetadata, Document::Jwks]
            .into_iter()
            .find(|document| self.path_of(*document) == path)
    }

    /// Where tokens are exchanged, on the server.
    pub(super) fn token_path(&self) -> String {
        format!("{}/token", self.path())
    }

    /// The address at which the issuer says that tokens are exchanged.
    pub(super) fn stated_token_endpoint(&self) -> String {
        self.origin().to_owned() + &self.token_path()
    }

    fn path_of(&self, document: Document) -> String {
        let path = self.path();
        match document {
            Document::OpenidConfiguration => format!("{path}/.well-known/openid-configuration"),
            Document::ServerMetadata => format!("/.well-known/oauth-authorization-server{path}"),
            Document::Jwks => format!("{path}/jwks"),
        }
    }

    fn origin(&self) -> &str {
        self.issuer.split_at(self.path_start()).0
    }

    /// The issuer's path; both specifications drop its last slash.
    fn path(&self) -> &str {
        let path = self.issuer.split_at(self.path_start()).1;
        path.strip_suffix('/').unwrap_or(path)
    }

    fn path_start(&self) -> usize {
        let authority = self.issuer.find("://").map_or(0, |scheme_end| scheme_end + 3);
        self.issuer[authority..].find('/').map_or(self.issuer.len(), |length| authority + length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_well_known_part_is_appended_or_inserted() {
        let place = Place::new("https://issuer.example.com:8443/tenant1/".to_owned(), None);

        assert_eq!(
            place.url(Document::OpenidConfiguration),
            "https://issuer.example.com:8443/tenant1/.well-known/openid-configuration"
        );
        assert_eq!(
            place.url(Document::ServerMetadata),
            "https://issuer.example.com:8443/.well-known/oauth-authorization-server/tenant1"
        );
        assert_eq!(place.url(Document::Jwks), "https://issuer.example.com:8443/tenant1/jwks");
    }

    #[test]
    fn an_issuer_without_a_path_has_its_documents_at_the_root() {
        for issuer in ["https://issuer.example.com", "https://issuer.example.com/"] {
            let place = Place::new(issuer.to_owned(), None);
            assert_eq!(place.url(Document::Jwks), "https://issuer.example.com/jwks", "{issuer}");
        }
    }

    #[test]
    fn an_address_answers_for_a_name_elsewhere() {
        let address = SocketAddr::from(([127, 0, 0, 1], 1234));
        let place = Place::new("https://issuer.example.com/a".to_owned(), Some(address));

        assert_eq!(place.url(Document::Jwks), "http://127.0.0.1:1234/a/jwks");
        assert_eq!(place.stated_url(Document::Jwks), "https://issuer.example.com/a/jwks");
    }

    #[test]
    fn an_issuer_that_is_no_url_does_not_stop_the_test() {
        let place = Place::new("accounts.example.com".to_owned(), None);
        assert_eq!(place.url(Document::Jwks), "accounts.example.com/jwks");
    }
}
