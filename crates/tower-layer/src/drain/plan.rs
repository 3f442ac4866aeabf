//! What is done with the rest of a body, by the fields of its request.

use http::HeaderMap;
use http::HeaderValue;
use http::header::CONTENT_LENGTH;
use http::header::EXPECT;

/// What is done with the rest of a body that nobody reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Plan {
    /// It is read and dropped.
    Drain,
    /// The client waits with it until it gets a 100 (RFC 9110, section 10.1.1), which a server sends when the body is
    /// first read. If none was sent, the connection is closed, since the client may send the body or not.
    CloseUnlessRead,
    /// It is longer than what is read, so the connection is closed.
    Close,
}

impl Plan {
    pub(super) fn of(headers: &HeaderMap, max_bytes: u64) -> Self {
        let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if length.is_some_and(|length: u64| length > max_bytes) {
            return Self::Close;
        }
        let waits = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"100-continue");
        if headers.get_all(EXPECT).iter().any(waits) { Self::CloseUnlessRead } else { Self::Drain }
    }

    /// Whether the connection of a body that nobody has begun to read has to be closed.
    pub(super) fn closes_unread(self) -> bool {
        self.closes(false)
    }

    /// Whether the connection has to be closed, once the body was read a little, or not at all.
    pub(super) fn closes(self, is_begun: bool) -> bool {
        match self {
            Self::Drain => false,
            Self::CloseUnlessRead => !is_begun,
            Self::Close => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_body_and_one_that_is_waited_with_close_the_connection() {
        for (fields, unread, begun) in [
            (&[][..], false, false),
            (&[(CONTENT_LENGTH, "100")], false, false),
            (&[(CONTENT_LENGTH, "101")], true, true),
            (&[(CONTENT_LENGTH, "18446744073709551616")], false, false),
            (&[(EXPECT, "100-continue")], true, false),
            (&[(EXPECT, "100-Continue"), (CONTENT_LENGTH, "7")], true, false),
            (&[(EXPECT, "100-continue"), (CONTENT_LENGTH, "101")], true, true),
            (&[(EXPECT, "something")], false, false),
        ] {
            let fields = fields.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
            let plan = Plan::of(&fields.collect(), 100);
            assert_eq!((plan.closes_unread(), plan.closes(true)), (unread, begun), "{plan:?}");
        }
    }
}
