//! Tokens seen for the first time, beside their bare signatures.

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
    let each = |kind: KeyKind| [USUAL, LONG].map(|bytes| Box::new(move || group(kind, tokens, bytes)) as MakeGroup);
    KeyKind::ALL.into_iter().flat_map(each).collect()
}

fn group(kind: KeyKind, count: usize, bytes: usize) -> Group {
    let issuer = TestIssuer::builder().with_key(kind.generate()).in_memory();
    let signed = Signed::by(&issuer, kind, count, bytes);
    let (guarded, tokens) = (Guarded::with_keys_of(&issuer), signed.tokens());
    let size = if bytes == LONG { "long" } else { "usual" };
    Group::new(format!("first-seen {kind}, {size} tokens"))
        .add("bare signature", Bare::new(&signed))
        .add("core", guarded.core(tokens, Freshness::FirstSeen))
        .add("router", unguarded(tokens))
        .add_over("router", "layer", guarded.route(tokens, Freshness::FirstSeen))
}
