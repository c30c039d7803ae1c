//! What is said of a span in one line.

use std::borrow::Cow;

use jackfield_protocol::{Outcome, Span};

use crate::text;

/// An argument or a result is shown up to so many characters in a row; the details have all of it.
const MAX_VALUE_CHARS: usize = 120;

/// The function's name without its interface.
#[must_use]
pub(crate) fn function_name(function: &str) -> &str {
    function.rsplit_once('#').map_or(function, |(_, name)| name)
}

/// What was passed: `(a: 3, b: 4)`; nothing where values were not observed.
#[must_use]
pub(crate) fn arguments(span: &Span, max_chars: usize) -> String {
    if span.args.is_empty() {
        return String::new();
    }
    let shown = span.args.iter().map(|argument| {
        format!("{}: {}", text::printable(&argument.name), one_line(&argument.value, max_chars))
    });
    format!("({})", shown.collect::<Vec<_>>().join(", "))
}

/// The call as one line: `square(n: 3) → 9`.
#[must_use]
pub(crate) fn call_text(span: &Span) -> String {
    let mut out = text::printable(function_name(&span.function)).into_owned();
    out.push_str(&arguments(span, MAX_VALUE_CHARS));
    if let Some(result) = &span.result {
        out.push_str(" → ");
        out.push_str(&one_line(result, MAX_VALUE_CHARS));
    }
    out
}

fn one_line(value: &str, max_chars: usize) -> String {
    text::printable(&text::shortened(value, max_chars)).into_owned()
}

/// A duration as people say it: `850 ns`, `12.3 µs`, and from there as [`text::duration`].
#[must_use]
pub(crate) fn nanos(nanos: u64) -> String {
    match nanos {
        0..1000 => format!("{nanos} ns"),
        1000..1_000_000 => format!("{:.1} µs", nanos as f64 / 1e3),
        _ => text::duration(nanos / 1000),
    }
}

/// How a span ended, with its message if it trapped.
pub(super) fn outcome_text(outcome: &Outcome) -> Cow<'static, str> {
    match outcome {
        Outcome::Trap { message, .. } => Cow::Owned(format!("trap: {}", text::printable(message))),
        other => Cow::Borrowed(other.label()),
    }
}
