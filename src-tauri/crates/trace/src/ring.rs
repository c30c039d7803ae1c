//! The newest traces, in memory.

use std::collections::VecDeque;
use std::sync::Arc;

use jackfield_protocol::{Trace, TraceId, TraceSummary, WorkloadId};

use crate::weight_in_bytes;

/// The newest traces: never more than [`Ring::MAX_TRACES`], and not more of them than [`Ring::MAX_BYTES`] of memory
/// hold. The newest one is always kept, whatever its size.
///
/// A trace gets its id here. Ids count from 1 and are never used again, also not after [`Ring::clear`].
#[derive(Debug)]
pub struct Ring {
    /// In the order of their ids.
    kept: VecDeque<Kept>,
    weight_in_bytes: usize,
    next: u64,
    max_traces: usize,
    max_bytes: usize,
}

#[derive(Debug)]
struct Kept {
    trace: Arc<Trace>,
    weight_in_bytes: usize,
}

impl Ring {
    /// How many traces are kept at most.
    pub const MAX_TRACES: usize = 10_000;
    /// How much memory they may take: bytes.
    pub const MAX_BYTES: usize = 64 << 20;

    /// A ring with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::bounded(Self::MAX_TRACES, Self::MAX_BYTES)
    }

    fn bounded(max_traces: usize, max_bytes: usize) -> Self {
        Self { kept: VecDeque::new(), weight_in_bytes: 0, next: 1, max_traces, max_bytes }
    }

    /// Keeps a trace under an id of its own. Gives back what is no longer kept, so that whoever holds a lock
    /// around the ring can let it go before the memory is freed.
    pub fn push(&mut self, mut trace: Trace) -> (Arc<Trace>, Vec<Arc<Trace>>) {
        trace.id = TraceId(self.next);
        self.next += 1;
        let weight_in_bytes = weight_in_bytes(&trace);
        let trace = Arc::new(trace);
        self.weight_in_bytes += weight_in_bytes;
        self.kept.push_back(Kept { trace: Arc::clone(&trace), weight_in_bytes });
        let mut gone = Vec::new();
        while self.is_over() && self.kept.len() > 1 {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.weight_in_bytes -= oldest.weight_in_bytes;
            gone.push(oldest.trace);
        }
        (trace, gone)
    }

    fn is_over(&self) -> bool {
        self.kept.len() > self.max_traces || self.weight_in_bytes > self.max_bytes
    }

    /// The trace with an id, if it is still kept.
    #[must_use]
    pub fn get(&self, id: TraceId) -> Option<Arc<Trace>> {
        let place = self.kept.binary_search_by_key(&id, |kept| kept.trace.id).ok()?;
        self.kept.get(place).map(|kept| Arc::clone(&kept.trace))
    }

    /// The traces of a workload, or all of them, oldest first.
    pub fn iter(&self, workload: Option<WorkloadId>) -> impl DoubleEndedIterator<Item = &Arc<Trace>> {
        let is_meant = move |trace: &&Arc<Trace>| workload.is_none() || trace.workload == workload;
        self.kept.iter().map(|kept| &kept.trace).filter(is_meant)
    }

    /// Summaries of the newest traces after an id, at most so many, oldest first.
    #[must_use]
    pub fn summaries(&self, workload: Option<WorkloadId>, after: TraceId, limit: usize) -> Vec<TraceSummary> {
        let newest = self.iter(workload).rev().take_while(|trace| trace.id > after).take(limit);
        let mut summaries: Vec<_> = newest.map(|trace| trace.summary()).collect();
        summaries.reverse();
        summaries
    }

    /// The id of the newest trace that there ever was; 0 before the first.
    #[must_use]
    pub fn newest(&self) -> TraceId {
        TraceId(self.next - 1)
    }

    /// Forgets all traces, and gives them back as [`Ring::push`] does.
    pub fn clear(&mut self) -> Vec<Arc<Trace>> {
        self.weight_in_bytes = 0;
        self.kept.drain(..).map(|kept| kept.trace).collect()
    }
}

impl Default for Ring {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::trace;

    fn of(workload: u32) -> Trace {
        Trace { workload: Some(WorkloadId(workload)), ..trace(3) }
    }

    fn ids(ring: &Ring, workload: Option<u32>, after: u64, limit: usize) -> Vec<u64> {
        let found = ring.summaries(workload.map(WorkloadId), TraceId(after), limit);
        found.iter().map(|summary| summary.id.0).collect()
    }

    #[test]
    fn the_newest_traces_win_and_each_is_found_by_its_id() {
        let mut ring = Ring::bounded(3, usize::MAX);
        let added: Vec<_> = (0..5).map(|_| ring.push(of(1)).0.id.0).collect();
        assert_eq!(added, [1, 2, 3, 4, 5]);
        assert_eq!(ids(&ring, None, 0, 100), [3, 4, 5]);
        assert!(ring.get(TraceId(2)).is_none() && ring.get(TraceId(6)).is_none());
        assert_eq!(ring.get(TraceId(4)).expect("kept").id, TraceId(4));
    }

    #[test]
    fn a_list_is_of_one_workload_after_an_id_and_holds_the_newest() {
        let mut ring = Ring::new();
        for workload in [1, 2, 1, 2, 1] {
            ring.push(of(workload));
        }
        assert_eq!(ids(&ring, Some(1), 0, 100), [1, 3, 5]);
        assert_eq!(ids(&ring, Some(1), 1, 100), [3, 5]);
        assert_eq!(ids(&ring, Some(1), 0, 2), [3, 5]);
        assert!(ids(&ring, Some(3), 0, 2).is_empty());
        assert!(ids(&ring, None, 5, 2).is_empty());
    }

    #[test]
    fn bytes_are_bounded_but_the_newest_trace_is_always_kept() {
        let one = weight_in_bytes(&of(1));
        let mut ring = Ring::bounded(100, one * 2);
        for _ in 0..5 {
            ring.push(of(1));
        }
        assert_eq!(ids(&ring, None, 0, 100), [4, 5]);
        let (large, gone) = ring.push(Trace { workload: Some(WorkloadId(1)), ..trace(1000) });
        assert_eq!((ids(&ring, None, 0, 100), gone.len()), (vec![large.id.0], 2));
        ring.push(of(1));
        assert_eq!(ids(&ring, None, 0, 100), [7]);
    }

    #[test]
    fn ids_go_on_after_everything_was_forgotten() {
        let mut ring = Ring::new();
        ring.push(of(1));
        assert_eq!(ring.clear().len(), 1);
        assert_eq!((ids(&ring, None, 0, 100), ring.newest()), (Vec::new(), TraceId(1)));
        assert_eq!(ring.push(of(1)).0.id, TraceId(2));
    }
}
