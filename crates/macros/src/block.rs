//! The `impl` block that `#[guarded]` stands above.

use quote::ToTokens;
use syn::Attribute;
use syn::ImplItem;
use syn::ItemImpl;
use syn::Result;
use syn::Token;
use syn::parse::Parse;
use syn::parse::ParseStream;
use syn::parse2;
use syn::spanned::Spanned;

use crate::handler::Handler;
use crate::handler::is_demanding;
use crate::text::error;

/// An `impl` block with handlers among its functions.
pub(crate) struct Block {
    pub(crate) item: ItemImpl,
}

impl Block {
    /// Whether its functions can be guarded, and any is.
    pub(crate) fn check(&self) -> Result<()> {
        if let Some((_, path, _)) = &self.item.trait_ {
            return error(
                path.span(),
                "a trait fixes the arguments, so they cannot carry a demand: write the handlers in a block of the type alone",
            );
        }
        if !self.item.items.iter().any(has_a_demand) {
            return error(
                self.item.impl_token.span,
                "nothing in this block demands anything: write `#[require_scope(…)]` above its handlers",
            );
        }
        Ok(())
    }

    /// Its functions as they are.
    pub(crate) fn without_demands(mut self) -> ItemImpl {
        for member in &mut self.item.items {
            if let ImplItem::Fn(function) = member {
                function.attrs.retain(|attribute| !is_demanding(attribute));
            }
        }
        self.item
    }

    /// Puts what `expand` makes of each handler in its place.
    pub(crate) fn replace_handlers(&mut self, mut expand: impl FnMut(Handler) -> Handler) -> Result<()> {
        for member in self.item.items.iter_mut().filter(|member| has_a_demand(member)) {
            let handler = parse2(member.to_token_stream())?;
            *member = ImplItem::Verbatim(expand(handler).into_token_stream());
        }
        Ok(())
    }
}

fn has_a_demand(member: &ImplItem) -> bool {
    matches!(member, ImplItem::Fn(function) if function.attrs.iter().any(is_demanding))
}

impl Parse for Block {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let ahead = input.fork();
        ahead.call(Attribute::parse_outer)?;
        if !(ahead.peek(Token![impl]) || ahead.peek(Token![unsafe]) && ahead.peek2(Token![impl])) {
            return error(
                ahead.span(),
                "`#[guarded]` stands above an `impl` block; `#[require_scope(…)]` is enough here",
            );
        }
        Ok(Self { item: input.parse()? })
    }
}
