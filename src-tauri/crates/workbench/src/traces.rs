//! The traces that are kept.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use jackfield_protocol::{Event, Trace, TraceId, WorkloadId};

use crate::events::Hub;

/// The traces of all workloads.
#[derive(Debug)]
pub(crate) struct Traces {
    hub: Arc<Hub>,
    last: AtomicU64,
}

impl Traces {
    pub(crate) fn new(hub: Arc<Hub>) -> Self {
        Self { hub, last: AtomicU64::new(0) }
    }

    /// Keeps a trace. Gives the name that it is kept under.
    pub(crate) fn add(&self, _: WorkloadId, trace: Trace) -> TraceId {
        let id = TraceId(self.last.fetch_add(1, Ordering::Relaxed) + 1);
        self.hub.announce(Event::Traced(vec![Trace { id, ..trace }.summary()]));
        id
    }
}
