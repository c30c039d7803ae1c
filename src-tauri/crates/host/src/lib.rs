//! Plans workloads and runs them in Wasmtime.
//!
//! The way of a workload: [`workload::load`] reads the file and its components, [`plan::plan`]
//! computes the links as plain data, and [`Host::start`] runs that plan. For each component that
//! is a way in, everything it reaches is fused into one component, which Wasmtime
//! compiles; calls between components never pass through the host.
//!
//! It must never know Tauri, egui or MCP, nor who asked.

mod catalog;
mod compose;
mod entry;
mod error;
mod failure;
mod function;
mod host;
mod http;
mod limiter;
mod network;
mod observer;
pub mod plan;
mod probe;
mod running;
mod scoped;
mod service;
mod stdio;
mod store;
mod stub;
mod ticker;
pub mod workload;

pub use entry::next_call;
pub use error::HostError;
pub use host::{Host, HostConfig};
pub use observer::{Line, Observer};
pub use running::Running;
