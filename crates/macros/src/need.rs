//! One need, as it is written.

use proc_macro2::Span;
use quote::ToTokens;
use syn::Ident;
use syn::Lit;
use syn::LitBool;
use syn::LitInt;
use syn::LitStr;
use syn::Path;
use syn::Result;
use syn::Token;
use syn::ext::IdentExt;
use syn::parenthesized;
use syn::parse::Parse;
use syn::parse::ParseStream;
use syn::token::Paren;

use crate::attr::Needs;
use crate::text;
use crate::text::error;

/// One need, checked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Need {
    All(Vec<Self>),
    Any(Vec<Self>),
    Scope(String),
    Permission(String),
    Role(String),
    Organization(String),
    OrganizationInPath(String),
    Claim(String),
    ClaimEquals(String, Value),
    PathParameter { parameter: String, claim: String },
    Acr(Vec<String>),
    MaxAge(u64),
    Predicate(Function),
    Authenticated,
    Denied,
}

/// What a claim is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Integer(i64),
    Natural(u64),
    Boolean(bool),
}

/// The path of a function; equal if it is written alike.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) path: Path,
}

/// Each word and how it is written.
const WORDS: [(&str, &str); 13] = [
    ("any", "any(\"…\", \"…\")"),
    ("all", "all(\"…\", \"…\")"),
    ("permission", "permission(\"…\")"),
    ("role", "role(\"…\")"),
    ("organization", "organization(\"…\")"),
    ("claim", "claim(name)"),
    ("path", "path(parameter = \"claim\")"),
    ("acr", "acr(\"…\")"),
    ("max_age", "max_age = \"5m\""),
    ("predicate", "predicate(function)"),
    ("authenticated", "authenticated"),
    ("denied", "denied"),
    ("report_only", "report_only"),
];

impl Parse for Need {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let span = input.span();
        if input.peek(LitStr) {
            return Ok(Self::Scope(text::scope(&input.parse()?)?));
        }
        if input.peek(Lit) {
            return error(span, "a scope is written as text: \"read:reports\"");
        }
        let Ok(word) = input.call(Ident::parse_any) else {
            return error(span, "write a scope as text (\"read:reports\"), or another need, such as `role(\"admin\")`");
        };
        match word.to_string().as_str() {
            "any" => Ok(Self::Any(list(&word, input)?)),
            "all" => Ok(Self::All(list(&word, input)?)),
            "permission" => Ok(Self::Permission(one(&word, input, "a permission")?)),
            "role" => Ok(Self::Role(one(&word, input, "a role")?)),
            "organization" => organization(&word, input),
            "claim" => claim(&word, input),
            "path" => path(&word, input),
            "acr" => acr(&word, input),
            "max_age" => max_age(&word, input),
            "predicate" => predicate(&word, input),
            "authenticated" => Ok(Self::Authenticated),
            "denied" => Ok(Self::Denied),
            _ => error(word.span(), unknown(&word)),
        }
    }
}

fn list(word: &Ident, input: ParseStream<'_>) -> Result<Vec<Need>> {
    let content = inside(word, input)?;
    let needs: Needs = content.parse()?;
    if needs.is_empty() {
        return error(word.span(), format!("`{word}()` has nothing in it: write what it is made of, {}", form(word)));
    }
    Ok(needs.into_vec())
}

fn one(word: &Ident, input: ParseStream<'_>, what: &str) -> Result<String> {
    only(word, &inside(word, input)?, what)
}

/// The one text that stands there.
fn only(word: &Ident, content: ParseStream<'_>, what: &str) -> Result<String> {
    let name = text::named(&literal(word, content)?, what)?;
    content.parse::<Option<Token![,]>>()?;
    let several =
        format!("one at a time: `{word}(\"…\"), {word}(\"…\")` for both, `any({word}(\"…\"), {word}(\"…\"))` for one");
    ended(content, several)?;
    Ok(name)
}

fn organization(word: &Ident, input: ParseStream<'_>) -> Result<Need> {
    let content = inside(word, input)?;
    // Nothing at all is told as a missing id.
    if content.is_empty() || content.peek(Lit) {
        return Ok(Need::Organization(only(word, &content, "an organization")?));
    }
    let span = content.span();
    let is_path = content.call(Ident::parse_any).is_ok_and(|place| place == "path") && content.peek(Token![=]);
    if !is_path {
        return error(
            span,
            "write its id, `organization(\"…\")`, or where it stands: `organization(path = \"parameter\")`",
        );
    }
    content.parse::<Token![=]>()?;
    let span = if content.is_empty() { word.span() } else { content.span() };
    let parameter =
        content.parse().or_else(|_| error(span, "text is needed here: `organization(path = \"parameter\")`"))?;
    let parameter = text::named(&parameter, "a path parameter")?;
    ended(&content, "one parameter at a time: `organization(path = …), organization(path = …)`")?;
    Ok(Need::OrganizationInPath(parameter))
}

fn claim(word: &Ident, input: ParseStream<'_>) -> Result<Need> {
    let content = inside(word, input)?;
    let name = text::name(&content, "a claim")?;
    let equals: Option<Token![=]> = content.parse()?;
    let need = match equals {
        None => Need::Claim(name),
        Some(_) => Need::ClaimEquals(name, content.parse()?),
    };
    ended(&content, "one claim at a time: `claim(…), claim(…)`")?;
    Ok(need)
}

