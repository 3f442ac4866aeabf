//! Which handlers demand something.

use crate::authorize::Demand;
use crate::extract::Scoped;

/// A handler's arguments, as axum names them, of which the first one is [`Scoped`].
///
/// Who writes `#[require_scope(…)]` above a handler, or takes `Scoped<D>` as its first argument, has it.
#[diagnostic::on_unimplemented(
    message = "this handler demands nothing, so it cannot stand among guarded routes",
    label = "neither `#[require_scope(…)]` nor `Scoped<_, _>` as the first argument",
    note = "write `#[require_scope(\"…\")]` above the handler, or add its route by `open` if anybody may call it"
)]
pub trait Demanding {
    /// What is demanded.
    type Demand: Demand;
}

macro_rules! first_argument_is_scoped {
    ($($argument:ident)*) => {
        impl<M, D: Demand, T, $($argument),*> Demanding for (M, Scoped<D, T>, $($argument),*) {
            type Demand = D;
        }
    };
}

first_argument_is_scoped!();
first_argument_is_scoped!(A2);
first_argument_is_scoped!(A2 A3);
first_argument_is_scoped!(A2 A3 A4);
first_argument_is_scoped!(A2 A3 A4 A5);
first_argument_is_scoped!(A2 A3 A4 A5 A6);
first_argument_is_scoped!(A2 A3 A4 A5 A6 A7);
first_argument_is_scoped!(A2 A3 A4 A5 A6 A7 A8);
first_argument_is_scoped!(A2 A3 A4 A5 A6 A7 A8 A9);
first_argument_is_scoped!(A2 A3 A4 A5 A6 A7 A8 A9 A10);
first_argument_is_scoped!(A2 A3 A4 A5 A6 A7 A8 A9 A10 A11);
first_argument_is_scoped!(A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12);
first_argument_is_scoped!(A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13);
first_argument_is_scoped!(A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14);
first_argument_is_scoped!(A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15);
first_argument_is_scoped!(A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16);
