//! MCP on both sides.
//!
//! It must never know Wasmtime, Tauri or egui.

mod client;
mod record;
mod session;

pub use client::{
    AskOptions, ConnectOptions, Connection, Duplex, Era, Failure, Notices, ProcessSpec, Target, UrlSpec,
};
pub use record::{FrameSink, Line, LineSplitter, MAX_FRAME_BYTES, Mark, Recorder, SseEvent, SseSplitter};
pub use session::{SessionError, Sessions};
