//! What was measured, and how it is shown.

pub mod chart;
mod machine;
mod markdown;
mod reading;

pub use reading::Reading;

/// Readings in the order in which they are shown.
#[derive(Clone, Debug, Default)]
pub struct Report {
    readings: Vec<Reading>,
}

impl Report {
    /// Takes one in. What it knows of work that stands here already is added there.
    pub fn add(&mut self, reading: Reading) {
        let is_same = |known: &&mut Reading| known.title == reading.title && known.name == reading.name;
        if let Some(known) = self.readings.iter_mut().find(is_same) {
            known.add(&reading);
            return;
        }
        let behind = self.readings.iter().rposition(|known| known.title == reading.title);
        self.readings.insert(behind.map_or(self.readings.len(), |at| at + 1), reading);
    }

    /// Those of the first group whose title starts so.
    pub fn of<'a>(&'a self, title: &'a str) -> impl Iterator<Item = &'a Reading> {
        let first = self.readings.iter().find(|reading| reading.title.starts_with(title));
        self.readings.iter().filter(move |reading| first.is_some_and(|first| first.title == reading.title))
    }

    /// As lines of values between tabs, for [`Reading::parse`].
    #[must_use]
    pub fn to_lines(&self) -> String {
        self.readings.iter().map(Reading::to_line).collect()
    }

    /// As tables, with the machine, the versions and the date.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        format!("{}\n{}", machine::description(), markdown::tables(&self.readings))
    }
}
