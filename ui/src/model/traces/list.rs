//! The traces that the window knows of: summaries, bounded, with what the filter lets through kept ready, so that
//! a frame costs the rows in view only.

use std::collections::BTreeMap;
use std::ops::Bound;

use jackfield_protocol::{CallId, ComponentName, Outcome, Provider, TraceId, TraceSummary, WorkloadId};

use crate::text;

/// So many are kept; the oldest go first.
pub const MAX_TRACES: usize = 10_000;

/// How a trace ended, without the details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TraceOutcome {
    /// It returned.
    Ok,
    /// Anything but that.
    NotOk,
    /// With the error of a `result`.
    Error,
    /// With a trap.
    Trap,
    /// Something was refused.
    Denied,
    /// It took too long.
    TimedOut,
    /// It was cancelled.
    Cancelled,
}

impl TraceOutcome {
    /// All of them, in the order of a list to choose from.
    pub const ALL: [Self; 7] =
        [Self::Ok, Self::NotOk, Self::Error, Self::Trap, Self::Denied, Self::TimedOut, Self::Cancelled];

    /// A word for it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NotOk => "not ok",
            Self::Error => "error",
            Self::Trap => "trap",
            Self::Denied => "denied",
            Self::TimedOut => "timed out",
            Self::Cancelled => "cancelled",
        }
    }

    fn admits(self, outcome: &Outcome) -> bool {
        match self {
            Self::Ok => outcome.is_ok(),
            Self::NotOk => !outcome.is_ok(),
            Self::Error => matches!(outcome, Outcome::Error),
            Self::Trap => matches!(outcome, Outcome::Trap { .. }),
            Self::Denied => matches!(outcome, Outcome::Denied),
            Self::TimedOut => matches!(outcome, Outcome::TimedOut),
            Self::Cancelled => matches!(outcome, Outcome::Cancelled),
        }
    }
}

/// Which traces are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceFilter {
    /// Only with this in the name of function, component or workload, in any case.
    pub text: String,
    /// Only those that ended like this.
    pub outcome: Option<TraceOutcome>,
    /// Only of this workload.
    pub workload: Option<WorkloadId>,
}

impl TraceFilter {
    /// Whether it lets everything through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn admits(&self, trace: &TraceSummary, needle: &str) -> bool {
        let component = trace.provider.as_ref().map_or("", |provider| provider.as_str());
        self.workload.is_none_or(|id| trace.workload == Some(id))
            && self.outcome.is_none_or(|outcome| outcome.admits(&trace.outcome))
            && (needle.is_empty()
                || [&trace.function, component, &trace.workload_name]
                    .into_iter()
                    .any(|text| text::has(text, needle)))
    }
}

/// The traces that the window knows of.
#[derive(Debug, Default)]
pub struct TraceList {
    traces: BTreeMap<TraceId, TraceSummary>,
    /// Those that the filter lets through, ascending.
    admitted: Vec<TraceId>,
    filter: TraceFilter,
    /// What calls from outside became.
    calls: BTreeMap<(Option<WorkloadId>, CallId), TraceId>,
    is_scrolled: bool,
    /// Up to here they were cleared by the user and stay away.
    cleared_to: TraceId,
    /// How many were dropped here because there were too many.
    dropped: u64,
}

impl TraceList {
    /// Takes traces in; one that is known is replaced.
    pub fn extend(&mut self, traces: impl IntoIterator<Item = TraceSummary>) {
        let needle = self.filter.text.to_lowercase();
        let mut is_late = false;
        for trace in traces.into_iter().filter(|trace| trace.id > self.cleared_to) {
            if let Some(call) = trace.call {
                self.calls.insert((trace.workload, call), trace.id);
            }
            let is_newest = self.traces.last_key_value().is_none_or(|(last, _)| *last < trace.id);
            if is_newest && self.filter.admits(&trace, &needle) {
                self.admitted.push(trace.id);
            }
            is_late |= !is_newest;
            self.traces.insert(trace.id, trace);
        }
        if self.shed() || is_late {
            self.readmit();
        }
    }

    fn shed(&mut self) -> bool {
        let surplus = self.traces.len().saturating_sub(MAX_TRACES);
        for _ in 0..surplus {
            if let Some((id, trace)) = self.traces.pop_first() {
                self.dropped += 1;
                let key = trace.call.map(|call| (trace.workload, call));
                // Another trace may have taken its place.
                if let Some(key) = key.filter(|key| self.calls.get(key) == Some(&id)) {
                    self.calls.remove(&key);
                }
            }
        }
        surplus > 0
    }

    fn readmit(&mut self) {
        let needle = self.filter.text.to_lowercase();
        let admitted = self.traces.values().filter(|trace| self.filter.admits(trace, &needle));
        self.admitted = admitted.map(|trace| trace.id).collect();
    }

    /// The filter.
    #[must_use]
    pub fn filter(&self) -> &TraceFilter {
        &self.filter
    }

    /// Changes the filter.
    pub fn set_filter(&mut self, filter: TraceFilter) {
        if self.filter != filter {
            self.filter = filter;
            self.readmit();
        }
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.traces.is_empty()
    }

