//! Ways out of the window for traces: what an address is asked for, and what formats are called.

use jackfield_protocol::{TraceFormat, TraceSelection};

/// Where a collector listens if nothing is said.
pub const DEFAULT_COLLECTOR: &str = "http://127.0.0.1:4318";

/// The question where traces are to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendDraft {
    /// Which.
    pub traces: TraceSelection,
    /// The collector's address, as it is typed.
    pub endpoint: String,
    /// Why they could not be sent.
    pub error: Option<String>,
    /// Whether they are being sent.
    pub is_sending: bool,
}

/// What a format is called.
#[must_use]
pub(super) fn format_name(format: TraceFormat) -> &'static str {
    match format {
        TraceFormat::Json => "JSON Lines",
        TraceFormat::Chrome => "Chrome trace",
        TraceFormat::Otlp => "OTLP",
    }
}
