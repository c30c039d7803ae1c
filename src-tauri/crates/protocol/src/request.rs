//! What can be asked of the workbench, and what it answers.

use serde::{Deserialize, Serialize};

use crate::{CallOutcome, ComponentInfo, ComponentName, LogPage, WorkloadId, WorkloadView};

/// Everything that can be asked of the workbench. Whatever the window can do is here, and so the
/// terminal can do it as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Request {
    /// Everything that a new reader must know. Answered by [`Response::Snapshot`].
    Snapshot,
    /// How the workbench is doing. Answered by [`Response::Heartbeat`].
    Heartbeat,
    /// The workloads that come with Jackfield. Answered by [`Response::Samples`].
    Samples,
    /// Opens a workload file, reads its components and plans it. A plan with errors opens too.
    /// Answered by [`Response::Opened`]. Opening a file that is open gives the same id, and reads it
    /// anew unless it runs.
    Open {
        /// The workload file, or a folder that holds a `workload.toml`.
        path: String,
    },
    /// Stops a workload and forgets it. Answered by [`Response::Done`].
    Close(WorkloadId),
    /// Compiles and starts a workload. Answered by [`Response::Done`] when it runs.
    Start(WorkloadId),
    /// Stops a workload. Answered by [`Response::Done`] when nothing of it runs any more.
    Stop(WorkloadId),
    /// Calls a function of a running workload. Answered by [`Response::Called`].
    Call {
        /// The workload.
        workload: WorkloadId,
        /// The component that exports the function.
        component: ComponentName,
        /// `function`, `interface#function`, or the full `ns:pkg/interface@version#function`.
        function: String,
        /// One WAVE value for each parameter.
        args: Vec<String>,
    },
    /// Part of a workload's log. Answered by [`Response::Logs`].
    Logs {
        /// The workload.
        workload: WorkloadId,
        /// Only records after this one; 0 for all.
        after: u64,
        /// At most this many, the newest.
        limit: u32,
    },
    /// Reads a component file. Answered by [`Response::Inspected`].
    Inspect {
        /// The component binary.
        path: String,
    },
}

/// What the workbench answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Response {
    /// To [`Request::Snapshot`].
    Snapshot(Snapshot),
    /// To [`Request::Heartbeat`].
    Heartbeat(Heartbeat),
    /// To [`Request::Samples`].
    Samples(Vec<Sample>),
    /// To [`Request::Open`].
    Opened(WorkloadView),
    /// To [`Request::Call`].
    Called(CallOutcome),
    /// To [`Request::Logs`].
    Logs(LogPage),
    /// To [`Request::Inspect`].
    Inspected(ComponentInfo),
    /// It is done, and there is nothing to tell.
    Done,
}

/// The state of the workbench at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Snapshot {
    /// The open workloads, in the order of their opening.
    pub workloads: Vec<WorkloadView>,
}

/// How a workbench is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Heartbeat {
    /// Jackfield's version.
    pub version: String,
    /// The version of the embedded Wasmtime.
    pub wasmtime_version: String,
    /// Since the workbench was made: milliseconds.
    pub uptime_millis: u64,
    /// How many workloads are open.
    pub open_workloads: u32,
    /// How many of them run.
    pub running_workloads: u32,
}

/// A workload that comes with Jackfield.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Sample {
    /// Its name.
    pub name: String,
    /// What it shows, in one sentence.
    pub description: String,
    /// Its workload file.
    pub path: String,
}
