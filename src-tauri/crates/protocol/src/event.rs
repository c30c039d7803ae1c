//! What the workbench announces.

use serde::{Deserialize, Serialize};

use crate::{Listening, LogRecord, WorkloadId, WorkloadState, WorkloadView};

/// Something that happened. A reader that has a [`crate::Snapshot`] and applies every event after
/// it knows the workbench's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Event {
    /// A workload was opened, or opened again after its file changed.
    Opened(WorkloadView),
    /// A workload was closed.
    Closed(WorkloadId),
    /// A workload reached another state.
    State {
        /// Which workload.
        workload: WorkloadId,
        /// The state that it is in now.
        state: WorkloadState,
    },
    /// A workload's HTTP handlers answer at these addresses now, and at no others.
    Listening {
        /// Which workload.
        workload: WorkloadId,
        /// Where it answers; empty when it has stopped.
        listening: Vec<Listening>,
    },
    /// Components printed lines. Oldest first, of any workloads.
    Logs(Vec<LogRecord>),
    /// The reader was too slow, and this many events before this one were not delivered to it.
    /// Ask for a snapshot, and for the log from the last record seen.
    Skipped(u64),
}
