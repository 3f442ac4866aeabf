//! The known name that a misspelt one is nearest to.

/// Returns the name of `known` that differs least from `given`, if it differs by a slip: one edit in three characters,
/// and three at most. Upper case and `-` for `_` do not count.
pub(super) fn nearest<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let given = normalized(given);
    let most = (given.len() / 3).clamp(1, MOST_EDITS);
    let far = |name: &&str| given.len().abs_diff(name.chars().count()) <= most;
    known
        .filter(far)
        .map(|name| (edits(&given, &normalized(name)), name))
        .filter(|(edits, _)| *edits <= most)
        .min()
        .map(|(_, name)| name)
}

fn normalized(name: &str) -> Vec<char> {
    // A name that nobody could misspell into need not be compared as a whole.
    name.chars().take(LONGEST).map(|c| if c == '-' { '_' } else { c.to_ascii_lowercase() }).collect()
}

/// Returns how many characters have to be inserted, removed, replaced, or swapped with their neighbour.
fn edits(left: &[char], right: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (row, &a) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, &b) in right.iter().enumerate() {
            let replaced = above[column] + usize::from(a != b);
            let mut least = replaced.min(above[column + 1] + 1).min(current[column] + 1);
            let is_swapped = row > 0 && column > 0 && a == right[column - 1] && left[row - 1] == b;
            if is_swapped {
                least = least.min(before[column - 1] + 1);
            }
            current.push(least);
        }
        before = std::mem::replace(&mut above, current);
    }
    above[right.len()]
}

const MOST_EDITS: usize = 3;
const LONGEST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 6] = ["audience", "audience_rule", "issuer", "jwks_uri", "leeway", "realm"];

    #[test]
    fn a_slip_is_found() {
        for (given, expected) in [
            ("audiance", "audience"),
            ("audince", "audience"),
            ("audeince", "audience"),
            ("Audience", "audience"),
            ("audiences", "audience"),
            ("audience-rule", "audience_rule"),
            ("isuer", "issuer"),
            ("relm", "realm"),
            ("jwks_url", "jwks_uri"),
            ("jwksuri", "jwks_uri"),
        ] {
            assert_eq!(nearest(given, KNOWN.into_iter()), Some(expected), "{given}");
        }
    }

    #[test]
    fn another_word_is_not() {
        for given in ["", "x", "color", "tenant", "aud", &"audience".repeat(100)] {
            assert_eq!(nearest(given, KNOWN.into_iter()), None, "{given}");
        }
    }
}
