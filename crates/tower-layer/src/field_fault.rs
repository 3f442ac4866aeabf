//! The field that a request is refused for.

use std::fmt;

/// The field that a request is refused for, and why: `Host` or that of a proxy where it leaves a doubt about the address,
/// which those in front may have understood otherwise; `Authorization` where its token was not read. For the log; holds
/// nothing of the request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct FieldFault {
    field: &'static str,
    why: &'static str,
}

impl FieldFault {
    pub(crate) const fn new(field: &'static str, why: &'static str) -> Self {
        Self { field, why }
    }

    /// Its name as specifications spell it.
    pub(crate) fn field(self) -> &'static str {
        self.field
    }
}

impl fmt::Display for FieldFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.field, self.why)
    }
}
