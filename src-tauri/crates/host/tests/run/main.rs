//! Running workloads: real components in a real Wasmtime, from small texts in `tests/guests`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

mod http;
mod instances;
mod limits;
mod reload;
mod starting;
mod stubs;
mod support;
mod values;
