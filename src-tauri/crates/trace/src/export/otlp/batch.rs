//! Spans that go out together: those of one workload, and not too many.

use jackfield_protocol::Trace;
use opentelemetry_sdk::trace::SpanData;

use super::span;
use crate::weight_in_bytes;

/// How many spans go out together.
const MAX_SPANS: usize = 2_000;
/// How much memory they may take: less than the 20 MiB that a collector takes as a rule, also once they are encoded.
const MAX_BYTES: usize = 4 << 20;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Batch {
    workload: String,
    spans: Vec<SpanData>,
    weight_in_bytes: usize,
}

impl Batch {
    /// Whether a trace fits to what is in it. A trace too large for any batch fits only to nothing.
    pub(super) fn takes(&self, trace: &Trace) -> bool {
        self.spans.is_empty()
            || (self.workload == trace.workload_name
                && self.spans.len() + trace.spans.len() <= MAX_SPANS
                && self.weight_in_bytes + weight_in_bytes(trace) <= MAX_BYTES)
    }

    /// Adds a trace.
    pub(super) fn add(&mut self, trace: &Trace) {
        self.workload.clone_from(&trace.workload_name);
        self.weight_in_bytes += weight_in_bytes(trace);
        self.spans.extend(span::of(trace));
    }

    /// What is in it, with its workload's name; nothing if nothing is.
    pub(super) fn take(&mut self) -> Option<(String, Vec<SpanData>)> {
        self.weight_in_bytes = 0;
        let spans = std::mem::take(&mut self.spans);
        (!spans.is_empty()).then(|| (std::mem::take(&mut self.workload), spans))
    }
}
