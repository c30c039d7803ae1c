//! What happened below one call: the calls between components that it caused, and what they printed.

use serde::{Deserialize, Serialize};

use crate::{CallId, ComponentName, LogStream, SharedText, WorkloadId};

/// Names a trace for as long as the workbench runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TraceId(pub u64);

/// The tree of calls below one call into a workload, or below one call that its service made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Trace {
    /// Its name in the workbench; 0 until it has one.
    pub id: TraceId,
    /// The workload in which it happened; nothing if the trace comes from a file.
    pub workload: Option<WorkloadId>,
    /// The workload's name.
    pub workload_name: String,
    /// The call, if it came from outside; its log lines carry the same.
    pub call: Option<CallId>,
    /// When the first span began: microseconds since 1970-01-01T00:00:00Z.
    pub start_unix_micros: i64,
    /// The calls, each after the one that caused it. The first is the call itself.
    pub spans: Vec<Span>,
    /// How many more there were than are kept.
    pub dropped: u64,
    /// What was printed meanwhile, oldest first.
    #[serde(default)]
    pub lines: Vec<TraceLine>,
    /// How many more lines there were than are kept here. The workload's log has all of them.
    #[serde(default)]
    pub dropped_lines: u64,
    /// What the call cost.
    #[serde(default)]
    pub cost: Cost,
    /// The trace of the caller that this one continues, if the caller told one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<TraceContext>,
    /// Links that were to be observed and could not be, and why. What goes over them is missing here.
    #[serde(default)]
    pub unobserved: Vec<Unobserved>,
}

impl Trace {
    /// The call itself: the first span.
    #[must_use]
    pub fn root(&self) -> Option<&Span> {
        self.spans.first()
    }

    /// What a list shows of it.
    #[must_use]
    pub fn summary(&self) -> TraceSummary {
        let root = self.root();
        TraceSummary {
            id: self.id,
            workload: self.workload,
            workload_name: self.workload_name.clone(),
            call: self.call,
            start_unix_micros: self.start_unix_micros,
            provider: root.map(|root| root.provider.clone()),
            function: root.map(|root| root.function.clone()).unwrap_or_default(),
            duration_nanos: root.and_then(|root| root.duration_nanos),
            outcome: root.map_or(Outcome::Unfinished, |root| root.outcome.clone()),
            span_count: self.spans.len() as u64 + self.dropped,
        }
    }
}

/// One call of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Span {
    /// The span that caused it, by its place in [`Trace::spans`]; nothing for the first.
    pub parent: Option<u32>,
    /// Who called; nothing for a call from outside.
    pub consumer: Option<ComponentName>,
    /// Whose function it is.
    pub provider: Provider,
    /// The function with its interface: `math:ops/square#square`. For an HTTP request, its method and path.
    pub function: SharedText,
    /// From the start of the first span: nanoseconds.
    pub start_nanos: u64,
    /// How long it took, without the time that it was held: nanoseconds. For one that did not return, until the
    /// whole call ended; nothing where that is not known.
    pub duration_nanos: Option<u64>,
    /// How long it was held at a breakpoint or delayed: nanoseconds.
    #[serde(default)]
    pub held_nanos: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// The arguments; empty where values are not observed, and for a function without parameters.
    #[serde(default)]
    pub args: Vec<Argument>,
    /// The result in WAVE, cut where it is long.
    #[serde(default)]
    pub result: Option<String>,
    /// What was done to the call on its way, in words: `arguments changed`, `answered`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intervention: Option<String>,
}

/// Whose function is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Provider {
    /// A component's.
    Component(ComponentName),
    /// The host's, or a plugin's: `wasi`, `wasi:http`.
    Host(SharedText),
}

impl Provider {
    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Component(name) => name.as_str(),
            Self::Host(plugin) => plugin,
        }
    }

    /// The component, if it is one.
    #[must_use]
    pub fn component(&self) -> Option<&ComponentName> {
        match self {
            Self::Component(name) => Some(name),
            Self::Host(_) => None,
        }
    }
}

/// A value that was passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Argument {
    /// The parameter's name.
    pub name: SharedText,
    /// In WAVE, cut where it is long. Handles, which WAVE cannot write, are `counter#1`.
    pub value: String,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Outcome {
    /// It returned.
    Ok,
    /// It returned the error case of a `result`, or an HTTP status of 500 and more.
    Error,
    /// It trapped.
    Trap {
        /// Why, with the component.
        message: String,
        /// The functions that were running in it, the innermost first.
        frames: Vec<String>,
    },
    /// It wanted something that it may not have, and ended because of that.
    Denied,
    /// It took longer than its time.
    TimedOut,
    /// It was cancelled from outside.
    Cancelled,
    /// It had not returned when the trace ended: a call inside of it failed, or its caller went away.
    Unfinished,
}

