//! The tree of one trace while it grows.

use std::time::Instant;

use jackfield_protocol::{Span, TraceLine};

/// So many lines are shown in a trace; the workload's log has all of them.
pub(super) const MAX_LINES: usize = 1000;

/// The spans below one call.
pub(super) struct Tree {
    pub(super) number: u32,
    pub(super) started: Instant,
    pub(super) start_unix_micros: i64,
    pub(super) spans: Vec<Span>,
    pub(super) dropped: u64,
    pub(super) lines: Vec<TraceLine>,
    pub(super) dropped_lines: u64,
}

impl Tree {
    /// Keeps a line, unless there are very many.
    pub(super) fn line(&mut self, line: TraceLine) {
        match self.lines.len() < MAX_LINES {
            true => self.lines.push(line),
            false => self.dropped_lines += 1,
        }
    }

    /// The innermost of calls that are below each other; otherwise the innermost that all of them are below.
    pub(super) fn common(&self, places: &[u32]) -> u32 {
        let innermost = places.iter().copied().max().unwrap_or(0);
        match places.iter().all(|place| self.join(innermost, *place) == *place) {
            true => innermost,
            false => places.iter().fold(innermost, |common, place| self.join(common, *place)),
        }
    }

    /// The innermost call that both are, or are below. Each stands after the one that it is below.
    fn join(&self, mut one: u32, mut other: u32) -> u32 {
        while one != other {
            let later = self.spans.get(one.max(other) as usize);
            let Some(parent) = later.and_then(|span| span.parent) else { return 0 };
            (one, other) = (one.min(other), parent);
        }
        one
    }
}
