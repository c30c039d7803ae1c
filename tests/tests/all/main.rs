//! Tests across crates, in one binary, because each binary links Wasmtime.
//!
//! They expect the samples, the programs and the UI bundle to be built: run `cargo xtask test`.
#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by panicking, also in its helpers"
)]

mod cli;
mod compose;
mod errands;
mod guests;
mod mcp;
mod real_window;
mod ui_flow;
mod workbench;
