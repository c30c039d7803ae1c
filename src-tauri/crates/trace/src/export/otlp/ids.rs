//! Ids of traces and spans, as W3C Trace Context has them.

use jackfield_protocol::{Span, Trace, TraceContext};
use opentelemetry::trace::{SpanId, TraceId};
use sha2::{Digest as _, Sha256};

/// The argument of a span that tells under which ids a request was sent to elsewhere.
const TRACEPARENT: &str = "traceparent";

/// The ids of one trace.
pub(super) struct Ids {
    pub(super) trace: TraceId,
    /// The span of the caller that told its context.
    pub(super) caller: Option<SpanId>,
    content: [u8; 32],
}

impl Ids {
    /// The ids of a trace: its caller's, else those that a request of it was sent with, else made of its content.
    pub(super) fn of(trace: &Trace) -> Self {
        let content = content(trace);
        let context = trace.context.as_ref().and_then(parse);
        let (id, caller) = match context {
            Some((id, caller)) => (id, Some(caller)),
            None => {
                (trace.spans.iter().find_map(told).map_or_else(|| trace_id(&content), |(id, _)| id), None)
            }
        };
        Self { trace: id, caller, content }
    }

    /// The id of the span at a place.
    pub(super) fn span(&self, place: usize, span: &Span) -> SpanId {
        match told(span) {
            Some((trace, id)) if trace == self.trace => id,
            _ => self.made(place),
        }
    }

    /// The id that the span at a place has unless another was told to elsewhere. Two traces below one caller have
    /// different ones, because these are made of their content, too.
    fn made(&self, place: usize) -> SpanId {
        let mut hash = Sha256::new();
        hash.update(self.content);
        hash.update((place as u64).to_le_bytes());
        let hash: [u8; 32] = hash.finalize().into();
        let mut bytes = [0; 8];
        bytes.copy_from_slice(hash.get(..8).unwrap_or(&[0; 8]));
        SpanId::from_bytes(bytes)
    }
}

fn trace_id(content: &[u8; 32]) -> TraceId {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(content.get(..16).unwrap_or(&[0; 16]));
    TraceId::from_bytes(bytes)
}

/// The ids in a context; nothing where they are none.
fn parse(context: &TraceContext) -> Option<(TraceId, SpanId)> {
    let is_long = context.trace_id.len() == 32 && context.parent_id.len() == 16;
    let trace = TraceId::from_hex(&context.trace_id).ok()?;
    let parent = SpanId::from_hex(&context.parent_id).ok()?;
    (is_long && trace != TraceId::INVALID && parent != SpanId::INVALID).then_some((trace, parent))
}

/// The ids that a request to elsewhere was sent with: `00-TRACE-SPAN-FLAGS`.
fn told(span: &Span) -> Option<(TraceId, SpanId)> {
    let header = span.args.iter().find(|arg| arg.name == TRACEPARENT)?;
    let mut parts = header.value.trim_matches('"').split('-').skip(1);
    let (trace_id, parent_id) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    parse(&TraceContext { trace_id, parent_id, is_sampled: true })
}

/// What tells a trace from every other: when it began and what happened in it, to the nanosecond. Not the numbers that it
/// has in a workbench, which are other ones in each.
fn content(trace: &Trace) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut text = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    text(&trace.workload_name);
    for span in &trace.spans {
        text(span.provider.as_str());
        text(&span.function);
    }
    hash.update(trace.start_unix_micros.to_le_bytes());
    hash.update(trace.call.map_or(u64::MAX, |call| call.0).to_le_bytes());
    for span in &trace.spans {
        hash.update(span.parent.unwrap_or(u32::MAX).to_le_bytes());
        hash.update(span.start_nanos.to_le_bytes());
        hash.update(span.duration_nanos.unwrap_or(u64::MAX).to_le_bytes());
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jackfield_protocol::{Argument, CallId};

    use super::*;
    use crate::samples::{rich, trace};

    fn all(trace: &Trace) -> Vec<String> {
        let ids = Ids::of(trace);
        let spans = trace.spans.iter().enumerate().map(|(place, span)| ids.span(place, span).to_string());
        std::iter::once(ids.trace.to_string()).chain(spans).collect()
    }

    #[test]
    fn ids_are_the_same_each_time_and_differ_from_all_others() {
        let mut seen = BTreeSet::new();
        for call in 0..200 {
            for shift in 0..5 {
                let mut trace = Trace { call: Some(CallId(call)), ..trace(4) };
                trace.spans[3].start_nanos += shift;
                assert_eq!(all(&trace), all(&trace));
                let renumbered =
                    Trace { id: jackfield_protocol::TraceId(99), workload: None, ..trace.clone() };
                assert_eq!(all(&trace), all(&renumbered));
                seen.extend(all(&trace));
            }
        }
        assert_eq!(seen.len(), 200 * 5 * 5);
    }

    #[test]
    fn a_trace_below_a_caller_is_part_of_the_callers() {
        let (first, mut second) = (rich(), rich());
        second.spans[1].start_nanos += 1;
        let ids = Ids::of(&first);
        assert_eq!(ids.trace.to_string(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(ids.caller.map(|id| id.to_string()).as_deref(), Some("b7ad6b7169203331"));
        assert_eq!(Ids::of(&second).trace, ids.trace);
        assert_ne!(Ids::of(&second).span(0, &second.spans[0]), ids.span(0, &first.spans[0]));
    }

    #[test]
    fn what_a_caller_tells_is_only_taken_if_it_is_an_id() {
        for (trace_id, parent_id) in [
            ("", ""),
            ("00000000000000000000000000000000", "b7ad6b7169203331"),
            ("0af7651916cd43dd8448eb211c80319c", "0000000000000000"),
            ("af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"),
            ("0af7651916cd43dd8448eb211c80319z", "b7ad6b7169203331"),
        ] {
            let mut trace = trace(1);
            let (trace_id, parent_id) = (trace_id.to_owned(), parent_id.to_owned());
            trace.context = Some(TraceContext { trace_id, parent_id, is_sampled: false });
            assert_eq!(Ids::of(&trace).caller, None);
            assert_ne!(Ids::of(&trace).trace, TraceId::INVALID);
        }
    }

    #[test]
    fn a_request_to_elsewhere_keeps_the_ids_that_it_was_sent_with() {
        let mut trace = trace(3);
        let value = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned();
        trace.spans[2].args = vec![Argument { name: "traceparent".into(), value }];
        let ids = all(&trace);
        assert_eq!(ids[0], "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(ids[3], "00f067aa0ba902b7");
        assert_ne!(ids[1], ids[2]);
    }
}
