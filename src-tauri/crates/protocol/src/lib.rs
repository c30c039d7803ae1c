//! What Jackfield's parts say to one another, as plain data.
//!
//! The window, the `jack` command and the workbench share these types and nothing else. They hold
//! no behaviour beyond naming and describing what they carry, and the crate depends on `serde`
//! alone, so that it compiles for the desktop and for the webview (`wasm32-unknown-unknown`).
//! It must never know Wasmtime, Tauri, egui, or how a request is carried.
//!
//! Everything is externally tagged and in kebab-case, so that the JSON is the same in the window's
//! IPC, in `jack --json`, and in files.

mod call;
mod component;
mod diagnostic;
mod error;
mod event;
mod id;
mod log;
mod plan;
mod request;
mod types;
mod workload;

pub use call::CallOutcome;
pub use component::{
    ComponentInfo, Direction, Function, FunctionKind, InterfaceName, Param, Port, PortKind, Producer,
};
pub use diagnostic::{Diagnostic, Severity};
pub use error::{Error, ErrorKind, Problem};
pub use event::Event;
pub use id::{CallId, ComponentName, Digest, WorkloadId};
pub use log::{LogPage, LogRecord, LogStream};
pub use plan::{Candidate, Entry, EntryKind, Link, LinkTarget, Node, Plan, Rule, Why};
pub use request::{Heartbeat, Request, Response, Sample, Snapshot};
pub use types::{
    BadType, Case, Field, FunctionTypes, Integer, Label, ParamType, TypeDef, TypeGraph, TypeId, TypeKind,
};
pub use workload::{Listening, WorkloadState, WorkloadView};
