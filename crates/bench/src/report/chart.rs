//! A chart of one group, as SVG that can be read on light and on dark pages.

use std::fmt::Write;

use super::Reading;

/// Bars of the readings' times, shortest first.
///
/// A bar that would be more than twice as long as most others is cut off, and its number tells its length.
#[must_use]
pub fn svg<'a>(title: &str, readings: impl IntoIterator<Item = &'a Reading>) -> String {
    let timed =
        |reading: &'a Reading| Some((reading.name.as_str(), reading.nanoseconds? / 1000.0, reading.allocations));
    let mut bars: Vec<_> = readings.into_iter().filter_map(timed).collect();
    bars.sort_by(|(_, one, _), (_, other, _)| one.total_cmp(other));
    let typical = bars.get(bars.len() * 2 / 3).or_else(|| bars.last()).map_or(1.0, |(_, time, _)| *time);
    let longest = bars.last().map_or(1.0, |(_, time, _)| time.min(2.0 * typical));
    let height = TOP + LINE * bars.len();
    let mut text = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">
<title>{title}</title>
<style>
text {{ font: 13px system-ui, sans-serif; fill: #1f2328 }}
.title {{ font-weight: 600; font-size: 14px }}
rect {{ fill: #8c959f }}
.own {{ fill: #0969da }}
@media (prefers-color-scheme: dark) {{ text {{ fill: #e6edf3 }} rect {{ fill: #6e7681 }} .own {{ fill: #4493f8 }} }}
</style>
<text class="title" x="0" y="16">{title}</text>
"#,
        title = escaped(title),
    );
    for (at, (name, time, allocations)) in bars.iter().enumerate() {
        let top = TOP + LINE * at;
        let (baseline, end) = (top + 15, LEFT as f64 + (time / longest).clamp(0.0, 1.0) * BAR as f64);
        let class = if name.starts_with(OWN) { r#" class="own""# } else { "" };
        let cut = if *time > longest { " →" } else { "" };
        let allocations = allocations.map(|count| format!(", {count:.0} allocations")).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(text, r#"<text x="{}" y="{baseline}" text-anchor="end">{}</text>"#, LEFT - 8, escaped(name));
        let _ = writeln!(
            text,
            r#"<rect{class} x="{LEFT}" y="{top}" width="{:.1}" height="20" rx="2"/><text x="{:.1}" y="{baseline}">{time:.1} µs{cut}{allocations}</text>"#,
            (end - LEFT as f64).max(1.0),
            end + 6.0,
        );
    }
    text.push_str("</svg>\n");
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// How the names of our own work begin.
const OWN: &str = "claviger";
const WIDTH: usize = 860;
const LEFT: usize = 320;
const BAR: usize = 330;
const TOP: usize = 32;
const LINE: usize = 26;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_times_and_one_that_stands_out_is_cut_off() {
        let reading = |name: &str, microseconds: f64| Reading {
            name: name.to_owned(),
            nanoseconds: Some(microseconds * 1000.0),
            ..Reading::default()
        };
        let readings = [reading("b", 20.0), reading("claviger", 10.0), reading("c", 20.0), reading("d & e", 400.0)];
        let drawn = svg("times", &readings);

        let widths: Vec<_> = drawn.lines().filter(|line| line.starts_with("<rect")).map(width).collect();
        assert_eq!(widths, ["82.5", "165.0", "165.0", "330.0"]);
        assert_eq!(drawn.matches(" →").count(), 1);
        assert!(drawn.contains("400.0 µs →") && drawn.contains("d &amp; e"));
        assert_eq!(drawn.matches(r#"class="own""#).count(), 1);
    }

    fn width(line: &str) -> &str {
        line.split(r#"width=""#).nth(1).and_then(|rest| rest.split('"').next()).unwrap()
    }
}
