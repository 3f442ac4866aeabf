//! Text that a demand is made of, and what is wrong with it.

use proc_macro2::Span;
use syn::Error;
use syn::Ident;
use syn::LitStr;
use syn::Result;
use syn::ext::IdentExt;
use syn::parse::ParseStream;

/// A message at the place that it is about.
pub(crate) fn error<T>(span: Span, message: impl std::fmt::Display) -> Result<T> {
    Err(Error::new(span, message))
}

/// A scope (RFC 6749, section 3.3).
pub(crate) fn scope(literal: &LitStr) -> Result<String> {
    let scope = literal.value();
    if scope.contains(' ') && !scope.trim().is_empty() {
        let words: Vec<_> = scope.split_whitespace().map(|word| format!("{word:?}")).collect();
        let words = words.join(", ");
        return error(literal.span(), format!("a scope cannot contain a space; list them separately: {words}"));
    }
    word(literal, "a scope")
}

/// What may stand in a challenge, in a list that is separated by spaces.
pub(crate) fn word(literal: &LitStr, what: &str) -> Result<String> {
    let word = literal.value();
    if word.trim().is_empty() {
        return error(literal.span(), format!("{what} cannot be empty"));
    }
    match word.chars().find(|&character| !matches!(character, '!' | '#'..='[' | ']'..='~')) {
        None => Ok(word),
        Some(' ') => error(literal.span(), format!("{what} cannot contain a space; list them separately")),
        Some(character) => error(
            literal.span(),
            format!("{what} cannot contain {character:?}: printable ASCII without quotes and backslashes is allowed"),
        ),
    }
}

/// The name of something, as text.
pub(crate) fn named(literal: &LitStr, what: &str) -> Result<String> {
    let name = literal.value();
    if name.trim().is_empty() { error(literal.span(), format!("the name of {what} is blank")) } else { Ok(name) }
}

/// The name of something: an identifier, or text for what is none.
pub(crate) fn name(input: ParseStream<'_>, what: &str) -> Result<String> {
    if input.peek(LitStr) {
        return named(&input.parse()?, what);
    }
    let span = input.span();
    match input.call(Ident::parse_any) {
        Ok(name) => Ok(name.unraw().to_string()),
        Err(_) => error(span, format!("write the name of {what}, as text if it is no identifier")),
    }
}

/// Whole seconds, of text like "5m".
pub(crate) fn seconds(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at(text.find(|character: char| !character.is_ascii_digit())?);
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_a_number_and_its_unit() {
        for (text, expected) in [
            ("300s", Some(300)),
            ("5m", Some(300)),
            ("2h", Some(7200)),
            ("0s", Some(0)),
            ("5", None),
            ("m", None),
            ("", None),
            ("5d", None),
            ("-5m", None),
            ("1.5h", None),
            ("5 m", None),
            ("18446744073709551615h", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
