//! A trace as rows of one height: calls, each above those that it caused; what was printed, in its place among
//! them; and below a call that trapped, why and where.

use std::collections::BTreeSet;

use jackfield_protocol::{Outcome, Span, Trace};

use super::span_text::{call_text, nanos, outcome_text};
use crate::text;

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// A call, by its place in the trace.
    Span(usize),
    /// A line, by its place in the trace.
    Line(usize),
    /// Why a call trapped.
    Trap(usize),
    /// A function that was running when it trapped, by its place among them.
    Frame(usize, usize),
}

/// A row of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub kind: RowKind,
    /// How deep it stands.
    pub depth: u32,
    /// Whether there is something below it, folded or not.
    pub has_children: bool,
}

impl Row {
    /// The call that the row belongs to.
    #[must_use]
    pub fn span(&self, trace: &Trace) -> usize {
        match self.kind {
            RowKind::Span(span) | RowKind::Trap(span) | RowKind::Frame(span, _) => span,
            RowKind::Line(line) => trace.lines.get(line).map_or(0, |line| line.span as usize),
        }
    }
}

/// The rows that are shown of a trace, with what is folded.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// What stands below each call, in the order of time.
    below: Vec<Vec<RowKind>>,
    folded: BTreeSet<usize>,
    shown: Vec<Row>,
}

impl Rows {
    /// All rows of a trace, unfolded.
    #[must_use]
    pub fn new(trace: &Trace) -> Self {
        let mut rows = Self { below: below(trace), ..Self::default() };
        rows.refresh();
        rows
    }

    /// The rows that are shown.
    #[must_use]
    pub fn shown(&self) -> &[Row] {
        &self.shown
    }

    /// Whether what stands below a call is folded away.
    #[must_use]
    pub fn is_folded(&self, span: usize) -> bool {
        self.folded.contains(&span)
    }

    /// Whether anything is folded away.
    #[must_use]
    pub fn has_folded(&self) -> bool {
        !self.folded.is_empty()
    }

    /// Folds what is below a call away, or unfolds it.
    pub fn fold(&mut self, span: usize, is_folded: bool) {
        let is_news = if is_folded { self.folded.insert(span) } else { self.folded.remove(&span) };
        if is_news {
            self.refresh();
        }
    }

    /// Folds or unfolds every call but the first.
    pub fn fold_all(&mut self, is_folded: bool) {
        let all = self.below.iter().enumerate().filter(|(span, below)| *span > 0 && !below.is_empty());
        self.folded = if is_folded { all.map(|(span, _)| span).collect() } else { BTreeSet::new() };
        self.refresh();
    }

    /// The row above which this one stands deeper.
    #[must_use]
    pub fn parent(&self, row: usize) -> Option<usize> {
        let depth = self.shown.get(row)?.depth;
        (0..row).rev().find(|above| self.shown.get(*above).is_some_and(|above| above.depth < depth))
    }

    /// The row that shows this.
    #[must_use]
    pub fn row_of(&self, kind: RowKind) -> Option<usize> {
        self.shown.iter().position(|row| row.kind == kind)
    }

    /// Without recursion: a trace may be as deep as it is long.
    fn refresh(&mut self) {
        self.shown.clear();
        if self.below.is_empty() {
            return;
        }
        let mut waiting = vec![(RowKind::Span(0), 0)];
        while let Some((kind, depth)) = waiting.pop() {
            let below = match kind {
                RowKind::Span(span) => self.below.get(span).map(Vec::as_slice).unwrap_or_default(),
                _ => &[],
            };
            self.shown.push(Row { kind, depth, has_children: !below.is_empty() });
            if !matches!(kind, RowKind::Span(span) if self.folded.contains(&span)) {
                waiting.extend(below.iter().rev().map(|kind| (*kind, depth + 1)));
            }
        }
    }
}

