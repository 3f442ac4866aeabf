//! The test kit, judged from outside: by josekit, by OpenSSL, by reqwest, and by plain sockets.

#![expect(clippy::unwrap_used, reason = "a helper that fails here fails its test")]

mod client;

mod configured;
mod faults;
mod misuse;
mod serving;
mod signatures;
mod tokens;
