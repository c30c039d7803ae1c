//! What components print.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

use crate::{CallId, ComponentName, WorkloadId};

/// One line that a component printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LogRecord {
    /// The workload it belongs to.
    pub workload: WorkloadId,
    /// Counts the workload's records from 1, without gaps.
    pub seq: u64,
    /// When the line was complete: microseconds since 1970-01-01T00:00:00Z.
    pub time_unix_micros: i64,
    /// Who printed it.
    pub component: ComponentName,
    /// Where to.
    pub stream: LogStream,
    /// What a message of `wasi:logging` says it belongs to; nothing for what was printed. Untrusted, as `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// The line without its end; what was not UTF-8 is replaced. Untrusted: it may hold escape
    /// sequences and control characters.
    pub text: String,
    /// The call during which it was printed; none for a service's own lines.
    pub call: Option<CallId>,
}

impl LogRecord {
    /// The text behind its context, if it has one.
    #[must_use]
    pub fn text_in_context(&self) -> Cow<'_, str> {
        in_context(self.context.as_deref(), &self.text)
    }
}

/// A message's text behind its context, if it has one.
#[must_use]
pub fn in_context<'a>(context: Option<&str>, text: &'a str) -> Cow<'a, str> {
    match context {
        None | Some("") => Cow::Borrowed(text),
        Some(context) => Cow::Owned(format!("{context}: {text}")),
    }
}

/// Where a component printed to, or how much its message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum LogStream {
    /// `wasi:cli/stdout`.
    Stdout,
    /// `wasi:cli/stderr`.
    Stderr,
    /// `wasi:logging`.
    Log(LogLevel),
    /// Not printed by the component: the host says something about it.
    Host,
}

impl fmt::Display for LogStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::Log(level) => level.name(),
            Self::Host => "host",
        })
    }
}

/// How much a message of `wasi:logging` matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// Values of variables and the flow of control.
    Trace,
    /// For someone who debugs the program.
    Debug,
    /// For someone who watches the program.
    Info,
    /// Something hazardous.
    Warn,
    /// Something went wrong.
    Error,
    /// Something went wrong that cannot be mended.
    Critical,
}

impl LogLevel {
    /// All of them, the least first.
    pub const ALL: [Self; 6] =
        [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error, Self::Critical];

    /// Its name, in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}

/// A stretch of a workload's log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LogPage {
    /// Oldest first.
    pub records: Vec<LogRecord>,
    /// How many records before these are no longer kept in memory.
    pub dropped: u64,
}