/// What stands below each call. Those whose cause is not there, or comes later, belong to the first.
fn below(trace: &Trace) -> Vec<Vec<RowKind>> {
    let mut below: Vec<Vec<(u64, RowKind)>> = vec![Vec::new(); trace.spans.len()];
    let valid = |span: Option<u32>, before: usize| match span.map(|span| span as usize) {
        Some(span) if span < before => span,
        _ => 0,
    };
    for (at, span) in trace.spans.iter().enumerate() {
        if at > 0
            && let Some(list) = below.get_mut(valid(span.parent, at))
        {
            list.push((span.start_nanos, RowKind::Span(at)));
        }
    }
    for (at, line) in trace.lines.iter().enumerate() {
        if let Some(list) = below.get_mut(valid(Some(line.span), trace.spans.len())) {
            list.push((line.at_nanos, RowKind::Line(at)));
        }
    }
    let sorted = below.into_iter().zip(&trace.spans).enumerate().map(|(at, (mut list, span))| {
        list.sort_by_key(|(when, _)| *when);
        let of_trap = trap_rows(at, span);
        list.into_iter().map(|(_, kind)| kind).chain(of_trap).collect()
    });
    sorted.collect()
}

fn trap_rows(at: usize, span: &Span) -> Vec<RowKind> {
    match &span.outcome {
        Outcome::Trap { frames, .. } => {
            let frames = (0..frames.len()).map(|frame| RowKind::Frame(at, frame));
            std::iter::once(RowKind::Trap(at)).chain(frames).collect()
        }
        _ => Vec::new(),
    }
}

/// The whole trace as text, for the clipboard.
#[must_use]
pub(super) fn to_text(trace: &Trace) -> String {
    let mut out = format!("{} {}\n", text::time_of_day(trace.start_unix_micros), trace.workload_name);
    for row in Rows::new(trace).shown() {
        let indent = "  ".repeat(row.depth.min(64) as usize);
        out.push_str(&format!("{indent}{}\n", row_text(trace, row.kind)));
    }
    if trace.dropped > 0 {
        out.push_str(&format!("{} more calls not kept\n", trace.dropped));
    }
    if trace.dropped_lines > 0 {
        out.push_str(&format!("{} more log lines not kept\n", trace.dropped_lines));
    }
    for link in &trace.unobserved {
        out.push_str(&format!("not observed: {} {}: {}\n", link.consumer, link.import, link.reason));
    }
    out
}

/// What a row says, as text.
#[must_use]
pub(crate) fn row_text(trace: &Trace, kind: RowKind) -> String {
    match kind {
        RowKind::Span(span) => trace.spans.get(span).map(span_line).unwrap_or_default(),
        RowKind::Line(line) => trace.lines.get(line).map_or_else(String::new, |line| {
            format!("{} {}: {}", line.component, line.stream, text::printable(&line.text))
        }),
        RowKind::Trap(span) => {
            trace.spans.get(span).map(|span| outcome_text(&span.outcome).into_owned()).unwrap_or_default()
        }
        RowKind::Frame(span, frame) => match trace.spans.get(span).map(|span| &span.outcome) {
            Some(Outcome::Trap { frames, .. }) => {
                frames.get(frame).map(|frame| format!("at {}", text::printable(frame))).unwrap_or_default()
            }
            _ => String::new(),
        },
    }
}

fn span_line(span: &Span) -> String {
    let mut out = format!("{} {}", span.provider.as_str(), whole_call(span));
    let duration = span.duration_nanos.map_or_else(|| "did not return".to_owned(), nanos);
    out.push_str(&format!("  {duration}"));
    if span.held_nanos > 0 {
        out.push_str(&format!(", held {}", nanos(span.held_nanos)));
    }
    if !span.outcome.is_ok() {
        out.push_str(&format!("  [{}]", span.outcome.label()));
    }
    if let Some(intervention) = &span.intervention {
        out.push_str(&format!("  [{intervention}]"));
    }
    out
}

