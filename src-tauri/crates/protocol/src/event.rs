//! What the workbench announces.

use serde::{Deserialize, Serialize};

use crate::{
    ComponentName, ConnectionId, ConnectionView, Denial, Error, Frame, HeldCall, HoldId, Listening,
    LogRecord, McpNotice, ProbeLevel, Probes, SessionView, SiteFigures, TraceSummary, Transfer, WorkloadId,
    WorkloadState, WorkloadView,
};

/// Something that happened. A reader that has a [`crate::Snapshot`] and applies every event after
/// it knows the workbench's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Event {
    /// A workload was opened, or it is another now: read anew, changed, saved or served.
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
    /// A component wanted something that it may not have. Told once for each thing wanted, and again
    /// after the component's permissions have changed.
    Denied {
        /// In which workload.
        workload: WorkloadId,
        /// What was denied, and what would allow it.
        denial: Denial,
    },
    /// Something else is observed of a workload, or done to its calls.
    Probes {
        /// Which workload.
        workload: WorkloadId,
        /// What is observed now.
        probes: Probes,
    },
    /// [`Request::SetAllProbes`](crate::Request::SetAllProbes) said this. Told before what came of it in each workload.
    AllProbes(ProbeLevel),
    /// A call is held at a breakpoint.
    Held(HeldCall),
    /// A held call goes on, or has ended otherwise.
    Released(HoldId),
    /// Calls were observed. Oldest first; told a few times in a second at most, and of very many only the newest:
    /// [`Request::Traces`](crate::Request::Traces) has all that are kept.
    Traced(Vec<TraceSummary>),
    /// Traces of a workload could not be written to its recording, or can be again. Told a few times in a second
    /// at most.
    Unrecorded {
        /// Which workload.
        workload: WorkloadId,
        /// How many are missing in the recording by now.
        lost: u64,
        /// Why, and what to do; nothing once it writes again.
        problem: Option<String>,
    },
    /// What has gone over a workload's links by now: those that have changed. Told a few times in a second at most.
    Figures {
        /// Which workload.
        workload: WorkloadId,
        /// The figures.
        figures: Vec<SiteFigures>,
    },
    /// Component files changed, and what is in them has taken the place of what ran. Calls that were under way
    /// end on the code that they began with.
    Reloaded {
        /// In which workload.
        workload: WorkloadId,
        /// The components whose code is another now, in the order of the workload file.
        components: Vec<ComponentName>,
        /// The entries that were composed and compiled again, in the order of the workload file.
        entries: Vec<ComponentName>,
        /// From noticing it until new calls run the new code: microseconds.
        duration_micros: u64,
    },
    /// Component files changed, and what ran before runs on.
    NotReloaded {
        /// In which workload.
        workload: WorkloadId,
        /// The components whose files have changed, in the order of the workload file.
        components: Vec<ComponentName>,
        /// Why what is in them cannot run.
        error: Error,
    },
    /// The library holds something else now; ask again for what is shown of it.
    LibraryChanged,
    /// A pull or a push goes on.
    Transfer(Transfer),
    /// A connection was made, or is in another state now.
    Connection(ConnectionView),
    /// A connection was taken out of the list.
    Forgotten(ConnectionId),
    /// A session began or ended.
    Session(SessionView),
    /// Frames came by. In the order of their numbers within each session.
    Frames(Vec<Frame>),
    /// A server sent something of itself.
    Notice {
        /// Over which connection.
        connection: ConnectionId,
        /// What.
        notice: McpNotice,
    },
    /// The reader was too slow, and this many events before this one were not delivered to it.
    /// Ask for a snapshot, and for the log from the last record seen.
    Skipped(u64),
}
