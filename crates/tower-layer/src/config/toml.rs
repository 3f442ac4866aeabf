//! Configuration files in TOML.

use serde::Deserialize;
use serde_json::Value;
use toml::de::Error;

use crate::config::AuthConfigBuilder;
use crate::config::read::of_value;
use crate::config::read::unreadable;

/// # Configuration files in TOML
impl AuthConfigBuilder {
    /// Begins with what stands in a file in TOML, as [`read`](Self::read) does.
    ///
    /// An error of `toml` itself prints the line that it found it in. That line may hold a secret, so this reports line
    /// and column, and what is wrong in words.
    ///
    /// ```
    /// use claviger::AuthConfigBuilder;
    ///
    /// let file = r#"
    ///     realm = "reports"
    ///     public_url = hunter2
    /// "#;
    /// let error = AuthConfigBuilder::read_toml(file).build().unwrap_err();
    /// assert!(error.problems()[0].message().starts_with("line 3, column 18: "));
    /// assert!(!error.to_string().contains("hunter2"));
    /// ```
    pub fn read_toml(text: &str) -> Self {
        match toml::Deserializer::parse(text).and_then(Value::deserialize) {
            Ok(value) => of_value(value),
            Err(error) => unreadable(&in_words(&error, text)),
        }
    }
}

/// Where `error` is in `text`, and what is wrong there, in the fixed words of the parser.
fn in_words(error: &Error, text: &str) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    format!("line {line}, column {column}: {}", error.message())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        let error = AuthConfigBuilder::read_toml(text).build().unwrap_err();
        let [problem] = error.problems() else { panic!("{error}") };
        assert_eq!(problem.path(), "configuration");
        problem.message().to_owned()
    }

    #[test]
    fn a_syntax_error_names_line_and_column_and_what_is_wrong() {
        let text = "realm = \"api\"\n\n  public_url = \n";
        let told = problem(text);
        assert!(told.starts_with("line 3, column ") && told.contains("value"), "{told}");
    }

    #[test]
    fn no_syntax_error_repeats_the_text() {
        for broken in [
            "secret = marker",
            "secret = \"marker",
            "secret = 'marker",
            "secret = \"\"\"marker",
            "secret = \"marker\\q\"",
            "secret = \"\\umarker\"",
            "secret = \"marker\u{1}\"",
            "secret = \"a\" \"marker\"",
            "secret = { file = marker }",
            "secret = { marker",
            "secret = [marker]",
            "secret = [\"marker\" \"b\"]",
            "secret = 1marker",
            "secret = 1979-05-marker",
            "secret = 0xmarker",
            "secret = 99999999999999999999999999999999999999999999999 # marker",
            "secret \"marker\"",
            "[marker",
            "[[marker]\n",
            "marker = 1\nmarker = 2",
            "\"marker\" = ",
            "marker",
            "= marker",
        ] {
            let told = AuthConfigBuilder::read_toml(broken).build().unwrap_err();
            assert!(!format!("{told} {told:?}").contains("marker"), "{broken}: {told}");
        }
    }
}
