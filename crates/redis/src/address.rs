//! What a URL must be; nothing of it is repeated, because it may hold a password.

use std::collections::HashSet;

use redis::Client;
use redis::ConnectionInfo;
use redis::IntoConnectionInfo;
use redis::io::tcp::TcpSettings;
use thiserror::Error;
use url::Url;

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
    check_parameters(&parsed)?;
    let info = parsed.into_connection_info().map_err(|_| InvalidUrl(PARTS))?;
    if info.redis_settings().db() < 0 {
        return Err(InvalidUrl(PARTS));
    }
    Client::open(patient(info)).map_err(|_| InvalidUrl(PARTS))
}

/// The client library passes over those that it does not know: with `?db=7`, it would be database 0.
fn check_parameters(url: &Url) -> Result<(), InvalidUrl> {
    let (known, wrong): (&[&str], _) = match url.scheme() {
        "unix" | "redis+unix" | "valkey+unix" => (&["db", "user", "pass", "protocol"], SOCKET_PARAMETERS),
        _ => (&["protocol"], PARAMETERS),
    };
    let mut seen = HashSet::new();
    let are_right = url.query_pairs().all(|(name, _)| known.contains(&&*name) && seen.insert(name));
    if are_right { Ok(()) } else { Err(InvalidUrl(wrong)) }
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
const PARTS: &str = "must have a host, a database number from 0 on, and user and password in UTF-8";
const PARAMETERS: &str =
    "must have no parameter but \"protocol\", once; the database is the path: \"redis://host:6379/7\"";
const SOCKET_PARAMETERS: &str = "must have no parameters but \"db\", \"user\", \"pass\" and \"protocol\", each once";
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
            ("redis://:marker@127.0.0.1/-1", PARTS),
            ("redis://:marker@127.0.0.1/0/7", PARTS),
            ("redis://:marker@127.0.0.1/99999999999999999999", PARTS),
            ("unix:///run/marker.sock?db=-1", PARTS),
            ("redis://:marker@127.0.0.1?db=7", PARAMETERS),
            ("redis://127.0.0.1/7?password=marker", PARAMETERS),
            ("redis://127.0.0.1?protocol=resp3&protocol=marker", PARAMETERS),
            ("unix:///run/redis.sock?db=7&password=marker", SOCKET_PARAMETERS),
            ("unix:///run/redis.sock?pass=marker&pass=other", SOCKET_PARAMETERS),
        ] {
            let error = read(url).unwrap_err();
            assert_eq!(error.to_string(), expected, "{url}");
            assert!(!format!("{error:?} {error}").contains("marker"));
        }
    }

    #[test]
    fn each_scheme_that_fits_is_taken() {
        for url in [
            "redis://127.0.0.1",
            "redis://[::1]:7000/3",
            "unix:///run/redis.sock",
            "valkey://host/7/?protocol=resp3",
            "unix:///run/redis.sock?db=7&user=a&pass=b",
        ] {
            assert!(read(url).is_ok(), "{url}");
        }
        for url in ["rediss://user:password@redis.example:6380", "valkeys://redis.example"] {
            assert_eq!(read(url).err(), (!HAS_TLS).then_some(InvalidUrl(NO_TLS)), "{url}");
        }
    }
}
