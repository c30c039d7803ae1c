//! The end of a call from outside, and what is told of it.

use std::time::Instant;

use jackfield_protocol::{Cost, Outcome, Trace, TraceId};

use super::{Tracer, Tree};

/// How the call from outside ended.
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    pub(crate) result: Option<String>,
}

impl Tracer {
    /// The call from outside is over.
    pub(crate) fn finish(&mut self, ended: Ended) -> Option<Trace> {
        let now = Instant::now();
        let failed = (!ended.outcome.is_ok() && ended.result.is_none()).then(|| ended.outcome.clone());
        // What is open now did not return: the innermost because of what ended the call. All of it took until now.
        let mut open = std::mem::take(&mut self.open).into_iter();
        let root = open.next()?;
        let mut innermost = failed;
        for open in open.rev() {
            let (duration, held_nanos) = open.took(now);
            if let Some((_, state, _)) = open.probed.and_then(|probed| self.probed(probed)) {
                state.record(now, duration, 0);
                state.error();
            }
            let outcome = innermost.take();
            if let Some(span) = self.span(open.tree, open.place) {
                (span.duration_nanos, span.held_nanos) = (Some(duration), held_nanos);
                if let Some(outcome) = outcome {
                    span.outcome = outcome;
                }
            }
        }
        let (duration, held_nanos) = root.took(now);
        if let Some(span) = self.span(root.tree, root.place) {
            (span.duration_nanos, span.held_nanos) = (Some(duration), held_nanos);
            (span.outcome, span.result) = (ended.outcome, ended.result);
        }
        let tree = self.trees.pop()?;
        Some(self.trace(tree, self.cost))
    }

    /// A tree as it is told.
    pub(super) fn trace(&self, tree: Tree, cost: Cost) -> Trace {
        Trace {
            id: TraceId::default(),
            workload: Some(self.board.workload),
            workload_name: String::new(),
            call: self.call,
            start_unix_micros: tree.start_unix_micros,
            spans: tree.spans,
            dropped: tree.dropped,
            lines: tree.lines,
            dropped_lines: tree.dropped_lines,
            cost,
            context: self.context.clone(),
            unobserved: self.unobserved.clone(),
        }
    }
}
