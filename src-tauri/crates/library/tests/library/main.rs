//! The library against a real registry, broken ones, and other processes.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking"
)]

mod bad_registries;
mod interchange;
mod keeping;
mod processes;
mod proxy;
mod real_registry;
mod searching;
mod server;
mod support;