impl Parse for Value {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let span = input.span();
        let minus: Option<Token![-]> = input.parse()?;
        if input.peek(LitInt) {
            let literal: LitInt = input.parse()?;
            let digits = format!("{}{}", if minus.is_some() { "-" } else { "" }, literal.base10_digits());
            let integer = digits.parse().map(Self::Integer);
            return integer.or_else(|_| digits.parse().map(Self::Natural)).or_else(|_| {
                error(span, "no claim has a whole number of more than 64 bits: compare it with text if it is text")
            });
        }
        match (minus, input.parse::<Lit>()) {
            (None, Ok(Lit::Str(text))) => Ok(Self::Text(text.value())),
            (None, Ok(Lit::Bool(LitBool { value, .. }))) => Ok(Self::Boolean(value)),
            _ => error(span, "a claim is compared with text, a whole number, `true` or `false`"),
        }
    }
}

fn path(word: &Ident, input: ParseStream<'_>) -> Result<Need> {
    let content = inside(word, input)?;
    let parameter = text::name(&content, "a path parameter")?;
    if !content.peek(Token![=]) {
        return error(word.span(), format!("write which claim the parameter equals: `path({parameter} = \"claim\")`"));
    }
    content.parse::<Token![=]>()?;
    let claim = text::named(&literal(word, &content)?, "a claim")?;
    ended(&content, "one parameter at a time: `path(…), path(…)`")?;
    Ok(Need::PathParameter { parameter, claim })
}

fn acr(word: &Ident, input: ParseStream<'_>) -> Result<Need> {
    let content = inside(word, input)?;
    let mut values = Vec::new();
    while !content.is_empty() {
        let literal = literal(word, &content)?;
        let value = text::word(&literal, "an `acr` value")?;
        if values.contains(&value) {
            return error(literal.span(), "this stands here twice: remove one");
        }
        values.push(value);
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    if values.is_empty() {
        return error(
            word.span(),
            "`acr()` has nothing in it: write what is enough, `acr(\"…\")`, the preferred one first",
        );
    }
    Ok(Need::Acr(values))
}

fn max_age(word: &Ident, input: ParseStream<'_>) -> Result<Need> {
    if !input.peek(Token![=]) {
        return error(word.span(), "write how long ago at most: `max_age = 300` in seconds, or `max_age = \"5m\"`");
    }
    input.parse::<Token![=]>()?;
    let span = input.span();
    let age = match input.parse::<Lit>() {
        Ok(Lit::Int(seconds)) => seconds.base10_parse().ok(),
        Ok(Lit::Str(text)) => text::seconds(&text.value()),
        _ => None,
    };
    match age {
        Some(0) => error(span, "no token is that young: write at least one second"),
        Some(age) => Ok(Need::MaxAge(age)),
        None => error(span, "write whole seconds (`300`), or text with `s`, `m` or `h` (`\"5m\"`)"),
    }
}

fn predicate(word: &Ident, input: ParseStream<'_>) -> Result<Need> {
    let content = inside(word, input)?;
    let span = content.span();
    let Ok(path) = content.call(Path::parse_mod_style) else {
        return error(span, "write the name of a `fn(&VerifiedToken) -> bool`, which the log then calls it by");
    };
    ended(&content, "one function at a time: `predicate(…), predicate(…)`")?;
    Ok(Need::Predicate(Function { path }))
}

/// What the parentheses behind `word` hold.
fn inside<'a>(word: &Ident, input: ParseStream<'a>) -> Result<syn::parse::ParseBuffer<'a>> {
    if !input.peek(Paren) {
        return error(word.span(), format!("`{word}` has what it needs in parentheses: `{}`", form(word)));
    }
    let content;
    parenthesized!(content in input);
    Ok(content)
}

fn literal(word: &Ident, content: ParseStream<'_>) -> Result<LitStr> {
    let span = if content.is_empty() { word.span() } else { content.span() };
    content.parse().or_else(|_| error(span, format!("text is needed here: `{}`", form(word))))
}

fn ended(content: ParseStream<'_>, fix: impl std::fmt::Display) -> Result<()> {
    if content.is_empty() { Ok(()) } else { error(content.span(), fix) }
}

fn form(word: &Ident) -> &'static str {
    WORDS.iter().find(|(known, _)| word == known).map_or("", |(_, form)| form)
}

fn unknown(word: &Ident) -> String {
    let given = word.to_string();
    let alike = |known: &str| given.len() > 2 && known.get(..3) == given.get(..3);
    match WORDS.iter().find(|(known, _)| alike(known)) {
        Some((_, form)) => format!("`{given}` is unknown here; is `{form}` meant?"),
        None => {
            let forms: Vec<_> = WORDS.iter().map(|(_, form)| format!("`{form}`")).collect();
            format!(
                "`{given}` is unknown here: write a scope as text (\"read:reports\"), or one of {}",
                forms.join(", ")
            )
        }
    }
}

impl Function {
    /// As it is written.
    pub(crate) fn name(&self) -> String {
        self.path.to_token_stream().to_string().replace(' ', "")
    }

    /// Where it is called `Self::…`.
    pub(crate) fn self_span(&self) -> Option<Span> {
        self.path.segments.first().map(|first| &first.ident).filter(|first| *first == "Self").map(Ident::span)
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name())
    }
}
