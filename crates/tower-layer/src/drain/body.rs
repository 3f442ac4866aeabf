//! Bodies that can be read and dropped.

use std::any::Any;
use std::any::type_name;
use std::fmt;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

use bytes::Buf;
use http_body::Body;

/// A request body that can be read and dropped.
///
/// Everything is one that implements [`http_body::Body`]. Another type can be named to
/// [`DrainSettings::add_body`](crate::DrainSettings::add_body) too, if it implements this:
///
/// ```
/// use std::pin::Pin;
/// use std::task::Context;
/// use std::task::Poll;
///
/// use claviger::DrainSettings;
/// use claviger::drain::DrainBody;
///
/// struct Chunks(Vec<Vec<u8>>);
///
/// impl DrainBody for Chunks {
///     fn poll_drain(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u64>> {
///         Poll::Ready(self.0.pop().map(|chunk| chunk.len() as u64))
///     }
///
///     fn is_drained(&self) -> bool {
///         self.0.is_empty()
///     }
/// }
///
/// let drain = DrainSettings::default().add_body::<Chunks>();
/// # let _ = drain;
/// ```
pub trait DrainBody: Send + 'static {
    /// Reads what has arrived, drops it, and returns its length in bytes; `None` at the end, or where nothing more can
    /// be read.
    fn poll_drain(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<u64>>;

    /// Returns `true` if nothing is left to read, or nothing ever was.
    fn is_drained(&self) -> bool;
}

impl<B: Body + Send + 'static> DrainBody for B {
    fn poll_drain(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<u64>> {
        self.poll_frame(context).map(|frame| {
            let frame = frame?.ok()?;
            Some(frame.data_ref().map_or(0, |data| data.remaining() as u64))
        })
    }

    fn is_drained(&self) -> bool {
        self.is_end_stream()
    }
}

/// A body of a type that nobody names any more.
pub(crate) type ErasedBody = Pin<Box<dyn DrainBody>>;

/// A type of body that is drained where a service has it.
///
/// The layers stand around services with any type of body, so the type is compared when a request comes.
#[derive(Clone, Copy)]
pub(super) struct BodyType {
    name: &'static str,
    is_drained: fn(&dyn Any) -> Option<bool>,
    take: fn(&mut dyn Any) -> Option<ErasedBody>,
}

impl BodyType {
    pub(super) fn of<B: DrainBody>() -> Self {
        Self {
            name: type_name::<B>(),
            is_drained: |body| body.downcast_ref::<B>().map(DrainBody::is_drained),
            take: |body| body.downcast_mut::<Option<B>>()?.take().map(|body| -> ErasedBody { Box::pin(body) }),
        }
    }

    /// Returns `None` for a body of another type.
    pub(super) fn is_drained(&self, body: &dyn Any) -> Option<bool> {
        (self.is_drained)(body)
    }

    /// Takes the body out of an `Option` of this type.
    pub(super) fn take(&self, body: &mut dyn Any) -> Option<ErasedBody> {
        (self.take)(body)
    }
}

impl fmt::Debug for BodyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
