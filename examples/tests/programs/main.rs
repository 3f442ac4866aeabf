//! Every example, run as a user runs it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop there")]

mod calling_on;
mod dpop;
#[cfg(feature = "grpc")]
mod grpc;
mod issuers;
mod mcp_resource_server;
#[cfg(feature = "mutual-tls")]
mod mutual_tls;
mod program;
mod providers;
mod quickstart;
mod resource_server;
mod small;
mod step_up;
mod uploads;
