//! The documents of one issuer alone, brought by somebody else than those of the others.

use std::fmt;
use std::ptr;
use std::sync::Arc;

use crate::fetch::Fetch;

/// What brings the documents of one issuer. It equals itself alone.
#[derive(Clone)]
pub(crate) struct Documents(pub(crate) Arc<dyn Fetch>);

impl fmt::Debug for Documents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl PartialEq for Documents {
    fn eq(&self, other: &Self) -> bool {
        ptr::addr_eq(Arc::as_ptr(&self.0), Arc::as_ptr(&other.0))
    }
}
