//! What was measured of one piece of work.

/// What is known of a token's way through one piece of work.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// The group.
    pub title: String,
    /// The work.
    pub name: String,
    /// How long it took.
    pub nanoseconds: Option<f64>,
    /// How many times as long as the first of the group, in the same round.
    pub ratio: Option<f64>,
    /// How often it asked for memory.
    pub allocations: Option<f64>,
    /// For how many bytes.
    pub bytes: Option<f64>,
}

impl Reading {
    /// Reads a line that [`to_line`](Self::to_line) wrote.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let mut parts = line.split('\t');
        let mut text = || parts.next().map(str::to_owned);
        let (title, name) = (text()?, text()?);
        let mut number = || match parts.next()? {
            "" => Some(None),
            number => number.parse().ok().map(Some),
        };
        let (nanoseconds, ratio, allocations, bytes) = (number()?, number()?, number()?, number()?);
        parts.next().is_none().then_some(Self { title, name, nanoseconds, ratio, allocations, bytes })
    }

    /// One line of values between tabs.
    #[must_use]
    pub fn to_line(&self) -> String {
        let number = |number: Option<f64>| number.map(|number| format!("{number:.4}")).unwrap_or_default();
        let numbers = [self.nanoseconds, self.ratio, self.allocations, self.bytes].map(number);
        format!("{}\t{}\t{}\n", self.title, self.name, numbers.join("\t"))
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.nanoseconds = self.nanoseconds.or(other.nanoseconds);
        self.ratio = self.ratio.or(other.ratio);
        self.allocations = self.allocations.or(other.allocations);
        self.bytes = self.bytes.or(other.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let reading = Reading {
            title: "first-seen".to_owned(),
            name: "core".to_owned(),
            nanoseconds: Some(22_500.25),
            ratio: None,
            allocations: Some(9.0),
            bytes: Some(0.0),
        };
        let line = reading.to_line();
        assert_eq!(line, "first-seen\tcore\t22500.2500\t\t9.0000\t0.0000\n");
        assert_eq!(Reading::parse(line.trim_end()), Some(reading));
    }

    #[test]
    fn what_is_no_line_is_not_read() {
        for line in ["", "a\tb", "a\tb\t1\t2\t3\tmany", "a\tb\t1\t2\t3\t4\t5"] {
            assert_eq!(Reading::parse(line), None, "{line:?}");
        }
    }
}
