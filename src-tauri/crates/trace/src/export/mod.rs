//! Traces for other programs: JSON lines, Chrome's Trace Event Format, and OpenTelemetry.
//!
//! Traces are taken one at a time, so that a recording of any size passes through in little memory.

mod chrome;
mod error;
mod file;
mod http;
mod lanes;
pub mod otlp;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use jackfield_protocol::{Trace, TraceFormat};

use crate::RecordingError;

pub use error::{ExportError, SendError};
pub use otlp::{SendOptions, send};

/// Where traces to be exported come from: a list, or a recording.
pub trait Source: Iterator<Item = Result<Arc<Trace>, RecordingError>> {}

impl<T: Iterator<Item = Result<Arc<Trace>, RecordingError>>> Source for T {}

/// Traces in one form, written one after the other.
trait Form {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()>;
    fn trace(&mut self, trace: &Trace, out: &mut dyn Write) -> io::Result<()>;
    fn end(&mut self, out: &mut dyn Write) -> io::Result<()>;
}

/// Writes traces to a file, in place of what it held, and tells how many there were. Only the owner can read it.
/// Where it fails, the file stays as it was.
///
/// # Errors
/// If a trace cannot be read, or the file not be written.
pub fn to_file(path: &Path, format: TraceFormat, traces: impl Source) -> Result<u64, ExportError> {
    let write_error = |source| ExportError::Write { path: path.to_owned(), source };
    let mut out = file::Replacement::begin(path).map_err(write_error)?;
    let count = match format {
        TraceFormat::Json => write(&mut Json, traces, &mut out, write_error),
        TraceFormat::Chrome => write(&mut chrome::Chrome::default(), traces, &mut out, write_error),
        TraceFormat::Otlp => write(&mut otlp::Request::default(), traces, &mut out, write_error),
    }?;
    out.finish().map_err(write_error)?;
    Ok(count)
}

fn write(
    form: &mut dyn Form,
    traces: impl Source,
    out: &mut dyn Write,
    error: impl Fn(io::Error) -> ExportError,
) -> Result<u64, ExportError> {
    form.begin(out).map_err(&error)?;
    let mut count = 0;
    for trace in traces {
        form.trace(&*trace?, out).map_err(&error)?;
        count += 1;
    }
    form.end(out).map_err(&error)?;
    Ok(count)
}

/// A [`Trace`] on each line.
struct Json;

impl Form for Json {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn trace(&mut self, trace: &Trace, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, trace)?;
        out.write_all(b"\n")
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}
