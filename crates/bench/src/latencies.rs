//! How long each of many requests took.

use std::time::Duration;

/// How long each of many requests took, in order.
#[derive(Clone, Debug)]
pub struct Latencies {
    sorted: Vec<Duration>,
}

impl Latencies {
    /// In any order.
    #[must_use]
    pub fn new(mut latencies: Vec<Duration>) -> Self {
        latencies.sort_unstable();
        Self { sorted: latencies }
    }

    /// So large a part of them took no longer; nothing if there are none.
    #[must_use]
    pub fn quantile(&self, part: f64) -> Duration {
        let at = (self.sorted.len() as f64 * part) as usize;
        self.sorted.get(at).or_else(|| self.sorted.last()).copied().unwrap_or_default()
    }

    /// How many took longer.
    #[must_use]
    pub fn over(&self, limit: Duration) -> usize {
        self.sorted.len() - self.sorted.partition_point(|took| *took <= limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_and_outliers_are_those_of_the_order() {
        let latencies = Latencies::new((1..=100).rev().map(Duration::from_millis).collect());
        assert_eq!(latencies.quantile(0.5), Duration::from_millis(51));
        assert_eq!(latencies.quantile(1.0), Duration::from_millis(100));
        assert_eq!(latencies.over(Duration::from_millis(98)), 2);
        assert_eq!(Latencies::new(Vec::new()).quantile(0.5), Duration::ZERO);
    }
}
