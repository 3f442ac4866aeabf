//! The claims of the request's token, as the application's own type.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The claims of the request's token, as the application's own type `C`.
///
/// As an axum extractor: parsed on first use and shared by all who ask for the same type. Without a layer before it the
/// answer is 500, for an anonymous request 401; `Option<Claims<C>>` is `None` for an anonymous request alone. Claims of
/// another shape are 401.
pub struct Claims<C>(pub Arc<C>);

impl<C> Clone for Claims<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> Deref for Claims<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.0
    }
}

/// Claims are nobody's business but the handler's.
impl<C> fmt::Debug for Claims<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claims<{}>(..)", std::any::type_name::<C>())
    }
}
