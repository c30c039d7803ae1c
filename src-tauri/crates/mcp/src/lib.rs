//! MCP on both sides.
//!
//! It must never know Wasmtime, Tauri or egui.
