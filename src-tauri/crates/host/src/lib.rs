//! Plans workloads and runs them in Wasmtime.
//!
//! The way of a workload: [`workload::load`] reads the file and its components, [`plan::plan`]
//! computes the links as plain data, and [`Host::start`] runs that plan. For each component that
//! is a way in, everything it reaches is fused into one component, which Wasmtime
//! compiles; calls between components never pass through the host.
//!
//! It must never know Tauri, egui or MCP, nor who asked.

mod acting;
mod answer;
mod bounded;
mod calls;
mod compiling;
mod compose;
mod engine;
mod entry;
mod error;
pub mod export;
mod failure;
mod files;
mod function;
mod host;
mod http;
mod limiter;
mod network;
mod observe;
mod observer;
mod permission;
pub mod plan;
pub mod plugin;
mod probe;
mod reload;
mod running;
mod scoped;
mod service;
mod stdin;
mod stdio;
mod store;
mod stub;
mod ticker;
mod value;
mod volume;
pub mod workload;

pub use calls::next_call;
pub use entry::CallSession;
pub use error::HostError;
pub use failure::{Culprit, Failure};
pub use function::CallError;
pub use host::{Host, HostConfig};
pub use limiter::Limit;
pub use observe::ProbeBoard;
pub use observer::{Line, Observer};
pub use reload::{NotReloaded, Reloaded};
pub use running::Running;
pub use stdin::StdinWriter;
pub use value::Gone;
