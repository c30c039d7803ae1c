//! What a store's probes tell, until the call is over.

use std::sync::Arc;

use jackfield_protocol::{
    Argument, CallId, ComponentName, Cost, Outcome, Provider, Span, Trace, TraceId, Unobserved,
};
use tokio::time::Instant;
use wasmtime::component::Val;

use super::{Handled, WANTS_VALUES, shown};
use crate::stdio::now_unix_micros;

/// A call that makes more calls than this is no longer a trace that anybody reads.
const MAX_SPANS: usize = 10_000;
/// What a probe is told instead of the number of a span that is not kept.
const NOT_KEPT: u32 = u32::MAX;

/// A link with a probe on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Site {
    pub(crate) consumer: ComponentName,
    pub(crate) provider: Provider,
    /// The import, with its functions in the order in which the forwarder counts them.
    pub(crate) import: String,
    pub(crate) functions: Vec<String>,
    /// The names of each function's parameters.
    pub(crate) params: Vec<Vec<String>>,
    /// The resources whose handles are identified, in the order in which the forwarder counts them.
    pub(crate) resources: Vec<Handled>,
}

/// Collects the spans of one call.
#[derive(Debug)]
pub(crate) struct Tracer {
    started: Instant,
    trace: Trace,
    /// The spans that have not ended, each below the one before it.
    open: Vec<u32>,
    /// Where the call goes that has begun last.
    entered: Option<(Arc<Site>, u32)>,
    /// The span that has ended last.
    left: u32,
}

impl Tracer {
    /// Begins with the call from outside.
    pub(crate) fn new(call: CallId, provider: ComponentName, function: String, args: Vec<String>) -> Self {
        let root = Span {
            parent: None,
            consumer: None,
            provider: Provider::Component(provider),
            function,
            start_nanos: 0,
            duration_nanos: None,
            held_nanos: 0,
            outcome: Outcome::Unfinished,
            args: arguments(args),
            result: None,
            intervention: None,
        };
        let trace = Trace {
            id: TraceId(0),
            workload: None,
            workload_name: String::new(),
            call: Some(call),
            start_unix_micros: now_unix_micros(),
            spans: vec![root],
            dropped: 0,
            lines: Vec::new(),
            cost: Cost::default(),
            context: None,
            unobserved: Vec::new(),
        };
        Self { started: Instant::now(), trace, open: vec![0], entered: None, left: NOT_KEPT }
    }

