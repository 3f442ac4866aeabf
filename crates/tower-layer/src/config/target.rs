//! The URI of a request as its client knows it: the one place that tells our own address.

use std::borrow::Cow;

use claviger_core::TargetUri;
use claviger_core::address::is_loopback;
use http::HeaderMap;
use http::HeaderValue;
use http::Request;
use http::Version;
use http::header::HOST;
use http::uri::Authority;
use url::Url;

use crate::client_uri::uri_of_client;
use crate::config::address::Address;
use crate::host::host;
use crate::peer::InvalidForwarded;
use crate::peer::Scheme;
use crate::peer::Told;
use crate::peer::TrustedProxies;

/// What should tell the host is no `host[:port]` (RFC 9110, section 7.2), or stands there twice.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct InvalidHost;

impl From<InvalidForwarded> for InvalidHost {
    fn from(_: InvalidForwarded) -> Self {
        Self
    }
}

impl Address {
    /// Whether the operator has said what it is.
    pub(super) fn is_known(&self) -> bool {
        self.public_url.is_some() || !self.hosts.is_empty()
    }

    /// The URI that a client has asked for, as far as configuration vouches for it: `None` for a host that is not ours.
    /// Where nothing is configured, loopback hosts are, without TLS. Where the address is not configured as a whole,
    /// trusted proxies tell what the client has asked them for; it must be ours all the same.
    ///
    /// # Errors
    ///
    /// [`InvalidHost`], wherever the address is from: whoever is in front may have understood such a request otherwise.
    pub(crate) fn target<'a, B>(
        &'a self,
        request: &'a Request<B>,
        proxies: &TrustedProxies,
    ) -> Result<Option<TargetUri<'a>>, InvalidHost> {
        let asked = authority(request)?;
        let base = match &self.public_url {
            Some(url) => Some(Cow::Borrowed(url.as_str())),
            None => {
                let Told { host, scheme } = Told::of(request, proxies)?;
                sound(host.as_deref())?.or(asked).and_then(|asked| self.of_host(&asked, scheme))
            }
        };
        Ok(base.map(|base| TargetUri::new(base, uri_of_client(request).path())))
    }

    /// The scheme of `hosts` is `https`, whatever is told.
    fn of_host<'a>(&'a self, asked: &Sound<'_>, scheme: Option<Scheme>) -> Option<Cow<'a, str>> {
        let Sound { written, host } = asked;
        if self.hosts.is_empty() {
            let scheme = scheme.unwrap_or(Scheme::Http).as_str();
            return is_loopback(host).then(|| Cow::Owned(format!("{scheme}://{written}")));
        }
        self.hosts.iter().find(|own| *own == host).map(|own| Cow::Borrowed(own.as_str()))
    }
}

/// What HTTP/2 and absolute URIs have in the URI wins over `Host` (RFC 9112, section 3.2.2; RFC 9113, section 8.3.1).
fn authority<B>(request: &Request<B>) -> Result<Option<Sound<'_>>, InvalidHost> {
    let field = host_field(request.headers())?;
    let in_uri = uri_of_client(request).authority().or_else(|| request.uri().authority()).map(Authority::as_str);
    match (sound(in_uri)?, field) {
        // HTTP/1.1 has the field ignored then. Since HTTP/2 the request is malformed, and others may go by the field.
        (Some(asked), Some(told)) if request.version() >= Version::HTTP_2 && asked.host != told.host => {
            Err(InvalidHost)
        }
        (in_uri, field) => Ok(in_uri.or(field)),
    }
}

/// Whatever the URI says, there is one at the most, and it is sound (RFC 9112, section 3.2).
fn host_field(headers: &HeaderMap) -> Result<Option<Sound<'_>>, InvalidHost> {
    let mut fields = headers.get_all(HOST).iter().map(HeaderValue::to_str);
    match (fields.next(), fields.next()) {
        (field, None) => sound(field.transpose().map_err(|_| InvalidHost)?),
        (_, Some(_)) => Err(InvalidHost),
    }
}

/// A `host[:port]`, as it is written and as it is compared.
struct Sound<'a> {
    written: &'a str,
    host: Url,
}

fn sound(authority: Option<&str>) -> Result<Option<Sound<'_>>, InvalidHost> {
    let read = |written| host(written).map(|host| Sound { written, host }).ok_or(InvalidHost);
    authority.map(read).transpose()
}
