//! MCP on both sides: the client's connections, what is recorded of them, and workloads that are served.
//!
//! It must never know Wasmtime, Tauri or egui.

mod client;
mod record;
mod server;
mod session;

pub use client::{
    AskOptions, ConnectOptions, Connection, Duplex, Era, Failure, Notices, ProcessSpec, Target, UrlSpec,
};
pub use record::{FrameSink, Line, LineSplitter, MAX_FRAME_BYTES, Mark, Recorder, SseEvent, SseSplitter};
pub use server::{
    CALL_META_KEY, FAILURE_META_KEY, FailureKind, HttpExchange, HttpOptions, HttpServer, HttpTap,
    PAGE_IN_TOOLS, Rendered, ServeError, ServerInfo, ToolAnswer, ToolFailure, ToolFunction, ToolFuture,
    Toolbox, UncallableFunction, WorkloadTools, serve_stream,
};
pub use session::{SessionError, Sessions};
