//! The window: everything inside its frame, drawn with egui over the protocol.
//!
//! ```text
//! input -> Action -> Model::apply -> Effect -> Backend -> workbench
//! view  <- Model  <- Model::observe <- Incoming <- Backend
//! ```
//!
//! Views read the [`Model`](model::Model) and emit [`Action`](action::Action)s; one place applies
//! them. The crate must never know the host, Wasmtime or Tauri's Rust side: it compiles for the
//! webview, and natively for tests. In the webview `web::start` is the way in; elsewhere make an
//! [`App`] over any [`Backend`] and call [`App::show`] each frame.
//!
//! **An idle window draws nothing.** No view may ask for a frame because it was drawn.

pub mod action;
pub mod backend;
pub mod command;
pub mod model;
pub mod theme;

mod app;
mod canvas;
mod panels;
mod text;
#[cfg(target_arch = "wasm32")]
pub mod web;

#[cfg(test)]
mod tests;

pub use app::App;
pub use backend::{Backend, Incoming, Ticket};
