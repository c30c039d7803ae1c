//! MCP on both sides.
//!
//! It must never know Wasmtime, Tauri or egui.

mod server;

pub use server::{
    CALL_META_KEY, FAILURE_META_KEY, FailureKind, HttpExchange, HttpOptions, HttpServer, HttpTap,
    PAGE_IN_TOOLS, Rendered, ServeError, ServerInfo, ToolAnswer, ToolFailure, ToolFunction, ToolFuture,
    Toolbox, UncallableFunction, WorkloadTools, serve_stream,
};
