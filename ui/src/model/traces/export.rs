//! Ways out of the window for traces: what a file or an address is asked for.

use jackfield_protocol::{TraceFormat, TraceSelection, WorkloadId};

/// Where a collector listens if nothing is said.
pub const DEFAULT_COLLECTOR: &str = "http://127.0.0.1:4318";

/// What a file is wanted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathWish {
    /// To record a workload's traces into it.
    Record(WorkloadId),
    /// To read a recording from it.
    OpenRecording,
    /// To write traces to it.
    Export(TraceSelection, TraceFormat),
}

impl PathWish {
    /// What the dialog says.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            Self::Record(_) => "Record traces",
            Self::OpenRecording => "Open a recording",
            Self::Export(..) => "Export traces",
        }
    }

    /// Whether a file is to be written, and a name for it; nothing if one is to be read.
    #[must_use]
    pub fn file_name(&self) -> Option<&'static str> {
        match self {
            Self::Record(_) => Some("traces.jsonl"),
            Self::OpenRecording => None,
            Self::Export(_, TraceFormat::Json) => Some("traces.jsonl"),
            Self::Export(_, TraceFormat::Chrome) => Some("traces.chrome.json"),
            Self::Export(_, TraceFormat::Otlp) => Some("traces.otlp.json"),
        }
    }
}

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
