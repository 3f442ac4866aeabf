//! The cases in which this project deviates from what the vectors want, each with its reason.
//!
//! A case that deviates without standing here fails its test, and so does one that stands here and no longer deviates.

use crate::source::Vectors;

/// A case in which this project deviates.
pub(crate) struct Exception {
    pub(crate) case: u64,
    pub(crate) reason: &'static str,
    /// The name of the file below `wycheproof/`, without its ending.
    file: &'static str,
}

/// The listed cases of a file.
pub(crate) fn of(file: &str) -> Vec<&'static Exception> {
    EXCEPTIONS.iter().filter(|exception| exception.file == file).collect()
}

#[test]
fn every_exception_names_a_file() {
    let Some(vectors) = Vectors::open() else { return };
    let documents = vectors.documents("wycheproof");
    for Exception { file, case, .. } in EXCEPTIONS {
        assert!(documents.iter().any(|document| document.name() == *file), "{file} {case}");
    }
}

const EXCEPTIONS: &[Exception] = &[];
