//! Tables of readings.

use std::fmt::Write;

use super::Reading;

pub(super) fn tables(readings: &[Reading]) -> String {
    let mut text = String::new();
    for group in readings.chunk_by(|one, other| one.title == other.title) {
        let title = group.first().map(|reading| reading.title.as_str()).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n| {title} | µs | × | allocations | bytes |\n|---|--:|--:|--:|--:|");
        for reading in group {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                reading.name,
                number(reading.nanoseconds.map(|nanoseconds| nanoseconds / 1000.0), 2),
                number(reading.ratio, 3),
                number(reading.allocations, 1),
                number(reading.bytes, 0),
            );
        }
    }
    text
}

/// Whole numbers without a fraction, where a fraction would be the exception.
fn number(number: Option<f64>, digits: usize) -> String {
    match number {
        None => "–".to_owned(),
        Some(number) if digits == 1 && number.fract() == 0.0 => format!("{number:.0}"),
        Some(number) => format!("{number:.digits$}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_group_is_a_table() {
        let reading = |title: &str, name: &str| Reading {
            title: title.to_owned(),
            name: name.to_owned(),
            nanoseconds: Some(22_500.0),
            ratio: Some(1.0),
            allocations: Some(9.0),
            bytes: None,
        };
        let expected = "
| first | µs | × | allocations | bytes |
|---|--:|--:|--:|--:|
| one | 22.50 | 1.000 | 9 | – |
| two | 22.50 | 1.000 | 9 | – |

| second | µs | × | allocations | bytes |
|---|--:|--:|--:|--:|
| one | 22.50 | 1.000 | 9 | – |
";
        let readings = [reading("first", "one"), reading("first", "two"), reading("second", "one")];
        assert_eq!(tables(&readings), expected);
    }
}
