//! A table of a configuration file, taken apart member by member.
//!
//! A derived `Deserialize` stops at the first problem; an operator wants all of them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::rc::Rc;
use std::str::FromStr;
use std::time::Duration;

use claviger_core::error::Problems;
use serde_json::Map;
use serde_json::Value;

use crate::config::nearest::nearest;

/// The members of one table that were not taken yet.
pub(crate) struct Section {
    path: String,
    members: Map<String, Value>,
    /// The members that were looked for: what may stand here.
    known: RefCell<BTreeSet<String>>,
    problems: Rc<RefCell<Problems>>,
}

impl Section {
    /// The outermost table; `problems` collects what is wrong anywhere in it.
    pub(crate) fn root(value: Value, problems: Rc<RefCell<Problems>>) -> Self {
        let mut root = Self { path: String::new(), members: Map::new(), known: RefCell::default(), problems };
        match value {
            Value::Object(members) => root.members = members,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                root.problem("configuration", "must be a table");
            }
        }
        root
    }

    /// Where the member `name` stands.
    pub(crate) fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// Notes that the member `name` is wrong.
    pub(crate) fn problem(&self, name: &str, message: impl Into<String>) {
        self.problems.borrow_mut().add(self.path_of(name), message);
    }

    /// Whether anything was found to be wrong so far, here or elsewhere.
    pub(crate) fn has_problems(&self) -> bool {
        !self.problems.borrow().is_empty()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.know(name);
        self.members.contains_key(name)
    }

    /// Notes that a member of this name may stand here, whether or not it is taken.
    pub(crate) fn know(&self, name: &str) {
        self.known.borrow_mut().insert(name.to_owned());
    }

    /// Where this table stands.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Of the members that are left.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        self.members.keys().cloned().collect()
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.know(name);
        self.members.remove(name)
    }

    /// Takes all members whose names are such, ordered by name.
    pub(crate) fn take_those(&mut self, are_meant: fn(&str) -> bool) -> BTreeMap<String, Value> {
        let names: Vec<_> = self.members.keys().filter(|name| are_meant(name)).cloned().collect();
        names.into_iter().filter_map(|name| self.members.remove_entry(&name)).collect()
    }

    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.typed(name, "must be a string", |value| value.as_str().map(str::to_owned))
    }

    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        self.typed(name, "must be true or false", Value::as_bool)
    }

    pub(crate) fn count(&mut self, name: &str) -> Option<usize> {
        self.typed(name, "must be a whole number, not negative", |value| usize::try_from(value.as_u64()?).ok())
    }

    /// `"30s"` as humantime reads it, or whole seconds.
    pub(crate) fn duration(&mut self, name: &str) -> Option<Duration> {
        self.typed(name, "must be a duration such as \"30s\", or whole seconds", |value| match value.as_str() {
            Some(text) => humantime::parse_duration(text).ok(),
            None => value.as_u64().map(Duration::from_secs),
        })
    }

    /// As [`texts`](Self::texts), and there must be one at least: whoever wants none leaves the member out.
    pub(crate) fn some_texts(&mut self, name: &str) -> Option<Vec<String>> {
        let texts = self.texts(name)?;
        if texts.is_empty() {
            self.problem(name, "must not be empty; leave it out instead");
        }
        Some(texts)
    }

    /// A list of strings; one string stands for a list of one.
    pub(crate) fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        self.typed(name, "must be a string or a list of strings", |value| match value {
            Value::String(one) => Some(vec![one.clone()]),
            Value::Array(many) => many.iter().map(|value| value.as_str().map(str::to_owned)).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
        })
    }

    /// One of a closed list of names.
    pub(crate) fn name<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        let text = self.text(name)?;
        text.parse().map_err(|error: T::Err| self.problem(name, error.to_string())).ok()
    }

    /// The same without taking it. `None` for what is no such name, which is told when it is taken.
    #[cfg(feature = "providers")]
    pub(crate) fn peek<T: FromStr>(&self, name: &str) -> Option<T> {
        self.members.get(name)?.as_str()?.parse().ok()
    }

    pub(crate) fn section(&mut self, name: &str) -> Option<Self> {
        let members = self.typed(name, "must be a table", |value| value.as_object().cloned())?;
        Some(self.inner(self.path_of(name), members))
    }

    /// The tables of an array of tables, each at its place; what is no table is told, and the others are read. `None` if
    /// there is no array.
    pub(crate) fn each(&mut self, name: &str) -> Option<Vec<Option<Self>>> {
        let values = self.typed(name, "must be an array of tables", |value| value.as_array().cloned())?;
        let mut tables = Vec::with_capacity(values.len());
        for (at, value) in values.into_iter().enumerate() {
            match value {
                Value::Object(members) => {
                    tables.push(Some(self.inner(format!("{}[{at}]", self.path_of(name)), members)));
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                    self.problem(&format!("{name}[{at}]"), "must be a table");
                    tables.push(None);
                }
            }
        }
        Some(tables)
    }

    /// Notes a problem for each member that is left, with the known member that its author may have meant.
    pub(crate) fn close(self) {
        for name in self.members.keys() {
            let known = self.known.borrow();
            match nearest(name, known.iter().map(String::as_str)) {
                Some(known) => self.problem(name, format!("unknown member `{name}`; did you mean `{known}`?")),
                None => self.problem(name, format!("unknown member `{name}`")),
            }
        }
    }

    /// The table at `path`, in this one.
    pub(crate) fn inner(&self, path: String, members: Map<String, Value>) -> Self {
        Self { path, members, known: RefCell::default(), problems: Rc::clone(&self.problems) }
    }

    fn typed<T>(&mut self, name: &str, rule: &str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        let value = self.take(name)?;
        let read = read(&value);
        if read.is_none() {
            self.problem(name, rule);
        }
        read
    }
}
