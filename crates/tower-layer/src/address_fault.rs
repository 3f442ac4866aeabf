//! Why the address of a request is ambiguous.

use std::fmt;

/// The field that leaves a doubt about the address of a request, and why: whoever stands in front may have understood it
/// otherwise. For the log; holds nothing of the request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct AddressFault {
    field: &'static str,
    why: &'static str,
}

impl AddressFault {
    pub(crate) const fn new(field: &'static str, why: &'static str) -> Self {
        Self { field, why }
    }

    /// Its name as specifications spell it.
    pub(crate) fn field(self) -> &'static str {
        self.field
    }
}

impl fmt::Display for AddressFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.field, self.why)
    }
}
