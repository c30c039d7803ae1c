//! A trace as a tree: which call caused which, with values and times, and what was printed in between.

use jackfield_protocol::{LogLevel, LogStream, Outcome, Provider, Span, Trace, TraceLine};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Size;
use crate::page::{Line, Page};
use crate::style::Role;

/// How wide the column of durations is: `999.9 ms`, `did not end`.
const TIME_WIDTH: usize = 9;

/// The tree, what it cost, and what is missing in it.
pub(crate) fn page(trace: &Trace) -> Page {
    let mut page = Page::default();
    add_tree(&mut page, trace);
    add_cost(&mut page, trace);
    if trace.dropped > 0 {
        page.line().add(Role::Warning, format!("{} more calls are not shown", trace.dropped));
    }
    if trace.dropped_lines > 0 {
        let text = format!("{} more log lines are not kept in the trace", trace.dropped_lines);
        page.line().add(Role::Warning, text);
    }
    for link in &trace.unobserved {
        let text = format!("{} {}: calls are not seen, {}", link.consumer, link.import, link.reason);
        page.line().add(Role::Warning, text);
    }
    page
}

/// The same as one of several, with its number and when it began.
pub(crate) fn numbered(trace: &Trace, zone: &TimeZone) -> Page {
    let mut page = Page::default();
    let time = Timestamp::from_microsecond(trace.start_unix_micros).unwrap_or(Timestamp::UNIX_EPOCH);
    let time = time.to_zoned(zone.clone()).strftime("%H:%M:%S%.3f").to_string();
    page.line().add(Role::Faint, time).add(Role::Faint, format!(" trace {}", trace.id.0));
    page.append(self::page(trace));
    page
}

