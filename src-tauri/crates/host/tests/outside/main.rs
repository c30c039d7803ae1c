//! What components reach outside of themselves: permissions, volumes, the standard streams, the
//! workload's own network. Real components in a real Wasmtime: the samples `errands`, `clerk` and `scout`, and
//! small texts in `tests/guests` and `tests/outside/guests`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

mod datagrams;
mod http;
mod loopback;
mod permissions;
mod services;
mod standard_streams;
mod support;
mod volumes;
mod wasi_03;
