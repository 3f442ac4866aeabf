//! Draft.
pub mod clock;
