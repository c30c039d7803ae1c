//! Keeps traces, in memory and on disk, and writes them in the forms that other programs read.
//!
//! [`Ring`] keeps the newest in memory. [`Recorder`] appends all of them to a file, and [`Recording`] reads such a
//! file without anything that made it; the module [`recording`] says how the file is made, so that other programs can
//! read it as well. [`export`] writes them as JSON, for Perfetto, and for OpenTelemetry.
//!
//! It must never know how traces come about, nor who asks for them: neither the host nor the workbench.

pub mod export;
pub mod recording;
mod ring;
#[cfg(test)]
mod samples;
mod weight;

pub use recording::{Progress, Recorder, Recording, RecordingError};
pub use ring::Ring;
pub use weight::weight_in_bytes;