/// The call with its whole values; a row would cut them.
fn whole_call(span: &Span) -> String {
    let cut = call_text(span);
    if span.args.iter().all(|argument| argument.value.len() < 100) && !cut.contains('…') {
        return cut;
    }
    let result = span.result.as_ref().map(|result| format!(" → {}", text::printable(result)));
    let name = super::function_name(&span.function);
    format!("{name}{}{}", super::arguments(span, usize::MAX), result.unwrap_or_default())
}

#[cfg(test)]
pub(super) mod tests {
    use jackfield_protocol::{
        Argument, ComponentName, Cost, LogStream, Provider, Trace, TraceId, TraceLine, WorkloadId,
    };

    use super::*;

    pub(crate) fn span(parent: Option<u32>, function: &str, start: u64, length: u64) -> Span {
        Span {
            parent,
            consumer: parent.map(|_| ComponentName::new("hypotenuse")),
            provider: Provider::Component("square".into()),
            function: format!("math:ops/square#{function}").into(),
            start_nanos: start,
            duration_nanos: Some(length),
            held_nanos: 0,
            outcome: Outcome::Ok,
            args: vec![Argument { name: "n".into(), value: "3".into() }],
            result: Some("9".into()),
            intervention: None,
        }
    }

    pub(crate) fn trace(spans: Vec<Span>) -> Trace {
        Trace {
            id: TraceId(1),
            workload: Some(WorkloadId(1)),
            workload_name: "w".into(),
            call: None,
            start_unix_micros: 0,
            spans,
            dropped: 0,
            lines: Vec::new(),
            dropped_lines: 0,
            cost: Cost::default(),
            context: None,
            unobserved: Vec::new(),
        }
    }

    fn kinds(rows: &Rows) -> Vec<(RowKind, u32)> {
        rows.shown().iter().map(|row| (row.kind, row.depth)).collect()
    }

    #[test]
    fn calls_and_lines_stand_in_the_order_of_time_below_their_cause() {
        let mut trace = trace(vec![
            span(None, "root", 0, 100),
            span(Some(0), "late", 50, 10),
            span(Some(0), "early", 10, 10),
            span(Some(2), "inner", 11, 1),
            span(Some(77), "orphan", 60, 1),
        ]);
        trace.lines.push(TraceLine {
            span: 0,
            at_nanos: 30,
            component: "square".into(),
            stream: LogStream::Stdout,
            text: "hello".into(),
        });
        let mut rows = Rows::new(&trace);
        use RowKind::{Line, Span};
        let all = [(Span(0), 0), (Span(2), 1), (Span(3), 2), (Line(0), 1), (Span(1), 1), (Span(4), 1)];
        assert_eq!(kinds(&rows), all);
        rows.fold(2, true);
        assert_eq!(kinds(&rows), [(Span(0), 0), (Span(2), 1), (Line(0), 1), (Span(1), 1), (Span(4), 1)]);
        assert_eq!(rows.parent(2), Some(0));
        rows.fold_all(false);
        assert_eq!(kinds(&rows), all);
        assert_eq!(rows.parent(2), Some(1));
    }

    #[test]
    fn a_trap_is_told_below_its_call_with_the_functions_that_ran() {
        let mut trace = trace(vec![span(None, "root", 0, 100)]);
        trace.spans[0].outcome =
            Outcome::Trap { message: "unreachable".into(), frames: vec!["a".into(), "b".into()] };
        trace.spans[0].duration_nanos = None;
        let text = to_text(&trace);
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(
            lines,
            ["square root(n: 3) → 9  did not return  [trap]", "  trap: unreachable", "  at a", "  at b"]
        );
    }

    #[test]
    fn a_trace_as_deep_as_it_is_long_has_all_its_rows() {
        let spans = (0..50_000_u32).map(|at| span(at.checked_sub(1), "deep", u64::from(at), 1)).collect();
        assert_eq!(Rows::new(&trace(spans)).shown().len(), 50_000);
    }
}
