//! The policy that a demand is, as an expression, and as what its type says.

use proc_macro2::TokenStream;
use quote::ToTokens;
use quote::format_ident;
use quote::quote;
use syn::Error;
use syn::Ident;
use syn::Result;
use syn::Type;

use crate::attr::Demand;
use crate::need::Function;
use crate::need::Need;
use crate::need::Value;

/// Of all these needs; `self_type` is what `Self` is where they are written.
pub(crate) fn policy(needs: &[Need], self_type: Option<&Type>) -> Result<TokenStream> {
    joined(needs, &format_ident!("and"), self_type)
}

/// What an `impl` of `Demand` says.
pub(crate) fn implementation(demand: &Demand, self_type: Option<&Type>) -> Result<TokenStream> {
    Ok(body(&policy(demand.needs(), self_type)?, demand.is_report_only()))
}

/// The same, of a policy that is there.
pub(crate) fn body(policy: &TokenStream, is_report_only: bool) -> TokenStream {
    let enforcement = is_report_only.then(|| {
        quote! {
            fn enforcement() -> ::claviger::authorize::Enforcement {
                ::claviger::authorize::Enforcement::ReportOnly
            }
        }
    });
    quote! {
        fn policy() -> &'static ::claviger::ScopePolicy {
            static POLICY: ::std::sync::LazyLock<::claviger::ScopePolicy> = ::std::sync::LazyLock::new(|| #policy);
            &POLICY
        }
        #enforcement
    }
}

/// Each of these needs as a policy, joined by `and` or `or`.
fn joined(needs: &[Need], by: &Ident, self_type: Option<&Type>) -> Result<TokenStream> {
    let mut policies = needs.iter().map(|need| policy_of(need, self_type));
    let first = policies.next().unwrap_or_else(|| Ok(quote!(::claviger::ScopePolicy::denied())))?;
    policies.try_fold(first, |joined, next| next.map(|next| quote!(#joined.#by(#next))))
}

fn policy_of(need: &Need, self_type: Option<&Type>) -> Result<TokenStream> {
    let fallible = match need {
        Need::All(needs) => return joined(needs, &format_ident!("and"), self_type),
        Need::Any(needs) => return joined(needs, &format_ident!("or"), self_type),
        Need::Authenticated => return Ok(quote!(::claviger::ScopePolicy::authenticated())),
        Need::Denied => return Ok(quote!(::claviger::ScopePolicy::denied())),
        Need::Predicate(function) => {
            let (name, path) = (function.name(), callable(function, self_type)?);
            return Ok(quote!(::claviger::ScopePolicy::predicate(#name, #path)));
        }
        Need::Scope(scope) => quote!(scope(#scope)),
        Need::Permission(permission) => quote!(permission(#permission)),
        Need::Role(role) => quote!(role(#role)),
        Need::Organization(id) => quote!(organization(#id)),
        Need::OrganizationInPath(parameter) => quote!(organization_in_path(#parameter)),
        Need::Claim(name) => quote!(claim(#name)),
        Need::ClaimEquals(name, value) => quote!(claim_equals(#name, #value)),
        Need::PathParameter { parameter, claim } => quote!(path(#parameter, #claim)),
        Need::Acr(values) => quote!(acr([#(#values),*])),
        Need::MaxAge(seconds) => quote!(max_age(::std::time::Duration::from_secs(#seconds))),
    };
    Ok(quote!(::claviger::__private::checked(::claviger::ScopePolicy::#fallible)))
}

/// The function's path as it is written, where the policy is made: outside of the block that knows `Self`.
fn callable(function: &Function, self_type: Option<&Type>) -> Result<TokenStream> {
    let path = &function.path;
    match (function.self_span(), self_type) {
        (None, _) => Ok(path.to_token_stream()),
        (Some(_), Some(self_type)) => {
            let rest = path.segments.iter().skip(1);
            Ok(quote!(<#self_type> #(::#rest)*))
        }
        (Some(span), None) => {
            Err(Error::new(span, "there is no `Self` here: write the type, or `#[guarded]` above its block"))
        }
    }
}

impl ToTokens for Value {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Text(text) => text.to_tokens(tokens),
            Self::Integer(integer) => integer.to_tokens(tokens),
            Self::Natural(natural) => natural.to_tokens(tokens),
            Self::Boolean(boolean) => boolean.to_tokens(tokens),
        }
    }
}
