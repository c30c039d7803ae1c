//! Threads for a format in which what one thread does never overlaps, but lies within or beside.
//!
//! A component may do several things at once: in concurrent calls into it, and in one call if it is asynchronous. So
//! each component has as many lanes as it needs at once, and a lane is a thread.

use std::collections::BTreeMap;

use jackfield_protocol::{Span, Trace};

/// How many lanes a component has needed so far, and until when each is in use: nanoseconds since 1970.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    ends: BTreeMap<(String, String), Vec<i128>>,
}

/// The lane of a span: whose, and which of them, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lane {
    pub(super) provider: String,
    pub(super) number: usize,
}

impl Lanes {
    /// The lanes of a trace's spans. Traces come about in the order of their ends; others only take more lanes.
    pub(super) fn of(&mut self, trace: &Trace) -> Vec<Lane> {
        let ends_of = Ends::of(trace);
        let (numbers, needed) = within(trace, &ends_of);
        let start = i128::from(trace.start_unix_micros) * 1000;
        let mut taken = BTreeMap::new();
        for (provider, count) in needed {
            let ends = self.ends.entry((trace.workload_name.clone(), provider.to_owned())).or_default();
            let free = (0..).filter(|lane| ends.get(*lane).is_none_or(|end| *end <= start));
            let free: Vec<usize> = free.take(count).collect();
            let spans = trace.spans.iter().filter(|span| span.provider.as_str() == provider);
            let end = start + spans.map(|span| i128::from(ends_of.end(span))).max().unwrap_or_default();
            for lane in &free {
                ends.resize(ends.len().max(lane + 1), i128::MIN);
                if let Some(slot) = ends.get_mut(*lane) {
                    *slot = end;
                }
            }
            taken.insert(provider, free);
        }
        let lane = |(span, number): (&Span, usize)| Lane {
            provider: span.provider.as_str().to_owned(),
            number: taken
                .get(span.provider.as_str())
                .and_then(|free| free.get(number))
                .copied()
                .unwrap_or(number),
        };
        trace.spans.iter().zip(numbers).map(lane).collect()
    }
}

/// For each span a number, so that spans of one provider and number lie within or beside each other; and how many
/// numbers each provider needs.
fn within<'a>(trace: &'a Trace, ends: &Ends) -> (Vec<usize>, BTreeMap<&'a str, usize>) {
    let mut order: Vec<usize> = (0..trace.spans.len()).collect();
    let times = |place: &usize| {
        trace.spans.get(*place).map_or((0, 0), |span| (span.start_nanos, u64::MAX - ends.end(span)))
    };
    order.sort_by_key(times);
    let mut numbers = vec![0; trace.spans.len()];
    // For each provider and number the ends of what is open, the innermost last.
    let mut open: BTreeMap<&str, Vec<Vec<u64>>> = BTreeMap::new();
    for place in order {
        let Some(span) = trace.spans.get(place) else { continue };
        let stacks = open.entry(span.provider.as_str()).or_default();
        let end = ends.end(span);
        for stack in stacks.iter_mut() {
            while stack.last().is_some_and(|end| *end <= span.start_nanos) {
                stack.pop();
            }
        }
        let fits = |stack: &Vec<u64>| stack.last().is_none_or(|outer| end <= *outer);
        let number = stacks.iter().position(fits).unwrap_or(stacks.len());
        if number == stacks.len() {
            stacks.push(Vec::new());
        }
        if let (Some(stack), Some(slot)) = (stacks.get_mut(number), numbers.get_mut(place)) {
            stack.push(end);
            *slot = number;
        }
    }
    (numbers, open.into_iter().map(|(provider, stacks)| (provider, stacks.len())).collect())
}

/// When the spans of a trace ended: nanoseconds since it began.
pub(super) struct Ends {
    /// The last that is known of the trace.
    last: u64,
}

impl Ends {
    pub(super) fn of(trace: &Trace) -> Self {
        let spans = trace.spans.iter().map(|span| known_end(span).unwrap_or(span.start_nanos));
        Self { last: spans.chain(trace.lines.iter().map(|line| line.at_nanos)).max().unwrap_or(0) }
    }

    /// The end of a span. What did not return lasts as long as anything that is known.
    pub(super) fn end(&self, span: &Span) -> u64 {
        known_end(span).unwrap_or(self.last)
    }
}

/// The time that a call was held is no part of its duration, but of the time that it was there.
fn known_end(span: &Span) -> Option<u64> {
    let duration = span.duration_nanos?;
    Some(span.start_nanos.saturating_add(duration).saturating_add(span.held_nanos))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{span, trace};

    fn numbers(lanes: &mut Lanes, trace: &Trace) -> Vec<usize> {
        lanes.of(trace).into_iter().map(|lane| lane.number).collect()
    }

    fn spans(times: &[(u64, u64)]) -> Trace {
        let make = |(start, duration): &(u64, u64)| Span {
            start_nanos: *start,
            duration_nanos: Some(*duration),
            ..span(None, None, "a", "f")
        };
        Trace { spans: times.iter().map(make).collect(), ..trace(0) }
    }

    #[test]
    fn calls_within_and_beside_each_other_share_a_lane_and_others_do_not() {
        let mut lanes = Lanes::default();
        assert_eq!(numbers(&mut lanes, &spans(&[(0, 100), (10, 20), (30, 70), (30, 10)])), [0, 0, 0, 0]);
        let mut lanes = Lanes::default();
        assert_eq!(numbers(&mut lanes, &spans(&[(0, 100), (10, 50), (20, 60), (90, 5)])), [0, 0, 1, 0]);
    }

    #[test]
    fn traces_at_once_have_lanes_of_their_own_and_give_them_back() {
        let mut lanes = Lanes::default();
        let at = |micros, nanos| Trace { start_unix_micros: micros, ..spans(&[(0, nanos)]) };
        assert_eq!(numbers(&mut lanes, &at(100, 10_000)), [0]);
        assert_eq!(numbers(&mut lanes, &at(105, 10_000)), [1]);
        assert_eq!(numbers(&mut lanes, &at(110, 10_000)), [0]);
        assert_eq!(numbers(&mut lanes, &at(116, 1)), [1]);
    }
}
