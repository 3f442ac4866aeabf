//! What crosses a crate, seen from outside: each row of the contract is a case.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

// What the tests share.
mod support;

// In the order of a request.
mod answers;
mod attributes;
mod authorize;
mod bodies;
mod caching;
mod certificate;
mod challenges;
mod check;
mod claims;
mod confirmation;
mod cookie;
mod credentials;
mod demanded;
mod dpop;
mod drain;
mod extract;
mod forwarded;
mod found_addresses;
mod found_issuers;
mod granted;
mod grpc;
mod guards;
mod invented_names;
mod issuer;
mod issuer_names;
mod key_cold_start;
mod key_connections;
mod key_documents;
mod key_environment;
mod key_faults;
mod key_flights;
mod key_limits;
mod key_sets;
mod key_snapshots;
mod key_transport;
mod keys;
mod kinds;
mod many_issuers;
mod metadata;
mod paths;
mod preflight;
mod resolver;
mod sources;
mod template_problems;
mod templates;
mod token;
mod token_decided;

// What is around it.
mod config_code;
mod config_completed;
mod config_decided;
mod config_file;
mod config_named;
mod counters;
mod crowds;
mod exchange;
mod expired;
mod other_kinds;
mod properties;
mod providers;
mod proxies_page;
mod routes;
mod runtime_issuers;
mod schedules;
mod seen_before;
mod service;
mod unknown_keys;
mod verifier;
