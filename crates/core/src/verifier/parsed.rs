//! The claims of a token as types of the application, and the cache entry that they are counted with.

use std::any::Any;
use std::any::TypeId;
use std::sync::Arc;
use std::sync::Weak;

use crate::verifier::cache::name::Name;

/// The claims of one token, as each type that was asked for.
#[derive(Default)]
pub(super) struct Parsed {
    types: Vec<(TypeId, Arc<dyn Any + Send + Sync>)>,
    bytes: usize,
    entry: Option<Entry>,
}

/// Where the cache holds the token.
pub(super) struct Entry {
    pub(super) table: Weak<dyn Resize>,
    pub(super) name: Name<Arc<str>>,
}

/// A cache whose entries can grow.
pub(super) trait Resize: Send + Sync {
    /// Counts `parsed` bytes of claims with the entry of this name, if it still is that of the token at `address`. Returns
    /// whether there is room for them; if not, nothing has changed.
    fn resize(&self, name: &Name<Arc<str>>, address: usize, parsed: usize) -> bool;
}

impl Parsed {
    pub(super) fn get<C: Send + Sync + 'static>(&self) -> Option<Arc<C>> {
        let (_, claims) = self.types.iter().find(|(of, _)| *of == TypeId::of::<C>())?;
        Arc::clone(claims).downcast().ok()
    }

    /// Keeps `claims`, which take so many bytes, unless the cache that holds the token at `address` has no room for them.
    pub(super) fn keep<C: Send + Sync + 'static>(&mut self, claims: &Arc<C>, bytes: usize, address: usize) {
        let all = self.bytes.saturating_add(bytes).saturating_add(BOOKKEEPING);
        let has_room = self
            .entry
            .as_ref()
            .is_none_or(|Entry { table, name }| table.upgrade().is_none_or(|table| table.resize(name, address, all)));
        if has_room {
            self.bytes = all;
            self.types.push((TypeId::of::<C>(), Arc::clone(claims) as Arc<dyn Any + Send + Sync>));
        }
    }

    /// Notes that the token is put into a cache. Returns what its claims take, which is at most `room`: where they take
    /// more, they are dropped, and parsed anew when they are asked for.
    pub(super) fn enter(&mut self, entry: Entry, room: usize) -> usize {
        if self.bytes > room {
            self.types = Vec::new();
            self.bytes = 0;
        }
        self.entry = Some(entry);
        self.bytes
    }
}

/// Of each type, beside the claims themselves.
const BOOKKEEPING: usize = 96;
