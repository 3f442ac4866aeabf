//! An error that can hold nothing of the value that it is about.

use std::fmt;

use serde::de;
use serde::de::Expected;
use serde::de::Unexpected;

use crate::error::Excerpt;

/// What a type expected, and where.
#[derive(Debug)]
pub(super) struct ShapeError {
    problem: String,
    /// From the innermost step out.
    path: Vec<Step>,
}

/// A step on the way to a value.
#[derive(Debug)]
pub(super) enum Step {
    /// A field of a struct, or a claim.
    Field(Box<str>),
    /// A member of a map, whose name may be data.
    Member,
    Index(usize),
}

impl ShapeError {
    /// The type says no, and does not say it in words that hold no value.
    pub(super) fn rejected() -> Self {
        Self::of("a value that the type rejects")
    }

    /// One step further out.
    pub(super) fn at(mut self, step: Step) -> Self {
        self.path.push(step);
        self
    }

    fn of(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), path: Vec::new() }
    }
}

impl de::Error for ShapeError {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::rejected()
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::of(format!("invalid type: expected {expected}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::of(format!("invalid value: expected {expected}"))
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::of(format!("invalid length: expected {expected}"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::of(format!("unknown variant: expected {}", listed(expected)))
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Self::of(format!("unknown field: expected {}", listed(expected)))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::of(format!("missing field `{field}`"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::of(format!("duplicate field `{field}`"))
    }
}

impl de::StdError for ShapeError {}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)?;
        if self.path.is_empty() {
            return Ok(());
        }
        f.write_str(" at `")?;
        for (at, step) in self.path.iter().rev().enumerate() {
            let separator = if at == 0 { "" } else { "." };
            match step {
                Step::Field(name) => write!(f, "{separator}{}", Excerpt::of(name))?,
                Step::Member => write!(f, "{separator}*")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        f.write_str("`")
    }
}

fn listed(names: &[&str]) -> String {
    match names {
        [] => "none".to_owned(),
        [one] => format!("`{one}`"),
        _ => format!("one of `{}`", names.join("`, `")),
    }
}
