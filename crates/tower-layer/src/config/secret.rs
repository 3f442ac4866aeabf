//! Where a secret stands that is not in the file itself.

use crate::config::section::Section;

/// Where a secret stands that is not in the file itself.
pub(super) enum Secret {
    InFile(String),
    InVariable(String),
}

/// `None` unless exactly one place is named; whoever asks tells what may stand there.
pub(super) fn read(table: &mut Section) -> Option<Secret> {
    match (table.text("file"), table.text("env")) {
        (Some(path), None) => Some(Secret::InFile(path)),
        (None, Some(name)) => Some(Secret::InVariable(name)),
        (Some(_), Some(_)) | (None, None) => None,
    }
}
