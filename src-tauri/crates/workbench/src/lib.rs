//! The application without a face.
//!
//! The [`Workbench`] owns the open workloads and the host that runs them. Whoever wants something
//! of it sends a [`Request`](jackfield_protocol::Request) through [`Workbench::dispatch`], and
//! follows [`Workbench::subscribe`] to hear what happens. The window and the `jack` command use
//! the same two methods, so that whatever one can do, the other can.
//!
//! It must never know Tauri, egui, or a terminal.

mod calls;
mod config;
mod data;
mod document;
mod events;
mod export;
mod functions;
mod log_ring;
mod manifest;
mod mcp;
mod open;
mod probes;
mod samples;
mod shelf;
mod traces;
mod workbench;

pub use config::Config;
pub use events::Subscription;
pub use manifest::read as read_manifest;
pub use workbench::Workbench;

use jackfield_protocol::{Error, ErrorKind};

/// Runs what reads and writes files where waiting is allowed.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::new(ErrorKind::Host, format!("the work came to an unexpected end: {error}")))
}