    /// How many are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.traces.len()
    }

    /// How many are shown.
    #[must_use]
    pub fn shown(&self) -> usize {
        self.admitted.len()
    }

    /// How many are no longer kept here.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The trace in a row that is shown; the newest is in row 0.
    #[must_use]
    pub fn row(&self, row: usize) -> Option<&TraceSummary> {
        let at = self.admitted.len().checked_sub(row + 1)?;
        self.traces.get(self.admitted.get(at)?)
    }

    /// The row of a trace that is shown.
    #[must_use]
    pub fn row_of(&self, id: TraceId) -> Option<usize> {
        let at = self.admitted.binary_search(&id).ok()?;
        Some(self.admitted.len() - 1 - at)
    }

    /// A trace that is known.
    #[must_use]
    pub fn get(&self, id: TraceId) -> Option<&TraceSummary> {
        self.traces.get(&id)
    }

    /// The traces that are shown.
    #[must_use]
    pub fn shown_ids(&self) -> &[TraceId] {
        &self.admitted
    }

    /// The newest that is known.
    #[must_use]
    pub fn last(&self) -> TraceId {
        self.traces.last_key_value().map_or(self.cleared_to, |(id, _)| *id)
    }

    /// What became of a call from outside.
    #[must_use]
    pub fn of_call(&self, workload: Option<WorkloadId>, call: CallId) -> Option<TraceId> {
        self.calls.get(&(workload, call)).copied()
    }

    /// The first call of a component's function that came after a trace, if it went wrong.
    #[must_use]
    pub fn first_failed(
        &self,
        after: TraceId,
        workload: WorkloadId,
        component: &ComponentName,
        function: &str,
    ) -> Option<TraceId> {
        let later = self.traces.range((Bound::Excluded(after), Bound::Unbounded)).map(|(_, trace)| trace);
        let is_it = |trace: &&TraceSummary| {
            let provider = trace.provider.as_ref().and_then(Provider::component);
            trace.workload == Some(workload) && provider == Some(component) && trace.function == function
        };
        later.filter(is_it).find(|trace| !trace.outcome.is_ok()).map(|trace| trace.id)
    }

    /// Whether the newest is kept in view.
    #[must_use]
    pub fn follows(&self) -> bool {
        !self.is_scrolled
    }

    /// Keeps the newest in view, or not.
    pub fn set_follow(&mut self, follow: bool) {
        self.is_scrolled = !follow;
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        let filter = std::mem::take(&mut self.filter);
        *self = Self { cleared_to: self.last(), filter, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(id: u64, function: &str, outcome: Outcome) -> TraceSummary {
        TraceSummary {
            id: TraceId(id),
            workload: Some(WorkloadId(u32::try_from(id % 2).unwrap())),
            workload_name: "w".to_owned(),
            call: Some(CallId(id * 10)),
            start_unix_micros: 0,
            provider: Some(Provider::Component("square".into())),
            function: function.into(),
            duration_nanos: Some(1),
            outcome,
            span_count: 1,
        }
    }

    fn shown(list: &TraceList) -> Vec<u64> {
        (0..list.shown()).filter_map(|row| list.row(row)).map(|trace| trace.id.0).collect()
    }

    #[test]
    fn the_newest_stands_first_whatever_order_they_come_in_and_the_filter_looks_at_all() {
        let mut list = TraceList::default();
        list.extend([summary(3, "Add", Outcome::Ok), summary(5, "sub", Outcome::Error)]);
        list.extend([summary(4, "add", Outcome::TimedOut), summary(5, "sub", Outcome::Error)]);
        assert_eq!(shown(&list), [5, 4, 3]);
        assert_eq!(list.row_of(TraceId(3)), Some(2));
        list.set_filter(TraceFilter { text: "ADD".into(), ..TraceFilter::default() });
        list.extend([summary(6, "add", Outcome::Ok), summary(7, "x", Outcome::Ok)]);
        assert_eq!(shown(&list), [6, 4, 3]);
        list.set_filter(TraceFilter { outcome: Some(TraceOutcome::NotOk), ..TraceFilter::default() });
        assert_eq!(shown(&list), [5, 4]);
        list.set_filter(TraceFilter { workload: Some(WorkloadId(0)), ..TraceFilter::default() });
        assert_eq!(shown(&list), [6, 4]);
    }

    #[test]
    fn it_is_bounded_and_what_was_cleared_stays_away() {
        let mut list = TraceList::default();
        let many = u64::try_from(MAX_TRACES).unwrap() + 3;
        list.extend((1..=many).map(|id| summary(id, "f", Outcome::Ok)));
        assert_eq!((list.len(), list.shown(), list.dropped()), (MAX_TRACES, MAX_TRACES, 3));
        assert_eq!(list.of_call(Some(WorkloadId(1)), CallId(10)), None, "it went");
        assert_eq!(list.of_call(Some(WorkloadId(0)), CallId(40)), Some(TraceId(4)));
        list.clear();
        list.extend([summary(many, "f", Outcome::Ok), summary(many + 1, "f", Outcome::Ok)]);
        assert_eq!(shown(&list), [many + 1]);
    }
}
