//! Tests across crates, in one binary, because each binary links Wasmtime.
//!
//! They expect the samples, the programs and the UI bundle to be built: run `cargo xtask test`.
#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by panicking, also in its helpers"
)]

mod all_probes;
mod blobby;
mod calls;
mod cli;
mod compose;
mod errands;
mod export;
mod fuzz;
mod guests;
mod mcp;
mod probes;
// How the library's own tests start a registry and break the wire to it.
#[path = "../../../src-tauri/crates/library/tests/library/proxy.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "shared with the library's tests, which use all of it")]
mod proxy;
mod published;
mod real_window;
mod registries;
#[path = "../../../src-tauri/crates/library/tests/library/server.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "shared with the library's tests, which use all of it")]
mod server;
mod traces;
mod ui_flow;
mod workbench;
