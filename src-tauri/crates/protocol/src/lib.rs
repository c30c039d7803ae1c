//! What Jackfield's parts say to one another, as plain data.
//!
//! The window, the `jack` command and the workbench share these types and nothing else. They hold
//! no behaviour beyond naming and describing what they carry, and the crate depends on `serde`
//! and `serde_json`'s
//! values alone, so that it compiles for the desktop and for the webview (`wasm32-unknown-unknown`).
//! It must never know Wasmtime, Tauri, egui, or how a request is carried.
//!
//! Everything is externally tagged and in kebab-case, so that the JSON is the same in the window's
//! IPC, in `jack --json`, and in files.

mod answer;
mod call;
mod component;
mod denial;
mod diagnostic;
mod diagnostic_text;
mod edit;
mod error;
mod event;
mod export;
mod fix;
mod functions;
mod id;
mod library;
mod log;
mod mcp;
mod mismatch;
mod plan;
mod probe;
mod request;
mod row_problem;
mod session;
mod shared;
mod trace;
mod types;
mod why;
mod workload;

pub use answer::{AnswerProblem, StubAnswer};
pub use call::CallOutcome;
pub use component::{
    ComponentInfo, Direction, Function, FunctionKind, InterfaceName, Param, Port, PortKind, Producer,
};
pub use denial::{Denial, Permitted, PermittedVolume, Wanted};
pub use diagnostic::{Diagnostic, Severity};
pub use edit::{ComponentSettings, Edit, EditLinkEnd};
pub use error::{Error, ErrorKind, Problem};
pub use event::Event;
pub use export::{
    ExportFinding, ExportForm, Exported, ExportedFile, Fate, ImportFinding, Imported, NotCarried,
    WrittenExport, WrittenFile,
};
pub use fix::Fix;
pub use functions::{ExportedFunction, Functions};
pub use id::{CallId, CallSessionId, ComponentName, Digest, WorkloadId};
pub use library::{LibraryEntry, LibraryPage, LibraryRequest, LibraryResponse, LibraryVersion, Transfer};
pub use log::{LogLevel, LogPage, LogRecord, LogStream, in_context};
pub use mcp::{
    ConnectionId, ConnectionState, ConnectionView, Endpoint, McpNotice, McpRequest, McpResponse, ServerView,
    Ticket, ToolOutcome, ToolView,
};
pub use mismatch::{Difference, Member, Mismatch, Step};
pub use plan::{Candidate, Entry, EntryKind, Link, LinkTarget, Node, Plan};
pub use probe::{
    Action, HeldCall, HeldParam, HoldId, Intervention, InterventionId, ProbeLevel, ProbeSelection,
    ProbeSetting, ProbeSite, Probes, Release, SiteFigures,
};
pub use request::{Heartbeat, Request, Response, Sample, Snapshot};
pub use row_problem::RowProblem;
pub use session::{Frame, FrameBytes, FrameKind, FramePage, FrameWay, SessionId, SessionRole, SessionView};
pub use shared::SharedText;
pub use trace::{
    Argument, Cost, Outcome, Provider, Span, Trace, TraceContext, TraceFormat, TraceId, TraceLine,
    TraceSelection, TraceSummary, Unobserved,
};
pub use types::{
    BadType, Case, Field, FunctionTypes, Integer, Label, ParamType, TypeDef, TypeGraph, TypeId, TypeKind,
};
pub use why::{NotTaken, Reason, Rule, Why};
pub use workload::{Listening, WorkloadState, WorkloadView};
