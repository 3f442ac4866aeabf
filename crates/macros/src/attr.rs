//! What stands in the parentheses of one attribute, or of several above one handler.

use proc_macro2::Span;
use proc_macro2::TokenStream;
use syn::Ident;
use syn::Result;
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::Parse;
use syn::parse::ParseStream;
use syn::parse::Parser;

use crate::need::Need;
use crate::text::error;

/// What a handler demands.
#[derive(Debug, PartialEq)]
pub(crate) struct Demand {
    needs: Vec<Need>,
    is_report_only: bool,
}

impl Demand {
    /// All that is written in these attributes, each given by where it stands and what its parentheses hold.
    pub(crate) fn of(attributes: impl IntoIterator<Item = (Span, TokenStream)>) -> Result<Self> {
        let mut written = Vec::new();
        for (span, tokens) in attributes {
            written.push(Written::parser(span).parse2(tokens)?);
        }
        if let ([_, _, ..], Some(span)) = (&*written, written.iter().find_map(|written| written.report_only)) {
            return error(span, "`report_only` is said of all that is demanded: write all of it in one attribute");
        }
        let is_report_only = written.iter().any(|written| written.report_only.is_some());
        let mut needs = Needs::default();
        for (need, span) in written.into_iter().flat_map(|written| written.needs.needs) {
            needs.add(need, span)?;
        }
        needs.all_can_stand_together()?;
        Ok(Self { needs: needs.into_vec(), is_report_only })
    }

    pub(crate) fn needs(&self) -> &[Need] {
        &self.needs
    }

    pub(crate) fn is_report_only(&self) -> bool {
        self.is_report_only
    }
}

/// What one attribute says.
struct Written {
    needs: Needs,
    report_only: Option<Span>,
}

impl Written {
    /// Of an attribute that stands at `span`, where an error is shown if it is empty.
    fn parser(span: Span) -> impl FnOnce(ParseStream<'_>) -> Result<Self> {
        move |input| {
            let mut written = Self { needs: Needs::default(), report_only: None };
            while !input.is_empty() {
                written.read(input)?;
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            match written {
                Self { needs, report_only: Some(span) } if needs.is_empty() => {
                    error(span, "`report_only` has nothing to report: write what is demanded beside it")
                }
                Self { needs, report_only: None } if needs.is_empty() => error(
                    span,
                    "nothing is demanded: write a scope (\"read:reports\"), or `authenticated` if any token will do",
                ),
                written => Ok(written),
            }
        }
    }

    fn read(&mut self, input: ParseStream<'_>) -> Result<()> {
        let span = input.span();
        if !is_report_only(input) {
            return self.needs.add(input.parse()?, span);
        }
        input.call(Ident::parse_any)?;
        match self.report_only.replace(span) {
            None => Ok(()),
            Some(_) => error(span, "this stands here twice: remove one"),
        }
    }
}

/// Needs of one list, and where each stands.
#[derive(Default)]
pub(crate) struct Needs {
    needs: Vec<(Need, Span)>,
}

impl Needs {
    pub(crate) fn is_empty(&self) -> bool {
        self.needs.is_empty()
    }

    pub(crate) fn into_vec(self) -> Vec<Need> {
        self.needs.into_iter().map(|(need, _)| need).collect()
    }

    fn add(&mut self, need: Need, span: Span) -> Result<()> {
        if self.needs.iter().any(|(other, _)| *other == need) {
            return error(span, "this stands here twice: remove one");
        }
        self.needs.push((need, span));
        Ok(())
    }

    /// What says all by itself has nothing beside it.
    fn all_can_stand_together(&self) -> Result<()> {
        match self.whole() {
            Some((Need::Authenticated, span)) if self.needs.len() > 1 => {
                error(*span, "whatever is demanded beside `authenticated` includes it: remove it")
            }
            Some((_, span)) if self.needs.len() > 1 => {
                error(*span, "nothing beside `denied` is ever asked: write it alone, or remove it")
            }
            _ => Ok(()),
        }
    }

    fn whole(&self) -> Option<&(Need, Span)> {
        self.needs.iter().find(|(need, _)| matches!(need, Need::Authenticated | Need::Denied))
    }
}

/// The list inside of `any(…)` or `all(…)`.
impl Parse for Needs {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut needs = Self::default();
        while !input.is_empty() {
            let span = input.span();
            if is_report_only(input) {
                return error(span, "`report_only` is said of all that is demanded: write it outside of the list");
            }
            needs.add(input.parse()?, span)?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        match needs.whole() {
            Some((_, span)) => error(*span, "this stands alone, outside of any list: remove it here"),
            None => Ok(needs),
        }
    }
}

fn is_report_only(input: ParseStream<'_>) -> bool {
    input.fork().call(Ident::parse_any).is_ok_and(|word| word == "report_only")
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn demand(attributes: impl IntoIterator<Item = TokenStream>) -> Result<Demand> {
        Demand::of(attributes.into_iter().map(|tokens| (Span::call_site(), tokens)))
    }

    #[test]
    fn attributes_above_one_handler_are_one_demand_in_the_order_written() {
        let stacked = demand([quote!("a", role("r")), quote!("b",)]).unwrap();
        assert_eq!(stacked, demand([quote!("a", role("r"), "b")]).unwrap());
        assert_ne!(stacked, demand([quote!("b"), quote!("a", role("r"))]).unwrap());
    }

    #[test]
    fn what_means_the_same_is_read_as_the_same() {
        for (one, other) in [
            (quote!(max_age = "5m"), quote!(max_age = 300)),
            (quote!(max_age = "2h"), quote!(max_age = 7200u64)),
            (quote!(claim(r#type = 7)), quote!(claim("type" = 7u8))),
            (quote!(claim(level = -7)), quote!(claim(level = -7))),
            (quote!(any("a", "b",),), quote!(any("a", "b"))),
            (quote!(predicate(a::b)), quote!(predicate(a::b))),
        ] {
            assert_eq!(demand([one]).unwrap(), demand([other]).unwrap());
        }
    }

    #[test]
    fn the_sign_of_a_number_counts_and_text_has_none() {
        assert_ne!(demand([quote!(claim(level = -7))]).unwrap(), demand([quote!(claim(level = 7))]).unwrap());
        assert!(demand([quote!(claim(level = -"7"))]).is_err());
    }

    #[test]
    fn report_only_may_stand_anywhere_in_the_one_attribute() {
        for tokens in [quote!(report_only, "a"), quote!("a", report_only), quote!("a", report_only, "b")] {
            assert!(demand([tokens]).unwrap().is_report_only());
        }
        assert!(!demand([quote!("report_only")]).unwrap().is_report_only());
    }
}
