//! What the attributes become: a type for each demand, and the handler that carries it.

use proc_macro2::Span;
use proc_macro2::TokenStream;
use proc_macro2::TokenTree;
use quote::ToTokens;
use quote::format_ident;
use quote::quote;
use quote::quote_spanned;
use syn::DeriveInput;
use syn::Error;
use syn::FnArg;
use syn::Ident;
use syn::Pat;
use syn::Type;
use syn::Visibility;
use syn::ext::IdentExt;
use syn::parse_quote;
use syn::parse2;
use syn::spanned::Spanned;

use crate::attr::Demand;
use crate::block::Block;
use crate::handler::Handler;
use crate::handler::parentheses;
use crate::policy::body;
use crate::policy::implementation;
use crate::policy::policy;
use crate::text::error;

/// Of `#[require_scope(…)]` above a function.
pub(crate) fn function(attribute: TokenStream, item: &TokenStream) -> TokenStream {
    match parse2::<Handler>(item.clone()) {
        Ok(handler) => {
            let visibility = handler.visibility.clone();
            let (demand, handler) = guard(handler, Some((Span::call_site(), attribute)), &visibility, None);
            quote!(#demand #handler)
        }
        Err(error) => beside(item, &error),
    }
}

/// Of `#[guarded]` above an `impl` block. The types of the demands stand outside of it, in a scope of their own.
pub(crate) fn block(attribute: TokenStream, item: &TokenStream) -> TokenStream {
    let mut block = match parse2::<Block>(item.clone()) {
        Ok(block) => block,
        Err(error) => return beside(item, &error),
    };
    if let Err(error) = block.check() {
        return beside(&block.without_demands(), &error);
    }
    let mut problems = TokenStream::new();
    if !attribute.is_empty() {
        let error = Error::new_spanned(attribute, "`#[guarded]` takes nothing: write this in `#[require_scope(…)]`");
        problems.extend(error.into_compile_error());
    }
    let self_type = (*block.item.self_ty).clone();
    let mut demands = TokenStream::new();
    let replaced = block.replace_handlers(|handler| {
        // The attributes go, but who has imported them for it has done so in use.
        demands.extend(handler.paths_of_demands().map(|path| quote!(#[allow(unused_imports)] use #path as _;)));
        let (demand, handler) = guard(handler, None, &parse_quote!(pub), Some(&self_type));
        demands.extend(demand);
        handler
    });
    problems.extend(replaced.err().map(Error::into_compile_error));
    let item = &block.item;
    quote! {
        #problems
        const _: () = {
            #demands
            #item
        };
    }
}

/// Of `policy!(…)`.
pub(crate) fn expression(tokens: TokenStream) -> TokenStream {
    let is_report_only = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "report_only");
    let of_a_guard = tokens.clone().into_iter().find(is_report_only);
    let policy_of = |demand: Demand| match of_a_guard {
        Some(word) => error(word.span(), "a policy says what is needed: `report_only` is said of a guard"),
        None => policy(demand.needs(), None),
    };
    Demand::of([(Span::call_site(), tokens)]).and_then(policy_of).unwrap_or_else(Error::into_compile_error)
}

/// Of `#[derive(Demand)]`.
pub(crate) fn derived(item: TokenStream) -> TokenStream {
    let derive = |item: DeriveInput| {
        let name = &item.ident;
        let written: Vec<_> = item.attrs.iter().filter(|attribute| attribute.path().is_ident("demand")).collect();
        if written.is_empty() {
            return error(name.span(), "write what is demanded above this: `#[demand(\"read:reports\")]`");
        }
        let written = written.into_iter().map(|attribute| (attribute.path().span(), parentheses(attribute)));
        let says = implementation(&Demand::of(written)?, None)?;
        let (generics, arguments, conditions) = item.generics.split_for_impl();
        Ok(quote! {
            impl #generics ::claviger::authorize::Demand for #name #arguments #conditions { #says }
        })
    };
    parse2(item).and_then(derive).unwrap_or_else(Error::into_compile_error)
}

/// The type of the demand, and the handler that carries it. What is wrong stands in place of, or beside, the type.
fn guard(
    mut handler: Handler,
    outer: Option<(Span, TokenStream)>,
    visibility: &Visibility,
    self_type: Option<&Type>,
) -> (TokenStream, Handler) {
    let written: Vec<_> = outer.into_iter().chain(handler.take_demands()).collect();
    if let Err(error) = handler.check() {
        return (error.into_compile_error(), handler);
    }
    let (says, problem) = match Demand::of(written).and_then(|demand| implementation(&demand, self_type)) {
        Ok(says) => (says, None),
        // With a demand all the same, the mistake is reported once, and not where the handler is used as well.
        Err(error) => (body(&quote!(::claviger::ScopePolicy::denied()), false), Some(error.into_compile_error())),
    };
    let name = format_ident!("__demand_of_{}", handler.signature.ident.unraw(), span = Span::call_site());
    let conditions: Vec<_> = handler.conditions().cloned().collect();
    let demand = quote! {
        #problem
        ::claviger::__in_an_impl_block_write_guarded_above_it! {
            #(#conditions)* #visibility #name { #says }
        }
    };
    carry(&mut handler, &name);
    (demand, handler)
}

/// Wraps the first argument, and unwraps it before the body.
fn carry(handler: &mut Handler, demand: &Ident) {
    let Some(FnArg::Typed(argument)) = handler.signature.inputs.first_mut() else {
        handler.signature.inputs.push(parse_quote!(_: ::claviger::extract::Scoped<#demand>));
        return;
    };
    let (pattern, attributes) = (argument.pat.clone(), std::mem::take(&mut argument.attrs));
    // A plain name stays the argument's name, for attributes that speak of it.
    let name = plain_name(&pattern).unwrap_or_else(|| Ident::new("argument", Span::mixed_site()));
    let ty = &argument.ty;
    // Errors about the type are shown at the type, and are still those of generated code.
    let scoped = quote_spanned!(ty.span().resolved_at(Span::call_site())=> ::claviger::extract::Scoped<#demand, #ty>);
    argument.ty = parse_quote!(#scoped);
    argument.pat = parse_quote!(#name);
    // In two steps, so that what the pattern leaves out lives as long as the argument would.
    handler.prologue = quote! {
        let #name = #name.into_inner();
        #(#attributes)*
        let #pattern = #name;
    };
}

fn plain_name(pattern: &Pat) -> Option<Ident> {
    let Pat::Ident(plain) = pattern else { return None };
    (plain.by_ref.is_none() && plain.subpat.is_none()).then(|| plain.ident.clone())
}

/// The item as it is, so that one mistake is reported as one.
fn beside(item: &impl ToTokens, error: &Error) -> TokenStream {
    let problem = error.to_compile_error();
    quote!(#problem #item)
}
