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
use crate::field_fault::FieldFault;
use crate::host::host;
use crate::peer::Scheme;
use crate::peer::TrustedProxies;
use crate::peer::forwarded;

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
    /// [`FieldFault`], wherever the address is from: whoever is in front may have understood such a request otherwise.
    pub(crate) fn target<'a, B>(
        &'a self,
        request: &'a Request<B>,
        proxies: &TrustedProxies,
    ) -> Result<Option<TargetUri<'a>>, FieldFault> {
        let asked = authority(request)?;
        let base = match &self.public_url {
            Some(url) => Some(Cow::Borrowed(url.as_str())),
            None => self.base(asked, request, proxies)?,
        };
        Ok(base.map(|base| TargetUri::new(base, uri_of_client(request).path())))
    }

    /// The origin that the client has asked, if it is ours. The scheme of `hosts` is `https`, so nobody is asked for it
    /// there: an edge that speaks TLS and a sidecar that does not would only contradict each other.
    fn base<'a, B>(
        &'a self,
        asked: Option<Sound<'_>>,
        request: &Request<B>,
        proxies: &TrustedProxies,
    ) -> Result<Option<Cow<'a, str>>, FieldFault> {
        let told = forwarded::host(request, proxies)?;
        let Some(Sound { written, host }) = sound(told.as_deref(), "X-Forwarded-Host")?.or(asked) else {
            return Ok(None);
        };
        if !self.hosts.is_empty() {
            return Ok(self.hosts.iter().find(|own| **own == host).map(|own| Cow::Borrowed(own.as_str())));
        }
        if !is_loopback(&host) {
            return Ok(None);
        }
        let scheme = forwarded::scheme(request, proxies)?.map_or("http", Scheme::as_str);
        Ok(Some(Cow::Owned(format!("{scheme}://{written}"))))
    }
}

/// What HTTP/2 and absolute URIs have in the URI wins over `Host` (RFC 9112, section 3.2.2; RFC 9113, section 8.3.1).
fn authority<B>(request: &Request<B>) -> Result<Option<Sound<'_>>, FieldFault> {
    let field = host_field(request.headers())?;
    let in_uri = uri_of_client(request).authority().or_else(|| request.uri().authority()).map(Authority::as_str);
    match (sound(in_uri, ":authority")?, field) {
        // HTTP/1.1 has the field ignored then. Since HTTP/2 the request is malformed, and others may go by the field.
        (Some(asked), Some(told)) if request.version() >= Version::HTTP_2 && asked.host != told.host => {
            Err(FieldFault::new("Host", "is not the `:authority` of the request (RFC 9113, section 8.3.1)"))
        }
        (in_uri, field) => Ok(in_uri.or(field)),
    }
}

/// Whatever the URI says, there is one at the most, and it is sound (RFC 9112, section 3.2).
fn host_field(headers: &HeaderMap) -> Result<Option<Sound<'_>>, FieldFault> {
    let mut fields = headers.get_all(HOST).iter().map(HeaderValue::to_str);
    match (fields.next(), fields.next()) {
        (field, None) => sound(field.transpose().map_err(|_| FieldFault::new("Host", "is not ASCII"))?, "Host"),
        (_, Some(_)) => Err(FieldFault::new("Host", "stands there twice")),
    }
}

/// A `host[:port]`, as it is written and as it is compared.
struct Sound<'a> {
    written: &'a str,
    host: Url,
}

fn sound<'a>(authority: Option<&'a str>, field: &'static str) -> Result<Option<Sound<'a>>, FieldFault> {
    let wrong = FieldFault::new(field, "is not `host` or `host:port` (RFC 9110, section 7.2)");
    let read = |written| host(written).map(|host| Sound { written, host }).ok_or(wrong);
    authority.map(read).transpose()
}
