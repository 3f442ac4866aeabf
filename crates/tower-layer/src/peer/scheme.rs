//! The scheme that a client has used.

/// The scheme that a client has used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    /// WebSockets are opened by HTTP, and some proxies name them by their own schemes. `None` for any other scheme.
    pub(super) fn read(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "http" | "ws" => Some(Self::Http),
            "https" | "wss" => Some(Self::Https),
            _ => None,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    pub(super) const WRONG: &'static str = "has no scheme of HTTP";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_that_of_http() {
        for (name, scheme) in [("http", "http"), ("HTTPS", "https"), ("ws", "http"), ("wss", "https")] {
            assert_eq!(Scheme::read(name).map(Scheme::as_str), Some(scheme));
        }
        for name in ["", "ftp", "https ", "http:"] {
            assert_eq!(Scheme::read(name), None, "{name}");
        }
    }
}
