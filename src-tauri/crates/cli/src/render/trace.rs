//! A trace as a tree: which call caused which, with values and times.

use jackfield_protocol::{Span, Trace};

use crate::page::Page;
use crate::style::Role;

/// The tree, and what is missing in it.
pub(crate) fn page(trace: &Trace) -> Page {
    let mut page = Page::default();
    // With how far in it stands: the glyphs of the calls above it.
    let mut open: Vec<(usize, String)> =
        trace.spans.first().map(|_| (0, String::new())).into_iter().collect();
    while let Some((place, above)) = open.pop() {
        let Some(span) = trace.spans.get(place) else { continue };
        let is_last = !open.iter().any(|(sibling, _)| parent(trace, *sibling) == span.parent);
        let (branch, below) = match (span.parent, is_last) {
            (None, _) => ("", ""),
            (Some(_), true) => ("└─ ", "   "),
            (Some(_), false) => ("├─ ", "│  "),
        };
        add_span(&mut page, &format!("{above}{branch}"), span);
        let children = children(trace, place).map(|child| (child, format!("{above}{below}")));
        open.extend(children.collect::<Vec<_>>().into_iter().rev());
    }
    if trace.dropped > 0 {
        page.line().add(Role::Warning, format!("{} more calls are not shown", trace.dropped));
    }
    for link in &trace.unobserved {
        let text = format!("{} {}: calls are not seen, {}", link.consumer, link.import, link.reason);
        page.line().add(Role::Warning, text);
    }
    page
}

fn parent(trace: &Trace, place: usize) -> Option<u32> {
    trace.spans.get(place).and_then(|span| span.parent)
}

fn children(trace: &Trace, place: usize) -> impl Iterator<Item = usize> {
    let spans = trace.spans.iter().enumerate();
    spans.filter(move |(_, span)| span.parent == u32::try_from(place).ok()).map(|(child, _)| child)
}

fn add_span(page: &mut Page, branch: &str, span: &Span) {
    let line = page.line();
    line.add(Role::Faint, branch).add(Role::Name, span.provider.as_str()).plain(" ");
    line.add(Role::Faint, &span.function).plain(format!("({})", values(span)));
    if let Some(result) = &span.result {
        line.plain(format!(" = {result}"));
    }
    match span.duration_nanos {
        Some(nanos) => line.add(Role::Faint, format!("  {}", duration(nanos / 1_000))),
        None => line.add(Role::Error, "  did not return"),
    };
}

fn values(span: &Span) -> String {
    span.args.iter().map(|arg| arg.value.as_str()).collect::<Vec<_>>().join(", ")
}

fn duration(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
        _ => format!("{}.{} s", micros / 1_000_000, micros % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use jackfield_protocol::{Argument, CallId, Cost, Outcome, Provider, TraceId};

    use super::*;

    fn span(parent: Option<u32>, provider: &str, duration_micros: Option<u64>) -> Span {
        Span {
            parent,
            consumer: None,
            provider: Provider::Component(provider.into()),
            function: "f".to_owned(),
            start_nanos: 0,
            duration_nanos: duration_micros.map(|micros| micros * 1_000),
            held_nanos: 0,
            outcome: duration_micros.map_or(Outcome::Unfinished, |_| Outcome::Ok),
            args: vec![Argument { name: "x".to_owned(), value: "1".to_owned() }],
            result: duration_micros.map(|_| "2".to_owned()),
            intervention: None,
        }
    }

    #[test]
    fn a_call_stands_below_the_one_that_caused_it() {
        let trace = Trace {
            id: TraceId(1),
            workload: None,
            workload_name: "test".to_owned(),
            call: Some(CallId(1)),
            start_unix_micros: 0,
            spans: vec![
                span(None, "a", Some(1_500)),
                span(Some(0), "b", Some(7)),
                span(Some(1), "c", None),
                span(Some(0), "d", Some(2_000_000)),
            ],
            dropped: 2,
            lines: Vec::new(),
            cost: Cost::default(),
            context: None,
            unobserved: Vec::new(),
        };
        assert_eq!(
            page(&trace).render(false),
            "a f(1) = 2  1.5 ms\n\
             ├─ b f(1) = 2  7 µs\n\
             │  └─ c f(1)  did not return\n\
             └─ d f(1) = 2  2.0 s\n\
             2 more calls are not shown\n"
        );
    }
}
