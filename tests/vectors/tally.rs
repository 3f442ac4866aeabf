//! The verdicts on the cases of one file, against its labels and our exceptions.

use crate::exceptions;

/// The verdicts on the cases of one file.
pub(crate) struct Tally<'a> {
    file: &'a str,
    judged: u64,
    accepted: u64,
    deviating: Vec<u64>,
}

impl<'a> Tally<'a> {
    pub(crate) fn new(file: &'a str) -> Self {
        Self { file, judged: 0, accepted: 0, deviating: Vec::new() }
    }

    pub(crate) fn record(&mut self, case: u64, expected: bool, accepted: bool) {
        self.judged += 1;
        self.accepted += u64::from(accepted);
        if accepted != expected {
            self.deviating.push(case);
        }
    }

    /// The number of cases that were accepted, once all are judged.
    ///
    /// # Panics
    ///
    /// If cases are missing, one is listed as an exception that does not deviate, or one deviates that is not listed.
    pub(crate) fn settle(mut self, cases: u64) -> u64 {
        let file = self.file;
        assert_eq!(self.judged, cases, "{file}: cases judged, and cases there");
        for exception in exceptions::of(file) {
            let before = self.deviating.len();
            self.deviating.retain(|case| *case != exception.case);
            let deviated = self.deviating.len() < before;
            assert!(deviated, "{file}: {} no longer deviates ({})", exception.case, exception.reason);
        }
        assert!(self.deviating.is_empty(), "{file}: these deviate and are not listed: {:?}", self.deviating);
        self.accepted
    }
}
