//! What happens to an API when keys rotate, when the issuer is down, and when junk arrives.
//!
//! The numbers are the defaults; each can be set in [`KeySettings`](crate::KeySettings).
//!
//! # Keys rotate
//!
//! An issuer publishes a new key and signs with it. The first token that names it finds no such key here; its request
//! waits while the set is fetched once more, and is judged by what that brings. No other request waits, and of many
//! that need the new key one causes the fetch. An issuer that publishes its new keys a while before it signs with them
//! is not even waited for: the set is fetched anew, behind a request, from 80 % of its lifetime on. The lifetime is what
//! the issuer states with `Cache-Control` or `Expires`, at least a minute and at most an hour, or ten minutes if it
//! states nothing.
//!
//! A key that the issuer withdraws is refused from the next fetch on, also for tokens that were believed before.
//!
//! A key that is replaced under its old name is found too: a signature that fails under a known name causes one fetch,
//! at most one in five minutes. Where a token names no key, a signature that fails counts as an unknown key.
//!
//! A cache between the issuer and the API may still have the old set. The fetch for an unknown key says `no-cache`, and
//! an answer that was in a cache nevertheless (`Age`) calls no token invalid that may be younger than it.
//!
//! # The issuer is down
//!
//! Keys at hand serve on for an hour past their lifetime, and tries go on behind the requests, a second apart at first
//! and a minute at last. After that hour requests are answered 503 with `Retry-After`, never 401: a client that hears
//! 401 throws its good token away.
//!
//! An API that starts while its issuer is down answers 503 from the beginning. One that starts together with its issuer
//! does not: while no keys are known, a fetch that failed at once is tried again after 0.1, 0.3 and 0.7 seconds, as long
//! as requests wait, which they do for two seconds. Issuers found at run time have no such tries.
//!
//! A token that names an unknown key while fetches fail is answered 503 as well, because nobody can tell whether it is
//! good.
//!
//! An issuer whose metadata suddenly name another issuer is not believed: its old keys serve on, and the log has an
//! error.
//!
//! # The network between
//!
//! Documents come over HTTP/1.1, each over a connection of its own. Keys are due every few minutes, so a handshake costs
//! nothing that anybody notices, and a connection cannot be used again that was dropped meanwhile or went deaf: with one of
//! HTTP/2 on which everything is acknowledged and nothing answered, keys would be gone after the hour that old ones serve,
//! while the issuer serves everybody else. A fetch without an answer fails after 5 s, 2 s of that for the connection.
//!
//! Proxies are those of the environment: `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY`, as `http://`, `https://`,
//! `socks5://` or `socks5h://`, with exceptions in `NO_PROXY`. Loopback hosts are never asked through one, and neither are
//! issuers found at run time.
//!
//! https needs root certificates: those of the platform (Debian's package `ca-certificates`), or
//! [`with_ca_file`](crate::Issuer::with_ca_file). In an image without any, an issuer over plain http starts all the same.
//!
//! # Junk arrives
//!
//! A token that is malformed, of an unknown issuer, or of a wrong type or algorithm is refused without any fetch, and so
//! is one with an unknown key that has expired or is meant for somebody else. Other tokens with an invented key name may
//! cause a fetch, but all of them together cause two at once and one more every 30 seconds. Nothing is remembered of an
//! invented name, so junk fills no memory and bars no key that comes later.
//!
//! What junk can do is to use up those fetches. A token with an unknown key is then invalid only if it was issued before
//! the keys at hand were fetched. A younger one may be signed with a key that was rotated in without notice: it is
//! answered 429 with `Retry-After` until the next fetch, at most 30 seconds later. That is neither 401, for which clients
//! throw a good token away, nor 503, for which proxies take an instance out of service that strangers could so shut down.
//!
//! # What is published cannot all be used
//!
//! Each key of a set is judged by itself. One that cannot be used is skipped, and the log names it and says why, once:
//! keys for encryption, symmetric and private ones, RSA keys under 2048 or over 8192 bits or with an exponent that is even,
//! one or over 33 bits, points that are not on their curve. Members that are `null` are absent, as serializers of whole
//! structures write them (.NET's `JsonWebKey`), and so are empty lists. Two keys with the same `kid` and type are both
//! dropped, with an error in the log. When no key is left, the fetch has failed: old keys serve on, and the reasons stand
//! in [`Verifier::status`](crate::Verifier::status) too.
//!
//! A key with a member `issuer` signs for that issuer alone. Entra ID publishes the keys of many tenants in one set.
//!
//! # The issuer's name is not an address
//!
//! Where the keys come from [`with_jwks_uri`](crate::Issuer::with_jwks_uri),
//! [`with_discovery_url`](crate::Issuer::with_discovery_url), a file, text or PEM, nothing is fetched from the issuer
//! itself, and its name can be any text that is not blank: `urn:example:issuer`, the address of a service account, or that
//! of AD FS.
//!
//! ```
//! use claviger_core::Issuer;
//! use claviger_core::Verifier;
//!
//! let adfs = Issuer::new("http://adfs.example.com/adfs/services/trust", "https://api.example.com")
//!     .with_jwks_uri("https://adfs.example.com/adfs/discovery/keys");
//! assert!(Verifier::builder(adfs).build().is_ok());
//! ```
//!
//! # A customer names the issuer
//!
//! An issuer that stands in a customer's record, and not in the operator's own configuration, is added with
//! [`Issuer::found_at_run_time`](crate::Issuer::found_at_run_time). Whoever writes that record could otherwise make the
//! API ask any address that it can reach.
//!
//! Such an issuer is asked at public addresses alone. A name that resolves to this machine, to the network behind it or
//! to the metadata of a cloud gets no connection, whatever it resolved to before; its tokens are answered 503, and the
//! log has the class `not_public`. All such issuers may cause ten fetches at once together and one more a second, and one
//! that fails is left alone for a minute. When all that is used up, keys at hand serve on, and tokens that need others
//! are answered 503. The operator's own issuers notice nothing of it.
//!
//! Strangers can invent names, and would use all of it up. Half is therefore kept for issuers that have verified a
//! signature before: in this process, in a [`KeySnapshot`](crate::KeySnapshot) or in the [`KeyStore`](crate::KeyStore).
//! The other half goes to the new name that most requests of the last minute were for, and each has one try a minute. A
//! new customer who comes again is thus ahead of any number of names that come once.
//!
//! # Issuers come and go
//!
//! [`Verifier::add_issuer`](crate::Verifier::add_issuer) and [`Verifier::remove_issuer`](crate::Verifier::remove_issuer)
//! work while requests are judged, and for all clones of a verifier. A removed issuer's tokens are refused from that
//! moment on, also those that were waiting for its keys.
//!
//! # The application decides
//!
//! An [`IssuerResolver`](crate::IssuerResolver) is asked for each request which issuers are allowed: by the path, the
//! host or a field, and by what the token says of its issuer. It is asked before any network access, and never about
//! junk. Where it fails, the request is answered 503, and only the log hears why. Issuers that it brings are found at
//! run time; those that it names are judged as they are configured.
//!
//! # Each tenant is an issuer
//!
//! An issuer with `{tenant}` in it ([`Issuer::with_tenant_claim`](crate::Issuer::with_tenant_claim)) is one for each
//! tenant. What is no plain name is refused before any fetch, and so is a tenant that is not on the list, if there is
//! one; the claim that names the tenant must agree. A thousand tenants are kept with their keys
//! ([`with_max_found_issuers`](crate::VerifierBuilder::with_max_found_issuers)); invented ones push out each other, and
//! none that was ever seen to sign.
//!
//! # To watch it
//!
//! ```
//! use claviger_core::Issuer;
//! use claviger_core::KeyState;
//! use claviger_core::Verifier;
//!
//! let verifier = Verifier::builder(Issuer::new("https://issuer.example", "https://api.example")).build()?;
//! let status = &verifier.status()[0];
//! assert_eq!(status.state, KeyState::Empty);
//! assert_eq!((status.counters.fetches, status.counters.failures), (0, 0));
//! # Ok::<(), claviger_core::error::ConfigError>(())
//! ```
//!
//! [`Verifier::ready`](crate::Verifier::ready) has the keys before the first request,
//! [`Verifier::refresh_now`](crate::Verifier::refresh_now) fetches them whatever their age. Events tell each change of a
//! set, each failure with its class, and each key that is skipped.
