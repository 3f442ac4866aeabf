//! The function that an attribute stands above.

use proc_macro2::Span;
use proc_macro2::TokenStream;
use quote::ToTokens;
use quote::quote;
use syn::Attribute;
use syn::FnArg;
use syn::Path;
use syn::Result;
use syn::Signature;
use syn::Token;
use syn::Visibility;
use syn::braced;
use syn::parse::Parse;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::token::Brace;

use crate::text::error;

/// A function, its body as it is written: what is wrong in there is for the compiler to say.
pub(crate) struct Handler {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    brace: Brace,
    inner_attributes: Vec<Attribute>,
    /// What is done before the body.
    pub(crate) prologue: TokenStream,
    body: TokenStream,
}

impl Handler {
    /// Takes out the attributes that demand something, and gives where each stands and what its parentheses hold.
    pub(crate) fn take_demands(&mut self) -> Vec<(Span, TokenStream)> {
        let (demanding, others) = self.attributes.drain(..).partition(is_demanding);
        self.attributes = others;
        let demanding: Vec<Attribute> = demanding;
        demanding.iter().map(|attribute| (attribute.path().span(), parentheses(attribute))).collect()
    }

    /// How the attributes that demand something are called.
    pub(crate) fn paths_of_demands(&self) -> impl Iterator<Item = &Path> {
        self.attributes.iter().filter(|attribute| is_demanding(attribute)).map(Attribute::path)
    }

    /// Whether axum could call it.
    pub(crate) fn check(&self) -> Result<()> {
        if self.signature.asyncness.is_none() {
            return error(
                self.signature.fn_token.span,
                "a guarded handler is an `async fn`: write `async` before this",
            );
        }
        if let Some(receiver) = self.signature.receiver() {
            return error(
                receiver.self_token.span,
                "a handler has no `self`: take what it needs by an extractor, such as `State`",
            );
        }
        if let Some(attribute) = self.cfg_of_the_first_argument() {
            return error(
                attribute.span(),
                "the first argument carries the demand, so it cannot be under `cfg`: put another one first",
            );
        }
        Ok(())
    }

    fn cfg_of_the_first_argument(&self) -> Option<&Attribute> {
        let attributes = match self.signature.inputs.first()? {
            FnArg::Typed(argument) => &argument.attrs,
            FnArg::Receiver(receiver) => &receiver.attrs,
        };
        attributes.iter().find(|attribute| is_cfg(attribute))
    }

    /// The conditions under which it is there.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| is_cfg(attribute))
    }
}

pub(crate) fn is_demanding(attribute: &Attribute) -> bool {
    let path = attribute.path();
    let is_ours = path.segments.len() == 1 || path.segments.first().is_some_and(|first| first.ident == "claviger");
    is_ours && path.segments.last().is_some_and(|last| last.ident == "require_scope")
}

fn is_cfg(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
}

/// What its parentheses hold; nothing, if it has none.
pub(crate) fn parentheses(attribute: &Attribute) -> TokenStream {
    attribute.meta.require_list().map(|list| list.tokens.clone()).unwrap_or_default()
}

impl Parse for Handler {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        if input.peek(Token![impl]) {
            return error(
                input.span(),
                "write `#[guarded]` above the block, and this above the functions inside of it",
            );
        }
        if !(input.peek(Token![async]) || input.peek(Token![unsafe]) || input.peek(Token![fn])) {
            return error(input.span(), "only an `async fn` can be guarded: write the attribute above one");
        }
        let signature = input.parse()?;
        let content;
        let brace = braced!(content in input);
        let inner_attributes = content.call(Attribute::parse_inner)?;
        let (prologue, body) = (TokenStream::new(), content.parse()?);
        Ok(Self { attributes, visibility, signature, brace, inner_attributes, prologue, body })
    }
}

impl ToTokens for Handler {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { attributes, visibility, signature, brace, inner_attributes, prologue, body } = self;
        tokens.extend(quote!(#(#attributes)* #visibility #signature));
        brace.surround(tokens, |tokens| tokens.extend(quote!(#(#inner_attributes)* #prologue #body)));
    }
}