/// A call, or a line, in its place in time.
#[derive(Clone, Copy)]
enum Item<'a> {
    Call(usize, &'a Span),
    Line(&'a TraceLine),
}

fn add_tree(page: &mut Page, trace: &Trace) {
    // With what stands before it: the glyphs of the calls above it, and its own.
    let mut open: Vec<(Item<'_>, String, String)> = Vec::new();
    open.extend(trace.spans.first().map(|root| (Item::Call(0, root), String::new(), String::new())));
    while let Some((item, before, below)) = open.pop() {
        let (place, span) = match item {
            Item::Call(place, span) => (place, span),
            Item::Line(line) => {
                add_line(page, &before, line);
                continue;
            }
        };
        add_span(page, &before, &below, span);
        let items = items(trace, place);
        let last = items.len().saturating_sub(1);
        let items = items.into_iter().enumerate().map(|(index, item)| {
            let (corner, rest) = if index == last { ("└", "   ") } else { ("├", "│  ") };
            let stroke = if matches!(item, Item::Line(_)) { "· " } else { "─ " };
            (item, format!("{below}{corner}{stroke}"), format!("{below}{rest}"))
        });
        open.extend(items.collect::<Vec<_>>().into_iter().rev());
    }
}

/// What happened directly below a call, in the order of time.
fn items(trace: &Trace, place: usize) -> Vec<Item<'_>> {
    let place = u32::try_from(place).ok();
    let spans =
        trace.spans.iter().enumerate().filter(|(_, span)| span.parent.is_some() && span.parent == place);
    let mut items: Vec<(u64, Item<'_>)> =
        spans.map(|(place, span)| (span.start_nanos, Item::Call(place, span))).collect();
    let lines = trace.lines.iter().filter(|line| Some(line.span) == place);
    items.extend(lines.map(|line| (line.at_nanos, Item::Line(line))));
    items.sort_by_key(|(time, _)| *time);
    items.into_iter().map(|(_, item)| item).collect()
}

fn add_span(page: &mut Page, before: &str, below: &str, span: &Span) {
    let line = page.line();
    let time = span.duration_nanos.map(duration).unwrap_or_default();
    line.add(Role::Faint, format!("{time:>TIME_WIDTH$}  {before}"));
    match &span.provider {
        Provider::Component(name) => line.add(Role::Name, name),
        Provider::Host(plugin) => line.plain(plugin),
    };
    line.plain(" ").add(Role::Faint, &span.function).plain(format!("({})", values(span)));
    if let Some(result) = &span.result {
        line.plain(" = ").plain(result);
    }
    add_outcome(line, &span.outcome);
    if span.held_nanos > 0 {
        line.add(Role::Warning, format!("  held {}", duration(span.held_nanos)));
    }
    if let Some(intervention) = &span.intervention {
        line.add(Role::Warning, format!("  {intervention}"));
    }
    if let Outcome::Trap { message, frames } = &span.outcome {
        let details = message.lines().skip(1).map(str::to_owned);
        for text in details.chain(frames.iter().map(|frame| format!("at {frame}"))) {
            page.line().add(Role::Faint, format!("{:TIME_WIDTH$}  {below}   ", "")).add(Role::Faint, text);
        }
    }
}

fn add_outcome(line: &mut Line, outcome: &Outcome) {
    match outcome {
        Outcome::Ok => {}
        Outcome::Unfinished => {
            line.add(Role::Error, "  did not return");
        }
        Outcome::Trap { message, .. } => {
            let first = message.lines().next().unwrap_or_default();
            line.add(Role::Error, "  trap: ").plain(first);
        }
        outcome => {
            line.add(Role::Error, format!("  {}", outcome.label()));
        }
    }
}

fn add_line(page: &mut Page, before: &str, line: &TraceLine) {
    let role = match line.stream {
        LogStream::Stdout => Role::Faint,
        LogStream::Log(level) if level < LogLevel::Warn => Role::Faint,
        LogStream::Stderr | LogStream::Log(_) | LogStream::Host => Role::Warning,
    };
    let shown = page.line();
    shown
        .add(Role::Faint, format!("{:TIME_WIDTH$}  {before}", ""))
        .add(Role::Faint, &line.component)
        .plain(" ");
    shown.add(role, line.stream).plain(" ").plain(&line.text);
}

fn add_cost(page: &mut Page, trace: &Trace) {
    let memory = trace.cost.peak_memory_bytes.map(|bytes| format!("{} of memory", Size(bytes)));
    let fuel = trace.cost.fuel.map(|fuel| format!("{fuel} units of fuel"));
    let cost: Vec<String> = [memory, fuel].into_iter().flatten().collect();
    if !cost.is_empty() {
        page.line().add(Role::Faint, format!("{:TIME_WIDTH$}  {}", "", cost.join(", ")));
    }
}

fn values(span: &Span) -> String {
    let values = span.args.iter().map(|arg| match arg.name.as_str() {
        "" => arg.value.clone(),
        name => format!("{name}: {}", arg.value),
    });
    values.collect::<Vec<_>>().join(", ")
}

pub(super) fn duration(nanos: u64) -> String {
    match nanos {
        0..1_000 => format!("{nanos} ns"),
        1_000..10_000 => format!("{}.{} µs", nanos / 1_000, nanos % 1_000 / 100),
        10_000..1_000_000 => format!("{} µs", nanos / 1_000),
        1_000_000..1_000_000_000 => format!("{}.{} ms", nanos / 1_000_000, nanos % 1_000_000 / 100_000),
        _ => format!("{}.{} s", nanos / 1_000_000_000, nanos % 1_000_000_000 / 100_000_000),
    }
}

#[cfg(test)]
mod tests {
    use jackfield_protocol::{Argument, CallId, Cost, TraceId};

    use super::*;

    fn span(parent: Option<u32>, provider: &str, start_nanos: u64, duration_nanos: Option<u64>) -> Span {
        Span {
            parent,
            consumer: None,
            provider: Provider::Component(provider.into()),
            function: "f".into(),
            start_nanos,
            duration_nanos,
            held_nanos: 0,
            outcome: duration_nanos.map_or(Outcome::Unfinished, |_| Outcome::Ok),
            args: vec![Argument { name: "x".into(), value: "1".to_owned() }],
            result: duration_nanos.map(|_| "2".to_owned()),
            intervention: None,
        }
    }

    fn line(span: u32, at_nanos: u64, text: &str) -> TraceLine {
        TraceLine { span, at_nanos, component: "a".into(), stream: LogStream::Stderr, text: text.to_owned() }
    }

    fn trace(spans: Vec<Span>, lines: Vec<TraceLine>) -> Trace {
        Trace {
            id: TraceId(7),
            workload: None,
            workload_name: "test".to_owned(),
            call: Some(CallId(1)),
            start_unix_micros: 43_384_123_456,
            spans,
            dropped: 0,
            lines,
            dropped_lines: 0,
            cost: Cost::default(),
            context: None,
            unobserved: Vec::new(),
        }
    }

    #[test]
    fn a_call_stands_below_the_one_that_caused_it() {
        let spans = vec![
            span(None, "a", 0, Some(1_500_000)),
            span(Some(0), "b", 10, Some(7_450)),
            span(Some(1), "c", 20, None),
            span(Some(0), "d", 30, Some(2_000_000_000)),
        ];
        let trace = Trace { dropped: 2, dropped_lines: 3, ..trace(spans, Vec::new()) };
        assert_eq!(
            page(&trace).render(false),
            "   1.5 ms  a f(x: 1) = 2\n   \
                7.4 µs  ├─ b f(x: 1) = 2\n           \
                        │  └─ c f(x: 1)  did not return\n    \
                 2.0 s  └─ d f(x: 1) = 2\n\
             2 more calls are not shown\n\
             3 more log lines are not kept in the trace\n"
        );
    }

    #[test]
    fn lines_stand_where_they_were_printed_and_cannot_act_on_the_terminal() {
        let spans = vec![span(None, "a", 0, Some(90)), span(Some(0), "b", 50, Some(9))];
        let lines = vec![line(0, 10, "before\u{1b}[2J"), line(0, 70, "after"), line(1, 55, "in b")];
        assert_eq!(
            page(&trace(spans, lines)).render(false),
            "    90 ns  a f(x: 1) = 2\n           \
                        ├· a stderr before^[[2J\n     \
                  9 ns  ├─ b f(x: 1) = 2\n           \
                        │  └· a stderr in b\n           \
                        └· a stderr after\n"
        );
    }

    #[test]
    fn what_went_wrong_what_was_done_and_what_it_cost_is_said() {
        let trap = Outcome::Trap { message: "unreachable".to_owned(), frames: vec!["b!run".to_owned()] };
        let spans = vec![
            Span {
                outcome: Outcome::Error,
                result: Some("err(3)".to_owned()),
                ..span(None, "a", 0, Some(9))
            },
            Span { outcome: trap, ..span(Some(0), "b", 1, None) },
            Span {
                provider: Provider::Host("wasi:http".into()),
                held_nanos: 2_000_000_000,
                intervention: Some("answered".to_owned()),
                ..span(Some(0), "c", 2, Some(5))
            },
        ];
        let cost = Cost { peak_memory_bytes: Some(2048), fuel: Some(77) };
        let trace = Trace { cost, ..trace(spans, Vec::new()) };
        assert_eq!(
            numbered(&trace, &TimeZone::UTC).render(false),
            "12:03:04.123 trace 7\n     \
                  9 ns  a f(x: 1) = err(3)  error\n           \
                        ├─ b f(x: 1)  trap: unreachable\n           \
                        │     at b!run\n     \
                  5 ns  └─ wasi:http f(x: 1) = 2  held 2.0 s  answered\n           \
                        2.0 KiB of memory, 77 units of fuel\n"
        );
    }

    #[test]
    fn what_is_wider_than_the_terminal_is_cut() {
        let spans = vec![Span { result: Some("日本語".repeat(9)), ..span(None, "a", 0, Some(90)) }];
        let page = page(&trace(spans, Vec::new()));
        assert_eq!(page.render_within(false, Some(30)), "    90 ns  a f(x: 1) = 日本語…\n");
        assert!(page.render_within(false, None).contains(&"日本語".repeat(9)));
    }
}
