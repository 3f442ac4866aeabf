//! Tokens that are bound to a key, and a proof of it with each (RFC 9449), beside their bare signatures.

use super::MakeGroup;
use super::USUAL;
use crate::Bound;
use crate::Freshness;
use crate::Group;

pub(super) fn groups(tokens: usize) -> Vec<MakeGroup> {
    vec![Box::new(move || first_seen(tokens)), Box::new(move || seen_before(tokens))]
}

/// Two signatures for each request.
fn first_seen(count: usize) -> Group {
    let bound = Bound::new(count, USUAL, Freshness::FirstSeen);
    let group = Group::new("DPoP ES256, first-seen tokens");
    shared(group.add("bare signatures of token and proof", bound.bare_tokens().and(bound.bare_proofs())), &bound)
}

/// The token of a client comes with a new proof each time.
fn seen_before(count: usize) -> Group {
    let bound = Bound::new(count, USUAL, Freshness::SeenBefore);
    shared(Group::new("DPoP ES256, seen-before tokens").add("bare signature of the proof", bound.bare_proofs()), &bound)
}

fn shared(group: Group, bound: &Bound) -> Group {
    group.add("core", bound.core()).add("router", bound.unguarded()).add_over("router", "layer", bound.route())
}
