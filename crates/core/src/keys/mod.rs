//! Stage 3: the issuers' public keys, kept fresh.
//!
//! A [`KeySource`] answers from memory while it can. Whether it may, must wait, or must refuse is decided by the
//! [`policy`], a pure function of state and time; the [`remote`] source is its hands. Keys come in through one seam,
//! [`Fetch`], and one parser that takes each key by itself.
//!
//! What that means in operation:
//!
//! - **Keys rotate.** A token with an unknown `kid` makes its own request wait for one refetch and is judged by what
//!   that brought. Refetches have a budget, so junk cannot turn the API into an amplifier against its issuer. Where that
//!   is empty, only a token from before the keys at hand is refused; a younger one is to come again.
//! - **The issuer is down.** Keys at hand serve until an hour past their lifetime; after that requests are answered
//!   503, never 401, because the fault is not the client's.
//! - **A key is withdrawn.** Its tokens are refused from the next refresh on: after the maximum lifetime at the latest,
//!   or while fetches fail as much later as old keys may serve.
//! - **Somebody else than the operator names an issuer.** It is asked at public addresses alone, and all such issuers
//!   share a budget.

mod discovery;
mod document;
mod freshness;
mod http;
mod jwk;
mod key_error;
mod meter;
pub(crate) mod pem;
mod policy;
mod pool;
mod public_address;
mod public_resolver;
mod remote;
mod set;
mod settings;
mod skipped;
mod snapshot;
mod source;
mod static_keys;
mod status;
pub(crate) mod strength;
#[cfg(feature = "vectors")]
pub(crate) mod vectors;

pub(crate) use crate::fetch::Fetch;
pub(crate) use crate::fetch::FetchError;
pub(crate) use crate::fetch::FetchFuture;
pub use http::HttpFetch;
pub use key_error::KeyError;
pub use key_error::KeyErrorKind;
pub use pool::KeyPool;
pub use settings::KeySettings;
pub use snapshot::KeySnapshot;
pub use snapshot::KeyStore;
pub use snapshot::StoreFuture;
pub use status::KeyCounters;
pub use status::KeyState;
pub use status::KeyStatus;

pub(crate) use discovery::Location;
pub(crate) use discovery::PlainHttp;
pub(crate) use discovery::Start;
pub(crate) use discovery::is_fetchable;
pub use discovery::oauth_url;
pub use discovery::openid_url;
pub(crate) use discovery::origin_of;
pub(crate) use http::ClientOptions;
pub(crate) use http::Reach;
pub(crate) use http::Reuse;
pub(crate) use policy::Cause;
pub(crate) use policy::SharedBudget;
pub(crate) use pool::Place;
pub(crate) use pool::Same;
pub(crate) use pool::Way;
pub(crate) use public_address::may_be_public;
pub(crate) use remote::RemoteKeys;
pub(crate) use source::Answer;
pub(crate) use source::Arrival;
pub(crate) use source::Ask;
pub(crate) use source::Done;
pub(crate) use source::KeySource;
pub(crate) use source::Keys;
pub(crate) use source::NoKeys;
pub(crate) use source::Wait;
pub(crate) use static_keys::StaticKeys;
