//! `Debug` without what a token says.

/// Writes the name of the type and nothing of what it holds, because claims stay out of logs.
macro_rules! redacted {
    ($($holder:ty),+ $(,)?) => {$(
        impl std::fmt::Debug for $holder {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($holder)).finish_non_exhaustive()
            }
        }
    )+};
}

pub(crate) use redacted;
