//! The attributes of claviger, which reexports them: what an axum handler demands of a token, written above it.
//!
//! They check what is written when the program is compiled, make a type of it that implements `Demand`, and wrap the
//! handler's first argument in `Scoped`; what happens at a request is claviger's.

// What is written, checked.
mod attr;
mod need;
mod text;

// What it stands above.
mod block;
mod handler;

// What comes of it.
mod expand;
mod policy;

use proc_macro::TokenStream;

/// Lets a handler be called only with a token that has what is written in the parentheses.
///
/// ```
/// use claviger::require_scope;
///
/// #[require_scope("read:reports")]
/// async fn reports() -> &'static str {
///     "the reports"
/// }
/// # let _: axum::Router = axum::Router::new().route("/reports", axum::routing::get(reports));
/// ```
///
/// Several needs are separated by commas, and each of them has to be met:
///
/// ```
/// use axum::extract::Path;
/// use claviger::VerifiedToken;
/// use claviger::require_scope;
///
/// fn is_staff(token: &VerifiedToken) -> bool {
///     token.subject().is_some_and(|subject| subject.starts_with("staff|"))
/// }
///
/// #[require_scope("write:reports", any("export", role("auditor"), predicate(is_staff)), path(tenant = "tenant_id"))]
/// async fn export(Path(tenant): Path<String>) -> String {
///     format!("the reports of {tenant}")
/// }
/// # let _: axum::Router = axum::Router::new().route("/{tenant}", axum::routing::get(export));
/// ```
///
/// | Written | Needed |
/// |---|---|
/// | `"read:reports"` | this scope |
/// | `any(…, …)` | one of these |
/// | `all(…, …)` | each of these, for inside of `any` |
/// | `permission("…")`, `role("…")` | an element of the claim `permissions`, of the claim `roles` |
/// | `organization("org_1")` | this organization, by its id in the claim `organizations` |
/// | `organization(path = "org")` | the organization whose id the path parameter `org` is |
/// | `claim(org_id)` | the claim, with any value but `null`; a name that is no identifier as text: `claim("https://ns.example/tier")` |
/// | `claim(org_id = "acme")`, `= 7`, `= true` | the claim with this very value |
/// | `path(tenant = "tenant_id")` | the path parameter `tenant` is what the claim `tenant_id` says |
/// | `acr("gold", "silver")` | an authentication in one of these ways, the preferred one first (RFC 9470) |
/// | `max_age = 300`, `= "5m"` | an authentication at most so long ago: seconds, or text with `s`, `m` or `h` (RFC 9470) |
/// | `predicate(is_staff)` | a `fn(&VerifiedToken) -> bool` says so; the log names it as it is written |
/// | `authenticated` | nothing but a token that is believed |
/// | `denied` | what no token has |
///
/// `report_only` beside them lets everybody through and logs and counts who would be refused. Several attributes above
/// one handler are one demand, of all that is written in them.
///
/// # What becomes of the handler
///
/// Its first argument `Claims<User>` becomes `Scoped<D, Claims<User>>`, where `D` is a type that knows the demand; the
/// body sees the argument as it is written. A handler without arguments gets one. All else stays. So the demand is judged
/// before any extractor runs, and a unit test calls the handler with `Scoped::unchecked`:
///
/// ```
/// use axum::Json;
/// use claviger::extract::Scoped;
/// use claviger::require_scope;
///
/// #[require_scope("write:reports")]
/// async fn create(Json(title): Json<String>) -> String {
///     title
/// }
///
/// # async fn test() {
/// assert_eq!(create(Scoped::unchecked(Json("May".to_owned()))).await, "May");
/// # }
/// ```
///
/// Functions of an `impl` block need [`guarded`](macro@guarded) above the block. axum's `#[debug_handler]` stands above
/// this attribute, where it sees the handler as it is written; below it, if the handler has no arguments.
#[proc_macro_attribute]
pub fn require_scope(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expand::function(attribute.into(), &item.into()).into()
}

/// A policy, written as in [`require_scope`](macro@require_scope) and checked when it is compiled.
///
/// ```
/// use claviger::RequireScopeLayer;
/// use claviger::policy;
///
/// let guard = RequireScopeLayer::new(policy!("read:reports", any("export", role("auditor"))));
/// # let _ = guard;
/// ```
///
/// What is no scope does not compile:
///
/// ```compile_fail
/// let guard = claviger::RequireScopeLayer::new(claviger::policy!("read reports"));
/// ```
#[proc_macro]
pub fn policy(tokens: TokenStream) -> TokenStream {
    expand::expression(tokens.into()).into()
}

/// Makes a type a demand, for `Scoped` and for several handlers that demand the same.
///
/// What is demanded is written in `#[demand(…)]`, as in [`require_scope`](macro@require_scope).
///
/// ```
/// use claviger::authorize::Demand;
/// use claviger::extract::Scoped;
///
/// #[derive(Demand)]
/// #[demand("read:reports", any("export", role("auditor")))]
/// struct Export;
///
/// async fn export(_: Scoped<Export>) -> &'static str {
///     "exported"
/// }
/// # let _: axum::Router = axum::Router::new().route("/export", axum::routing::get(export));
/// assert_eq!(Export::policy().to_string(), r#""read:reports", any("export", role("auditor"))"#);
/// ```
#[proc_macro_derive(Demand, attributes(demand))]
pub fn derive_demand(item: TokenStream) -> TokenStream {
    expand::derived(item.into()).into()
}

/// Lets `#[require_scope(…)]` stand above the functions of an `impl` block.
///
/// ```
/// use axum::extract::State;
/// use claviger::guarded;
/// use claviger::require_scope;
///
/// struct Reports;
///
/// #[guarded]
/// impl Reports {
///     #[require_scope("read:reports")]
///     async fn list(State(title): State<String>) -> String {
///         title
///     }
///
///     fn of_nobody() -> &'static str {
///         "functions without the attribute stay as they are"
///     }
/// }
/// # let _ = Reports::of_nobody();
/// # let _: axum::Router<String> = axum::Router::new().route("/reports", axum::routing::get(Reports::list));
/// ```
#[proc_macro_attribute]
pub fn guarded(attribute: TokenStream, item: TokenStream) -> TokenStream {
    expand::block(attribute.into(), &item.into()).into()
}