impl Outcome {
    /// One or two words for it.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Trap { .. } => "trap",
            Self::Denied => "denied",
            Self::TimedOut => "timed out",
            Self::Cancelled => "cancelled",
            Self::Unfinished => "unfinished",
        }
    }

    /// Whether it is what its caller hoped for.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        matches!(self, Self::Ok)
    }
}

/// A line that was printed during a trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TraceLine {
    /// The span during which it was printed, by its place in [`Trace::spans`]. Where calls into its component went
    /// on beside each other, nobody knows which of them printed it: it is the innermost that all of them are below.
    pub span: u32,
    /// From the start of the first span: nanoseconds.
    pub at_nanos: u64,
    /// Who printed it.
    pub component: ComponentName,
    /// Where to.
    pub stream: LogStream,
    /// The line, a message of `wasi:logging` behind its context. Untrusted.
    pub text: String,
}

/// What a call cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Cost {
    /// The most linear memory that its instance had: bytes. Nothing if it was not counted.
    pub peak_memory_bytes: Option<u64>,
    /// Wasm instructions, as Wasmtime's fuel counts them; the last few of a call that was stopped are not counted.
    /// Nothing if none were.
    pub fuel: Option<u64>,
}

/// Where a trace belongs in a trace that goes beyond this machine: W3C Trace Context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TraceContext {
    /// 32 hexadecimal digits.
    pub trace_id: String,
    /// The caller's span: 16 hexadecimal digits.
    pub parent_id: String,
    /// Whether the caller records it.
    pub is_sampled: bool,
}

impl TraceContext {
    /// Reads the header `traceparent`: `00-`, 32 digits, `-`, 16 digits, `-`, two digits. Later versions may say
    /// more behind it. None for anything else, as the specification wants it.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let mut parts = header.trim().split('-');
        let (version, trace_id, parent_id, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_hex = |text: &str, length| {
            text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let is_nothing = |text: &str| text.bytes().all(|byte| byte == b'0');
        let is_right = is_hex(version, 2)
            && version != "ff"
            && (version != "00" || parts.next().is_none())
            && is_hex(trace_id, 32)
            && !is_nothing(trace_id)
            && is_hex(parent_id, 16)
            && !is_nothing(parent_id)
            && is_hex(flags, 2);
        let is_sampled = u8::from_str_radix(flags, 16).is_ok_and(|flags| flags & 1 == 1);
        is_right.then(|| Self { trace_id: trace_id.to_owned(), parent_id: parent_id.to_owned(), is_sampled })
    }
}

/// A link that calls go over without being seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Unobserved {
    /// Who imports.
    pub consumer: ComponentName,
    /// What.
    pub import: String,
    /// Why it cannot be observed.
    pub reason: String,
}

/// A trace in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TraceSummary {
    /// Its name.
    pub id: TraceId,
    /// The workload in which it happened; nothing if it comes from a file.
    pub workload: Option<WorkloadId>,
    /// The workload's name.
    pub workload_name: String,
    /// The call, if it came from outside.
    pub call: Option<CallId>,
    /// When it began: microseconds since 1970-01-01T00:00:00Z.
    pub start_unix_micros: i64,
    /// Whose function was called.
    pub provider: Option<Provider>,
    /// The function that was called.
    pub function: SharedText,
    /// How long it took: nanoseconds; nothing where that is not known.
    pub duration_nanos: Option<u64>,
    /// How it ended.
    pub outcome: Outcome,
    /// How many calls there were, the first included.
    pub span_count: u64,
}

/// In which form traces are written to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TraceFormat {
    /// A [`Trace`] on each line.
    Json,
    /// For `chrome://tracing`, Perfetto and others: the Trace Event Format.
    Chrome,
    /// One `ExportTraceServiceRequest` of the OpenTelemetry protocol, as JSON.
    Otlp,
}

/// Which traces are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TraceSelection {
    /// These.
    These(Vec<TraceId>),
    /// All that are kept of a workload.
    Workload(WorkloadId),
    /// All that are kept.
    All,
    /// All of a recording, which is read as it is written elsewhere and so may be of any size.
    Recording(String),
}
