//! Tokens that were seen before, beside their bare signatures.

use claviger_testing::TestIssuer;

use super::LONG;
use super::MakeGroup;
use super::USUAL;
use crate::Bare;
use crate::Freshness;
use crate::Group;
use crate::Guarded;
use crate::KeyKind;
use crate::Signed;
use crate::unguarded;

pub(super) fn groups(tokens: usize) -> Vec<MakeGroup> {
    [USUAL, LONG].map(|bytes| Box::new(move || group(tokens, bytes)) as MakeGroup).into()
}

fn group(count: usize, bytes: usize) -> Group {
    let kind = KeyKind::Rs256;
    let issuer = TestIssuer::builder().with_key(kind.generate()).in_memory();
    let signed = Signed::by(&issuer, kind, count, bytes);
    let (guarded, tokens) = (Guarded::with_keys_of(&issuer), signed.tokens());
    let size = if bytes == LONG { "long" } else { "usual" };
    Group::new(format!("seen-before {kind}, {size} tokens"))
        .add("bare signature", Bare::new(&signed))
        .add("core", guarded.core(tokens, Freshness::SeenBefore))
        .add("router", unguarded(tokens))
        .add_over("router", "layer", guarded.route(tokens, Freshness::SeenBefore))
}
