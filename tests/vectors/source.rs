//! Where the vectors are: beside the repository, not in it.

use std::fs;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::thread;

use serde_json::Value;

/// The folder of the vectors.
pub(crate) struct Vectors {
    folder: PathBuf,
}

/// A document of the vectors, named by its path below their folder.
pub(crate) struct Document {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Vectors {
    /// `None`, having said so, if the vectors are not here: the test is then skipped.
    #[expect(clippy::explicit_write, reason = "what `eprintln!` says is shown only if the test fails")]
    pub(crate) fn open() -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors");
        if folder.is_dir() {
            return Some(Self { folder });
        }
        let thread = thread::current();
        writeln!(io::stderr(), "skipped, no vectors: {}", thread.name().unwrap_or_default()).unwrap();
        None
    }

    pub(crate) fn text(&self, path: &str) -> String {
        fs::read_to_string(self.folder.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Every JSON document below `folder`, sorted.
    pub(crate) fn documents(&self, folder: &str) -> Vec<Document> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
                match entry.extension() {
                    _ if entry.is_dir() => folders.push(entry),
                    Some(extension) if extension == "json" => found.push(self.document(&entry)),
                    _ => {}
                }
            }
        }
        found.sort_by(|one, other| one.path.cmp(&other.path));
        found
    }

    fn document(&self, file: &Path) -> Document {
        let path = file.strip_prefix(&self.folder).unwrap().to_str().unwrap().to_owned();
        Document { text: self.text(&path), path }
    }
}

impl Document {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{}: {error}", self.path))
    }

    /// The name of the file without its ending.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap().trim_end_matches(".json")
    }
}

/// The elements of an array that must be there.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no array: {value}"))
}

/// A string that must be there.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no string: {value}"))
}
