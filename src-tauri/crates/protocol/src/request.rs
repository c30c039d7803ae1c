//! What can be asked of the workbench, and what it answers.

use serde::{Deserialize, Serialize};

use crate::{
    CallOutcome, CallSessionId, ComponentInfo, ComponentName, ConnectionId, ConnectionView, Edit, Endpoint,
    Error, ExportForm, Exported, FrameBytes, FramePage, Functions, HeldCall, HoldId, ImportFinding, Imported,
    Intervention, InterventionId, LibraryRequest, LibraryResponse, LogPage, McpRequest, McpResponse,
    ProbeLevel, ProbeSelection, Probes, Release, SessionId, SessionView, SiteFigures, Ticket, Trace,
    TraceFormat, TraceId, TraceSelection, TraceSummary, WorkloadId, WorkloadView, WrittenExport,
};

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
    /// Makes an empty workload, which has no file until it is saved. Answered by [`Response::Opened`].
    New {
        /// Its name; `untitled` if nothing is said.
        name: Option<String>,
    },
    /// Changes a workload and plans it anew. What runs of it goes on as it was. Answered by
    /// [`Response::Edited`]; an edit that would leave a file with problems changes nothing.
    Edit {
        /// The workload.
        workload: WorkloadId,
        /// The change.
        edit: Edit,
    },
    /// Makes a workload what it was at a revision: undo, or redo. Answered by [`Response::Edited`].
    Restore {
        /// The workload.
        workload: WorkloadId,
        /// The revision.
        revision: u64,
    },
    /// Writes a workload to its file. Answered by [`Response::Saved`].
    Save {
        /// The workload.
        workload: WorkloadId,
        /// Another file than the one it has; needed if it has none.
        path: Option<String>,
    },
    /// Stops a workload and forgets it. Answered by [`Response::Done`].
    Close(WorkloadId),
    /// Compiles and starts a workload. Answered by [`Response::Done`] when it runs.
    Start(WorkloadId),
    /// Stops a workload. Answered by [`Response::Done`] when nothing of it runs any more.
    Stop(WorkloadId),
    /// Looks whether component files of a running workload have changed, as every call does. Answered by
    /// [`Response::Done`] once what is in them runs; an [`Event`](crate::Event) tells what came of it.
    Refresh(WorkloadId),
    /// Writes to the standard input of a running workload's service. Answered by [`Response::Done`] once
    /// there is room for it; if nobody reads, that may be never.
    Stdin {
        /// The workload.
        workload: WorkloadId,
        /// What to write.
        bytes: Vec<u8>,
        /// Whether the input ends after it.
        close: bool,
    },
    /// Grants an origin to a component of a running workload, until it stops: its file stays as it is.
    /// Answered by [`Response::Done`].
    Grant {
        /// The workload.
        workload: WorkloadId,
        /// The component.
        component: ComponentName,
        /// The origin, as in `permissions.network`.
        origin: String,
    },
    /// Takes an origin from a component of a running workload, until it stops. What it is connected to
    /// stays so. Answered by [`Response::Done`].
    Revoke {
        /// The workload.
        workload: WorkloadId,
        /// The component.
        component: ComponentName,
        /// The origin, as in `permissions.network`.
        origin: String,
    },
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
        /// Names the call, for [`Request::CancelCall`].
        #[serde(default)]
        ticket: Option<Ticket>,
    },
    /// Calls a function of a running workload, in an instance of its own, and tells what happened below. Answered
    /// by [`Response::Traced`].
    Trace {
        /// The workload.
        workload: WorkloadId,
        /// The component that exports the function.
        component: ComponentName,
        /// `function`, `interface#function`, or the full `ns:pkg/interface@version#function`.
        function: String,
        /// One WAVE value for each parameter.
        args: Vec<String>,
        /// Names the call, for [`Request::CancelCall`].
        #[serde(default)]
        ticket: Option<Ticket>,
    },
    /// Ends a call that was made with this ticket, whatever it does: it is answered by an error then. Answered by
    /// [`Response::Done`], also if the call has ended already.
    CancelCall {
        /// The workload that is called.
        workload: WorkloadId,
        /// Which call.
        ticket: Ticket,
    },
    /// Makes an instance of a component for a session of calls, which ends when it is closed, when a call in it
    /// fails, or with the workload. Answered by [`Response::SessionOpened`].
    OpenSession {
        /// The workload.
        workload: WorkloadId,
        /// The component.
        component: ComponentName,
    },
    /// Calls a function in a session. Resources that it gives become handles: `#1`, which later calls in the
    /// session can be given. Answered by [`Response::CalledInSession`].
    CallInSession {
        /// The workload.
        workload: WorkloadId,
        /// The session.
        session: CallSessionId,
        /// As in [`Request::Call`].
        function: String,
        /// One WAVE value for each parameter.
        args: Vec<String>,
        /// Names the call, for [`Request::CancelCall`].
        #[serde(default)]
        ticket: Option<Ticket>,
    },
    /// The handles that a session holds. Answered by [`Response::Handles`].
    Handles {
        /// The workload.
        workload: WorkloadId,
        /// The session.
        session: CallSessionId,
    },
    /// Drops a handle, which ends the life of the resource if the session owns it. Answered by
    /// [`Response::Handles`] with those that are left.
    DropHandle {
        /// The workload.
        workload: WorkloadId,
        /// The session.
        session: CallSessionId,
        /// The handle's number: 1 for `#1`.
        handle: u64,
    },
    /// Ends a session and everything that it holds. Answered by [`Response::Done`].
    CloseSession {
        /// The workload.
        workload: WorkloadId,
        /// The session.
        session: CallSessionId,
    },
    /// Switches probes. Counts at once for calls that begin afterwards. Answered by [`Response::Probes`].
    SetProbes {
        /// The workload.
        workload: WorkloadId,
        /// Which.
        sites: ProbeSelection,
        /// How much is observed from now on.
        level: ProbeLevel,
    },
    /// Switches [`ProbeSelection::All`] of every open workload, and of those that are opened later, which begin with
    /// it. What is added to a workload by an edit follows, too, until probes of that workload are switched with
    /// [`Request::SetProbes`]: of the two, what was said last counts. Answered by [`Response::Done`]; events tell what
    /// is observed now: [`Event::AllProbes`](crate::Event::AllProbes), and
    /// [`Event::Probes`](crate::Event::Probes) for each workload of which something else is.
    SetAllProbes(ProbeLevel),
    /// Does something to calls over a link from now on: a breakpoint, a delay, a failure. One with the id of one
    /// that there is takes its place. A link that is not observed is at [`ProbeLevel::Timing`] afterwards.
    /// Answered by [`Response::Probes`].
    Intervene {
        /// The workload.
        workload: WorkloadId,
        /// What is done.
        intervention: Intervention,
    },
    /// Does it no longer; a call that is held by it goes on. Answered by [`Response::Probes`].
    RemoveIntervention {
        /// The workload.
        workload: WorkloadId,
        /// Which.
        intervention: InterventionId,
    },
    /// Lets a held call go on. Answered by [`Response::Done`].
    Release {
        /// The call.
        hold: HoldId,
        /// How it goes on.
        how: Release,
    },
    /// Lets all held calls of a workload go on as they came, and disables its breakpoints. Answered by
    /// [`Response::Probes`].
    ReleaseAll(WorkloadId),
    /// What has gone over the links. Answered by [`Response::Figures`].
    Figures(WorkloadId),
    /// The traces that are kept, the newest last. Answered by [`Response::Traces`].
    Traces {
        /// Only of this workload; of all if nothing is said.
        workload: Option<WorkloadId>,
        /// Only those after this one; 0 for all.
        after: TraceId,
        /// At most this many, the newest.
        limit: u32,
    },
    /// One trace, whole. Answered by [`Response::Trace`].
    TraceById(TraceId),
    /// Forgets the traces that are kept in memory. Answered by [`Response::Done`].
    ClearTraces,
    /// Keeps every trace of a workload on disk, too, until it is told to stop. Answered by
    /// [`Response::Recording`].
    Record {
        /// The workload.
        workload: WorkloadId,
        /// The file, to which is appended; one in the user's data folder if nothing is said.
        path: Option<String>,
    },
    /// Keeps them on disk no longer. Answered by [`Response::Recording`] with how many there are.
    StopRecording(WorkloadId),
    /// Reads a recording into the traces that are kept, where the newest stay. Answered by
    /// [`Response::RecordingOpened`].
    OpenRecording {
        /// The file.
        path: String,
    },
    /// One trace of a recording, however many there are. Answered by [`Response::Trace`].
    RecordedTrace {
        /// The file.
        path: String,
        /// Its place in the file, counted from 1.
        number: u64,
    },
    /// Writes traces to a file. Answered by [`Response::Exported`].
    ExportTraces {
        /// Which.
        traces: TraceSelection,
        /// How.
        format: TraceFormat,
        /// Where to; a file that exists is replaced.
        path: String,
    },
    /// Sends traces to an OpenTelemetry collector. Answered by [`Response::Exported`].
    SendTraces {
        /// Which.
        traces: TraceSelection,
        /// The collector's address for OTLP over HTTP: `http://127.0.0.1:4318`.
        endpoint: String,
    },
    /// Part of a workload's log. Answered by [`Response::Logs`].
    Logs {
        /// The workload.
        workload: WorkloadId,
        /// Only records after this one; 0 for all.
        after: u64,
        /// Only records before this one; all if nothing is said.
        #[serde(default)]
        before: Option<u64>,
        /// At most this many, the newest.
        limit: u32,
    },
    /// Reads a component file. Answered by [`Response::Inspected`].
    Inspect {
        /// The component binary.
        path: String,
    },
    /// The functions of a component in a workload, with their types. Nothing is compiled for it. Answered by
    /// [`Response::Functions`].
    Functions {
        /// The workload.
        workload: WorkloadId,
        /// The component.
        component: ComponentName,
    },
    /// The WIT of a component in a workload, with its docs. Answered by [`Response::Wit`].
    Wit {
        /// The workload.
        workload: WorkloadId,
        /// The component.
        component: ComponentName,
    },
    /// Makes of a workload what other runtimes take. Answered by [`Response::ExportedWorkload`]; nothing is
    /// written.
    ExportWorkload {
        /// The workload.
        workload: WorkloadId,
        /// What to make of it.
        form: ExportForm,
        /// Components that take part in the export alone, each as a workload file names its source: a file, seen
        /// from the workload's folder, an `oci://` reference, or an alias in the library. They are linked by
        /// their types, as if they were in the workload: so one can stand in for a plugin that another
        /// runtime does not have.
        #[serde(default)]
        with: Vec<String>,
    },
    /// Makes of a workload what other runtimes take, and writes it. Answered by [`Response::WroteExport`], or, where
    /// files are in the way that may not be replaced, by [`Response::ExportInTheWay`]; then nothing is written.
    WriteExport {
        /// The workload.
        workload: WorkloadId,
        /// What to make of it.
        form: ExportForm,
        /// As for [`Self::ExportWorkload`].
        #[serde(default)]
        with: Vec<String>,
        /// Where to; what has to lie beside it goes into the same folder.
        path: String,
        /// Whether files that are there are replaced.
        replace: bool,
    },
    /// Makes a workload file of a manifest for wasmCloud's Kubernetes operator. Answered by
    /// [`Response::ImportedWorkload`]; nothing is written.
    ImportWorkload {
        /// The manifest: YAML.
        text: String,
        /// How errors name it.
        path: String,
    },
    /// Opens what a manifest for wasmCloud's Kubernetes operator describes, as a workload without a file. Answered
    /// by [`Response::OpenedManifest`].
    OpenManifest {
        /// The manifest's file.
        path: String,
    },
    /// Something of the library. Answered by [`Response::Library`].
    Library(LibraryRequest),
    /// Offers a running workload to MCP clients of this machine, on a loopback port that shows in
    /// [`WorkloadView::mcp_url`]. Answered by [`Response::Done`].
    Serve {
        /// The workload.
        workload: WorkloadId,
        /// The port; any free one if nothing is said.
        port: Option<u16>,
    },
    /// Offers it no longer. Answered by [`Response::Done`].
    StopServing(WorkloadId),
    /// Connects to an MCP server. Answered by [`Response::Connected`] at once; the handshake goes on, and
    /// what comes of it is an [`Event`](crate::Event).
    Connect(Endpoint),
    /// Closes a connection. It stays in the list until it is forgotten. Answered by [`Response::Done`].
    Disconnect(ConnectionId),
    /// Closes a connection and takes it out of the list; its session stays. Answered by [`Response::Done`].
    Forget(ConnectionId),
    /// Asks a server. Answered by [`Response::Mcp`].
    Mcp {
        /// Over which connection.
        connection: ConnectionId,
        /// Names this request in [`Request::CancelMcp`] and in notices of progress.
        ticket: Ticket,
        /// What is asked.
        request: McpRequest,
    },
    /// Gives up a request; it is answered by an error then. Answered by [`Response::Done`].
    CancelMcp {
        /// Over which connection it was made.
        connection: ConnectionId,
        /// Which.
        ticket: Ticket,
    },
    /// Sends one message as it stands, which may be anything. If it has the `id` of a request, it gets one
    /// that is not in use. Answered by [`Response::Sent`]; what the server says to it is in the session.
    Send {
        /// Over which connection.
        connection: ConnectionId,
        /// The message.
        text: String,
    },
    /// The sessions on this machine, the newest first. Answered by [`Response::Sessions`].
    Sessions,
    /// Part of a session. Answered by [`Response::Frames`].
    Frames {
        /// The session.
        session: SessionId,
        /// Only frames after this one; 0 for all.
        after: u64,
        /// At most this many, the oldest of those.
        limit: u32,
    },
    /// The bytes of a frame. Answered by [`Response::FrameBytes`].
    FrameBytes {
        /// The session.
        session: SessionId,
        /// The frame.
        number: u64,
    },
    /// Removes a session that is not live from this machine. Answered by [`Response::Done`].
    DeleteSession(SessionId),
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
    /// To [`Request::Trace`].
    Traced {
        /// What came of it.
        result: Result<CallOutcome, Error>,
        /// What happened below.
        trace: Trace,
    },
    /// To [`Request::SetProbes`] and others: what is observed now.
    Probes(Probes),
    /// To [`Request::Figures`].
    Figures(Vec<SiteFigures>),
    /// To [`Request::Traces`].
    Traces(Vec<TraceSummary>),
    /// To [`Request::TraceById`] and [`Request::RecordedTrace`].
    Trace(Trace),
    /// To [`Request::OpenRecording`].
    RecordingOpened {
        /// Those of the file that are kept now, the newest last.
        traces: Vec<TraceSummary>,
        /// How many there are in the file that can be read.
        total: u64,
        /// How many it says are missing, because the disk was too slow or full.
        lost: u64,
        /// What of the file cannot be read, in words.
        damage: Vec<String>,
    },
    /// To [`Request::Record`] and [`Request::StopRecording`].
    Recording {
        /// The file, as an absolute path.
        path: String,
        /// How many traces were written to it since recording began.
        traces: u64,
    },
    /// To [`Request::ExportTraces`] and [`Request::SendTraces`].
    Exported {
        /// Where to.
        to: String,
        /// How many traces.
        traces: u64,
    },
    /// To [`Request::OpenSession`].
    SessionOpened(CallSessionId),
    /// To [`Request::CallInSession`].
    CalledInSession {
        /// What came of it.
        outcome: CallOutcome,
        /// The handles that the session holds now.
        handles: Vec<String>,
    },
    /// To [`Request::Handles`] and [`Request::DropHandle`]: each with what it stands for, `#1 (bucket)`.
    Handles(Vec<String>),
    /// To [`Request::Logs`].
    Logs(LogPage),
    /// To [`Request::Inspect`].
    Inspected(ComponentInfo),
    /// To [`Request::Edit`] and [`Request::Restore`].
    Edited {
        /// The revision that it had.
        before: u64,
        /// The revision that it has.
        after: u64,
        /// The component that the edit added or renamed.
        component: Option<ComponentName>,
    },
    /// To [`Request::Save`].
    Saved {
        /// The file, as an absolute path.
        path: String,
    },
    /// To [`Request::Functions`].
    Functions(Functions),
    /// To [`Request::Wit`].
    Wit(String),
    /// To [`Request::ExportWorkload`].
    ExportedWorkload(Exported),
    /// To [`Request::WriteExport`].
    WroteExport(WrittenExport),
    /// To [`Request::WriteExport`]: the files that are there already.
    ExportInTheWay(Vec<String>),
    /// To [`Request::ImportWorkload`].
    ImportedWorkload(Imported),
    /// To [`Request::OpenManifest`].
    OpenedManifest {
        /// The workload.
        workload: WorkloadView,
        /// What of the manifest is not in it.
        findings: Vec<ImportFinding>,
    },
    /// To [`Request::Library`].
    Library(LibraryResponse),
    /// To [`Request::Connect`].
    Connected(ConnectionView),
    /// To [`Request::Mcp`].
    Mcp(McpResponse),
    /// To [`Request::Send`].
    Sent {
        /// The frame that was recorded of it.
        frame: u64,
    },
    /// To [`Request::Sessions`].
    Sessions(Vec<SessionView>),
    /// To [`Request::Frames`].
    Frames(FramePage),
    /// To [`Request::FrameBytes`].
    FrameBytes(FrameBytes),
    /// It is done, and there is nothing to tell.
    Done,
}

/// The state of the workbench at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Snapshot {
    /// The open workloads, in the order of their opening.
    pub workloads: Vec<WorkloadView>,
    /// The connections of the MCP client inside, in the order of their making.
    #[serde(default)]
    pub connections: Vec<ConnectionView>,
    /// The calls that are held, oldest first.
    #[serde(default)]
    pub held: Vec<HeldCall>,
    /// What [`Request::SetAllProbes`] said last; off if it never said anything.
    #[serde(default)]
    pub all_probes: ProbeLevel,
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
