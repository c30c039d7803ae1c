//! What can go wrong on the way out.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use jackfield_protocol::{Error, ErrorKind};

use crate::RecordingError;

/// Why traces could not be written to a file.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// They cannot be read.
    #[error(transparent)]
    Traces(#[from] RecordingError),
    /// The file cannot be written.
    #[error("cannot write the traces: {source}: {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl From<ExportError> for Error {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Traces(error) => error.into(),
            error @ ExportError::Write { .. } => Self::new(ErrorKind::File, error.to_string())
                .with_help("check that the folder is there, its permissions and the free space"),
        }
    }
}

/// Why traces could not be sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// They cannot be read.
    #[error(transparent)]
    Traces(#[from] RecordingError),
    /// The address is none.
    #[error("`{endpoint}` is not the address of a collector: {reason}")]
    BadEndpoint {
        /// What was given.
        endpoint: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no connection.
    #[error("no collector can be reached at {url}: {reason}")]
    Unreachable {
        /// Where it was tried.
        url: String,
        /// Why.
        reason: String,
    },
    /// It does not answer.
    #[error("the collector at {url} did not answer within {} s", limit.as_secs_f64())]
    TimedOut {
        /// Where.
        url: String,
        /// How long it was waited for.
        limit: Duration,
    },
    /// It answers with an error.
    #[error("the collector at {url} answered {status}{}", said(body))]
    Refused {
        /// Where.
        url: String,
        /// The status, with its name.
        status: String,
        /// The beginning of what it said. Untrusted.
        body: String,
    },
    /// It took only some of it.
    #[error("the collector at {url} did not take {spans} of the spans{}", said(reason))]
    Rejected {
        /// Where.
        url: String,
        /// How many.
        spans: i64,
        /// What it said. Untrusted.
        reason: String,
    },
    /// The exporter itself gave up.
    #[error("the traces could not be sent to {url}: {reason}")]
    Other {
        /// Where.
        url: String,
        /// Why.
        reason: String,
    },
}

fn said(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}

impl From<SendError> for Error {
    fn from(error: SendError) -> Self {
        let (kind, help) = match &error {
            // In the terms of whoever reads recordings, whose own words are already there.
            SendError::Traces(_) => (ErrorKind::File, "`jack trace list FILE` shows what can be read of it"),
            SendError::BadEndpoint { .. } => (
                ErrorKind::Request,
                "write it like http://127.0.0.1:4318, where collectors take OTLP over HTTP",
            ),
            SendError::Unreachable { .. } => (
                ErrorKind::Request,
                "start the collector, and use the port on which it takes OTLP over HTTP: 4318 as a rule (4317 is gRPC)",
            ),
            SendError::TimedOut { .. } => {
                (ErrorKind::TimedOut, "look at what the collector does, and whether a firewall is in the way")
            }
            SendError::Refused { status, .. } => (ErrorKind::Request, advice(status)),
            SendError::Rejected { .. } => (ErrorKind::Request, "the collector's own log says more"),
            SendError::Other { .. } => {
                (ErrorKind::Request, "look at the variables OTEL_EXPORTER_OTLP_* in the environment")
            }
        };
        Self::new(kind, error.to_string()).with_help(help)
    }
}

fn advice(status: &str) -> &'static str {
    match status.get(..3) {
        Some("401" | "403") => {
            "give the credentials that it wants in OTEL_EXPORTER_OTLP_HEADERS, like authorization=Bearer%20TOKEN"
        }
        Some("404" | "405") => "name the address without /v1/traces, or with the path that it takes OTLP at",
        Some("413") => "let the collector take larger requests, or send fewer traces",
        Some("429" | "502" | "503" | "504") => "it is busy or not ready: try again in a moment",
        Some("400" | "415" | "422") => {
            "make sure that it is a collector that takes OTLP over HTTP with protobuf"
        }
        Some("301" | "302" | "303" | "307" | "308") => {
            "name the address that it points to: redirects are not followed"
        }
        _ => "the collector's own log says more",
    }
}
