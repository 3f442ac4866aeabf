//! Names that have come in the last minute, more of them than can be counted.

use std::time::Duration;

/// Remembers names for a minute in a bounded place, where later ones take that of earlier ones. So it can forget a name
/// before its time, and mistakes one for another once in four billion.
#[derive(Debug)]
pub(super) struct Recent {
    /// Half of a name, and the second after which it came; 0 is nobody.
    places: Box<[(u32, u32)]>,
}

impl Recent {
    /// Whether `name` has come in the last minute; from now on it has.
    pub(super) fn contains_or_insert(&mut self, now: Duration, name: u64) -> bool {
        let second = u32::try_from(now.as_secs()).unwrap_or(u32::MAX - 1) + 1;
        let (place, rest) = (name as usize % PLACES, (name >> 32) as u32);
        let Some(found) = self.places.get_mut(place) else { return false };
        let (of, at) = std::mem::replace(found, (rest, second));
        at > 0 && of == rest && second.saturating_sub(at) < MINUTE
    }
}

impl Default for Recent {
    fn default() -> Self {
        Self { places: vec![(0, 0); PLACES].into() }
    }
}

/// 256 KiB: at 500 names a second those of about a minute.
const PLACES: usize = 32_768;
/// In seconds.
const MINUTE: u32 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_recent_for_a_minute() {
        let mut recent = Recent::default();
        let mut at = |seconds, name| recent.contains_or_insert(Duration::from_secs(seconds), name);
        assert!(!at(0, 7) && at(0, 7) && at(59, 7) && at(118, 7));
        assert!(!at(178, 7), "a minute later");
    }

    #[test]
    fn another_name_in_its_place_is_another() {
        let mut recent = Recent::default();
        let (one, other) = (7, 7 + (1 << 32));
        assert!(!recent.contains_or_insert(Duration::ZERO, one));
        assert!(!recent.contains_or_insert(Duration::ZERO, other));
        assert!(!recent.contains_or_insert(Duration::ZERO, one));
    }
}