    fn now_nanos(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// A call over a link begins. Gives the number that [`Self::leave`] is told, and what is wanted.
    pub(crate) fn enter(&mut self, site: &Arc<Site>, function: u32) -> (u32, u32) {
        if self.trace.spans.len() >= MAX_SPANS {
            self.trace.dropped += 1;
            return (NOT_KEPT, 0);
        }
        let number = u32::try_from(self.trace.spans.len()).unwrap_or(NOT_KEPT);
        let name = site.functions.get(function as usize).map(String::as_str).unwrap_or_default();
        self.trace.spans.push(Span {
            parent: self.caller(&site.consumer),
            consumer: Some(site.consumer.clone()),
            provider: site.provider.clone(),
            function: format!("{}#{name}", site.import),
            start_nanos: self.now_nanos(),
            duration_nanos: None,
            held_nanos: 0,
            outcome: Outcome::Unfinished,
            args: Vec::new(),
            result: None,
            intervention: None,
        });
        self.open.push(number);
        self.entered = Some((Arc::clone(site), function));
        (number, WANTS_VALUES)
    }

    /// The innermost open call into the component that calls now.
    fn caller(&self, consumer: &ComponentName) -> Option<u32> {
        let is_callers = |number: &&u32| {
            self.trace
                .spans
                .get(**number as usize)
                .is_some_and(|span| span.provider.component() == Some(consumer))
        };
        self.open.iter().rev().find(is_callers).or(self.open.last()).copied()
    }

    /// The arguments of the call that has begun last.
    pub(crate) fn args(&mut self, args: Vec<Val>) {
        let Some(number) = self.open.last() else { return };
        let Some(span) = self.trace.spans.get_mut(*number as usize) else { return };
        let names = self.entered.as_ref().and_then(|(site, function)| site.params.get(*function as usize));
        let names = names.map(Vec::as_slice).unwrap_or_default();
        let names = names.iter().cloned().chain(std::iter::repeat(String::new()));
        let arguments = args.into_iter().zip(names);
        span.args = arguments.map(|(value, name)| Argument { name, value: shown(&value) }).collect();
    }

    /// The result of the call that has ended last.
    pub(crate) fn result(&mut self, result: Option<Val>) {
        if let Some(span) = self.trace.spans.get_mut(self.left as usize) {
            span.result = result.map(|value| shown(&value));
        }
    }

    /// A call has returned; so many bytes went over. Gives what is wanted.
    pub(crate) fn leave(&mut self, number: u32, _bytes: u32) -> u32 {
        self.left = number;
        self.end(number, Outcome::Ok);
        if number == NOT_KEPT { 0 } else { WANTS_VALUES }
    }

    /// A call is over without a result, because its caller wants none any more.
    pub(crate) fn cancelled(&mut self, number: u32) {
        self.end(number, Outcome::Cancelled);
    }

    fn end(&mut self, number: u32, outcome: Outcome) {
        if number == NOT_KEPT {
            return;
        }
        let now = self.now_nanos();
        self.open.retain(|open| *open != number);
        if let Some(span) = self.trace.spans.get_mut(number as usize) {
            span.duration_nanos = Some(now.saturating_sub(span.start_nanos));
            span.outcome = outcome;
        }
    }

    /// The call from outside is over; without a result, it failed.
    pub(crate) fn finish(&mut self, result: Option<Option<String>>, unobserved: &[Unobserved]) -> Trace {
        if let Some(result) = result {
            self.end(0, Outcome::Ok);
            if let Some(root) = self.trace.spans.first_mut() {
                root.result = result;
            }
        }
        self.trace.unobserved = unobserved.to_vec();
        self.trace.clone()
    }
}

fn arguments(values: Vec<String>) -> Vec<Argument> {
    values.into_iter().map(|value| Argument { name: String::new(), value }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(consumer: &str, provider: &str) -> Arc<Site> {
        Arc::new(Site {
            consumer: consumer.into(),
            provider: Provider::Component(provider.into()),
            import: "a:b/c".to_owned(),
            functions: vec!["f".to_owned()],
            params: vec![Vec::new()],
            resources: Vec::new(),
        })
    }

    #[test]
    fn a_span_is_below_the_call_into_its_caller() {
        let mut tracer = Tracer::new(CallId(7), "front".into(), "go".to_owned(), Vec::new());
        let (outer, _) = tracer.enter(&site("front", "middle"), 0);
        let (inner, _) = tracer.enter(&site("middle", "back"), 0);
        tracer.leave(inner, 0);
        tracer.leave(outer, 0);
        let (again, _) = tracer.enter(&site("front", "back"), 0);
        tracer.leave(again, 0);
        let trace = tracer.finish(Some(Some("5".to_owned())), &[]);
        let parents: Vec<_> = trace.spans.iter().map(|span| span.parent).collect();
        assert_eq!(parents, [None, Some(0), Some(1), Some(0)]);
        assert!(trace.spans.iter().all(|span| span.duration_nanos.is_some()));
        assert_eq!(trace.spans[0].result.as_deref(), Some("5"));
    }

    #[test]
    fn what_did_not_return_has_no_duration_and_too_many_are_counted() {
        let mut tracer = Tracer::new(CallId(1), "front".into(), "go".to_owned(), Vec::new());
        for _ in 0..MAX_SPANS {
            tracer.enter(&site("front", "back"), 0);
        }
        let trace = tracer.finish(None, &[]);
        assert_eq!((trace.spans.len(), trace.dropped), (MAX_SPANS, 1));
        assert!(trace.spans.iter().all(|span| span.duration_nanos.is_none()));
    }
}
