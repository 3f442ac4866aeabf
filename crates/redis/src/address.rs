//! What a URL must be; nothing of it is repeated, because it may hold a password.

use redis::Client;
use redis::ConnectionInfo;
use redis::IntoConnectionInfo;
use redis::io::tcp::TcpSettings;
use thiserror::Error;

/// No URL of a Redis; it tells why, and nothing of the URL.
///
/// ```
/// use claviger_redis::Redis;
///
/// let error = Redis::open("http://:a-password@redis.example.com").unwrap_err();
/// assert_eq!(error.to_string(), "must be a URL such as \"redis://host:6379/0\" or \"rediss://host:6379/0\"");
/// ```
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("{0}")]
pub struct InvalidUrl(&'static str);

/// # Errors
///
/// [`InvalidUrl`].
pub(crate) fn read(url: &str) -> Result<Client, InvalidUrl> {
    let parsed = redis::parse_redis_url(url).ok_or(InvalidUrl(FORM))?;
    if parsed.fragment().is_some() {
        return Err(InvalidUrl(FRAGMENT));
    }
    if !HAS_TLS && ["rediss", "valkeys"].contains(&parsed.scheme()) {
        return Err(InvalidUrl(NO_TLS));
    }
    let info = parsed.into_connection_info().map_err(|_| InvalidUrl(PARTS))?;
    Client::open(patient(info)).map_err(|_| InvalidUrl(PARTS))
}

/// A connection whose other end has vanished without a word is given up by the kernel after two seconds, where it would
/// take a quarter of an hour.
fn patient(info: ConnectionInfo) -> ConnectionInfo {
    let settings = TcpSettings::default().set_nodelay(true);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(std::time::Duration::from_secs(2));
    info.set_tcp_settings(settings)
}

const HAS_TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));
const FORM: &str = "must be a URL such as \"redis://host:6379/0\" or \"rediss://host:6379/0\"";
const PARTS: &str = "must have a host, a number as database, and user and password in UTF-8";
const FRAGMENT: &str = "must have no fragment: certificates are always verified";
const NO_TLS: &str = "needs TLS: the feature \"rustls\" or \"native-tls\"";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_url_of_a_redis_is_told_without_repeating_it() {
        for (url, expected) in [
            ("", FORM),
            ("marker", FORM),
            ("127.0.0.1:6379", FORM),
            ("http://:marker@127.0.0.1", FORM),
            ("redis://:marker@127.0.0.1:port", FORM),
            ("redis://:marker@127.0.0.1/marker", PARTS),
            ("redis://:marker@0.0.0.0", PARTS),
            ("redis://marker:%ff@127.0.0.1", PARTS),
            ("redis:///0", PARTS),
            ("rediss://:marker@127.0.0.1#insecure", FRAGMENT),
            ("redis://:marker@127.0.0.1/?protocol=marker", PARTS),
        ] {
            let error = read(url).unwrap_err();
            assert_eq!(error.to_string(), expected, "{url}");
            assert!(!format!("{error:?} {error}").contains("marker"));
        }
    }

    #[test]
    fn each_scheme_that_fits_is_taken() {
        for url in
            ["redis://127.0.0.1", "redis://[::1]:7000/3", "unix:///run/redis.sock", "valkey://host?protocol=resp3"]
        {
            assert!(read(url).is_ok(), "{url}");
        }
        for url in ["rediss://user:password@redis.example:6380", "valkeys://redis.example"] {
            assert_eq!(read(url).err(), (!HAS_TLS).then_some(InvalidUrl(NO_TLS)), "{url}");
        }
    }
}
