//! Which documents the layers of this process publish.

use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::Weak;

use crate::metadata::Publication;
use crate::metadata::ResourceMetadata;

/// The documents of all configurations that are alive.
///
/// A layer around another one cannot see it, and may let a request without a token through to it only if that can be a
/// request for a document, which is public.
static PUBLISHED: RwLock<Vec<Weak<Publication>>> = RwLock::new(Vec::new());

pub(crate) fn register(publication: Publication) -> Arc<Publication> {
    let publication = Arc::new(publication);
    let mut published = PUBLISHED.write().unwrap_or_else(PoisonError::into_inner);
    published.retain(|other| other.strong_count() > 0);
    published.push(Arc::downgrade(&publication));
    publication
}

/// Whether another configuration publishes a document at this path, on the host of this one.
pub(super) fn has(path: &str, own: &ResourceMetadata) -> bool {
    let is_it = |other: &ResourceMetadata| other.path() == path && other.origin().eq_ignore_ascii_case(own.origin());
    let published = PUBLISHED.read().unwrap_or_else(PoisonError::into_inner);
    published.iter().filter_map(Weak::upgrade).any(|publication| is_it(publication.metadata()))
}
