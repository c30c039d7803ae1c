//! The recorder, the session files and the client, against real processes and real sockets.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking"
)]

mod bad_http;
mod bad_process;
mod bytes;
mod calls;
mod duplex;
mod everything;
mod http;
mod http_server;
mod process;
mod sessions;
mod support;
