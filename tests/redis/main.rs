//! What instances remember together in a Redis: Debian's `redis-server`, on loopback, once for each test.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop there")]

mod api;
mod away;
mod broken;
mod deaf;
mod echo;
#[path = "../it/support/identity.rs"]
mod identity;
mod keys;
#[path = "../log/listen.rs"]
mod listen;
mod once;
mod processes;
mod proxy;
mod server;
mod tls;
mod wrong_server;
