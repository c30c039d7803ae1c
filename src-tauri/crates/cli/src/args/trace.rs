//! What `jack trace` can be told.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use jackfield_protocol::TraceFormat;

pub(super) const EXAMPLES: &str = "\
A recording is a file to which traces of a workload were appended while it ran. It is read without the workload.

Examples:
  jack trace list traces.jsonl
  jack trace show traces.jsonl
  jack trace show traces.jsonl 17 --json | jq '.spans[].function'
  jack trace export traces.jsonl --format chrome -o trace.json     # then open it in https://ui.perfetto.dev
  jack trace send traces.jsonl --endpoint http://127.0.0.1:4318";

const SEND_HELP: &str = "\
Credentials come from OTEL_EXPORTER_OTLP_HEADERS, as OpenTelemetry has it: authorization=Bearer%20TOKEN.
Sending the same traces again makes nothing of them twice: their ids are the same each time.";

/// One of `jack trace`'s own commands.
#[derive(Debug, Subcommand)]
pub(crate) enum TraceCommand {
    /// List the traces of a recording
    List {
        /// The recording
        file: PathBuf,
    },
    /// Show which calls a call caused, with their values and times
    Show {
        /// The recording
        file: PathBuf,
        /// Which trace, by its number in the list; the last one if nothing is said
        number: Option<u64>,
    },
    /// Write the traces of a recording for another program
    Export {
        /// The recording
        file: PathBuf,
        /// For which program
        #[arg(long)]
        format: Format,
        /// Where to, `-` for standard output; a file that exists is replaced
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Send the traces of a recording to an OpenTelemetry collector
    #[command(after_help = SEND_HELP)]
    Send {
        /// The recording
        file: PathBuf,
        /// Where the collector takes OTLP over HTTP, like http://127.0.0.1:4318
        #[arg(long, value_name = "URL")]
        endpoint: String,
    },
}

/// What traces are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One trace on each line
    Json,
    /// For Perfetto and chrome://tracing
    Chrome,
    /// For OpenTelemetry: one ExportTraceServiceRequest
    Otlp,
}

impl From<Format> for TraceFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Json => Self::Json,
            Format::Chrome => Self::Chrome,
            Format::Otlp => Self::Otlp,
        }
    }
}
