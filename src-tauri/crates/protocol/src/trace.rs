//! What happened below one call: the calls between components that it caused.

use serde::{Deserialize, Serialize};

use crate::{CallId, ComponentName};

/// The tree of calls below one call into a workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Trace {
    /// The call; its log lines carry the same.
    pub call: CallId,
    /// The calls, each after the one that caused it. The first is the call itself.
    pub spans: Vec<Span>,
    /// How many more there were than are kept.
    pub dropped: u64,
    /// Links that were not observed, and why. What goes over them is missing here.
    pub unobserved: Vec<Unobserved>,
}

impl Trace {
    /// A trace of nothing yet.
    #[must_use]
    pub fn new(call: CallId) -> Self {
        Self { call, spans: Vec::new(), dropped: 0, unobserved: Vec::new() }
    }
}

/// One call of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Span {
    /// The span that caused it, by its place in [`Trace::spans`]; nothing for the first.
    pub parent: Option<u32>,
    /// Who called; nothing for the call from outside.
    pub consumer: Option<ComponentName>,
    /// Whose function it is.
    pub provider: ComponentName,
    /// The function with its interface: `math:ops/square#square`.
    pub function: String,
    /// From the start of the first span: microseconds.
    pub start_micros: u64,
    /// How long it took: microseconds; nothing if it did not return.
    pub duration_micros: Option<u64>,
    /// The arguments in WAVE, cut where they are long.
    pub args: Vec<String>,
    /// The result in WAVE, cut where it is long.
    pub result: Option<String>,
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
