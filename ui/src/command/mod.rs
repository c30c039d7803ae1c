//! The commands: the one list that menus, toolbar, palette, shortcuts and help are made of.
//!
//! What a command says is in `words`, its keys are in `keys`, and when it can be done in `state`, for the MCP tabs
//! and the traces in files of their own.

mod keys;
mod mcp;
mod state;
mod traces;
mod words;

pub(crate) use keys::pressed;

/// Something that can be done from anywhere in the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// Shows the open dialog.
    Open,
    /// Makes an empty workload.
    New,
    /// Writes the current workload to its file.
    Save,
    /// Writes it to another file.
    SaveAs,
    /// Makes of the current workload what other runtimes take.
    ExportWorkload,
    /// Makes a workload of a manifest for wasmCloud.
    ImportManifest,
    /// Closes the current workload.
    Close,
    /// Closes the window.
    Quit,
    /// Takes the last edit back.
    Undo,
    /// Makes the edit again that was taken back last.
    Redo,
    /// Starts the current workload.
    Start,
    /// Stops the current workload.
    Stop,
    /// Stops and starts it, so that what was changed runs.
    Restart,
    /// Looks for a component in the library.
    FindInLibrary,
    /// Puts a component file into the library.
    AddFile,
    /// Shows the whole graph.
    Fit,
    /// Enlarges the canvas.
    ZoomIn,
    /// Shrinks the canvas.
    ZoomOut,
    /// Shows the canvas at its natural size.
    ZoomReset,
    /// Places the cards anew.
    Arrange,
    /// Selects nothing.
    Deselect,
    /// Removes what is selected.
    Delete,
    /// Changes a name.
    Rename,
    /// Makes the selected component the service, or no longer.
    ToggleService,
    /// Lets the rules find what satisfies an import.
    LinkToRules,
    /// Lets the host satisfy an import.
    LinkToHost,
    /// Lets nobody satisfy an import.
    LinkToStub,
    /// Shows or hides the components panel.
    ToggleComponents,
    /// Shows or hides the inspector.
    ToggleInspector,
    /// Shows or hides the dock.
    ToggleDock,
    /// Shows the logs in the dock.
    ShowLogs,
    /// Shows the problems in the dock.
    ShowProblems,
    /// Holds the log still, or goes on.
    PauseLog,
    /// Keeps the newest log line in view, or not.
    FollowLog,
    /// Empties the log panel.
    ClearLog,
    /// Copies the selected log lines, or all that are shown.
    CopyLog,
    /// Shows the connections to MCP servers.
    ShowMcp,
    /// Shows recorded conversations.
    ShowSession,
    /// Gives the dock most of the window.
    LargeDock,
    /// Shows every line of the log.
    ClearLogFilter,
    /// Connects to the current workload over MCP.
    ConnectWorkload,
    /// Asks for a program to connect to.
    ConnectCommand,
    /// Asks for an address to connect to.
    ConnectUrl,
    /// Closes the connection that is shown.
    Disconnect,
    /// Makes the connection anew that is shown.
    Reconnect,
    /// Takes the connection that is shown out of the list.
    ForgetConnection,
    /// Offers the current workload to MCP clients.
    ServeWorkload,
    /// Offers it no longer.
    StopServing,
    /// Lists again what the server offers.
    ReloadOffers,
    /// Calls the selected tool.
    CallTool,
    /// Gives up the call of the selected tool.
    CancelCall,
    /// Sends the selected frame again.
    ReplayFrame,
    /// Changes the selected frame and sends it.
    EditFrame,
    /// Goes from a request to its response, or back.
    PairedFrame,
    /// Shows every frame of the session.
    ClearFrameFilter,
    /// Keeps the newest frame in view, or not.
    FollowFrames,
    /// Shows the traces in the dock.
    ShowTraces,
    /// Observes nothing of the current workload.
    ObserveOff,
    /// Observes names and times.
    ObserveTiming,
    /// Observes arguments and results, too.
    ObserveValues,
    /// Observes nothing of any workload.
    ObserveAllOff,
    /// Observes names and times in all workloads.
    ObserveAllTiming,
    /// Observes arguments and results in all workloads, too.
    ObserveAllValues,
    /// Holds calls over the selected link, or no longer.
    ToggleBreakpoint,
    /// Lets the held call go on that is shown.
    ContinueHeld,
    /// Lets all held calls go on.
    ReleaseAll,
    /// Keeps traces in a file.
    RecordTraces,
    /// Keeps them there no longer.
    StopRecording,
    /// Reads recorded traces.
    OpenRecording,
    /// Writes traces as JSON.
    ExportJson,
    /// Writes them in Chrome's format.
    ExportChrome,
    /// Writes them in OpenTelemetry's format.
    ExportOtlp,
    /// Sends them to a collector.
    SendTraces,
    /// Forgets the traces.
    ClearTraces,
    /// Shows every trace.
    ClearTraceFilter,
    /// Keeps the newest trace in view, or not.
    FollowTraces,
    /// Copies the trace that is shown.
    CopyTrace,
    /// Shows the next open workload.
    NextWorkload,
    /// Shows the open workload before this one.
    PreviousWorkload,
    /// Follows the system's theme.
    ThemeSystem,
    /// Dark.
    ThemeDark,
    /// Light.
    ThemeLight,
    /// Shows the command palette.
    Palette,
    /// Shows the help window.
    Help,
}

impl Command {
    /// Every command, in the order of the help window.
    pub const ALL: [Self; 84] = [
        Self::New,
        Self::Open,
        Self::Save,
        Self::SaveAs,
        Self::ExportWorkload,
        Self::ImportManifest,
        Self::Close,
        Self::Quit,
        Self::Undo,
        Self::Redo,
        Self::Start,
        Self::Stop,
        Self::Restart,
        Self::FindInLibrary,
        Self::AddFile,
        Self::Fit,
        Self::ZoomIn,
        Self::ZoomOut,
        Self::ZoomReset,
        Self::Arrange,
        Self::Deselect,
        Self::Delete,
        Self::Rename,
        Self::ToggleService,
        Self::LinkToRules,
        Self::LinkToHost,
        Self::LinkToStub,
        Self::ToggleComponents,
        Self::ToggleInspector,
        Self::ToggleDock,
        Self::ShowLogs,
        Self::ShowProblems,
        Self::PauseLog,
        Self::FollowLog,
        Self::ClearLog,
        Self::CopyLog,
        Self::ShowMcp,
        Self::ShowSession,
        Self::LargeDock,
        Self::ClearLogFilter,
        Self::ConnectWorkload,
        Self::ConnectCommand,
        Self::ConnectUrl,
        Self::Disconnect,
        Self::Reconnect,
        Self::ForgetConnection,
        Self::ServeWorkload,
        Self::StopServing,
        Self::ReloadOffers,
        Self::CallTool,
        Self::CancelCall,
        Self::ReplayFrame,
        Self::EditFrame,
        Self::PairedFrame,
        Self::ClearFrameFilter,
        Self::FollowFrames,
        Self::ShowTraces,
        Self::ObserveOff,
        Self::ObserveTiming,
        Self::ObserveValues,
        Self::ObserveAllOff,
        Self::ObserveAllTiming,
        Self::ObserveAllValues,
        Self::ToggleBreakpoint,
        Self::ContinueHeld,
        Self::ReleaseAll,
        Self::RecordTraces,
        Self::StopRecording,
        Self::OpenRecording,
        Self::ExportJson,
        Self::ExportChrome,
        Self::ExportOtlp,
        Self::SendTraces,
        Self::ClearTraces,
        Self::ClearTraceFilter,
        Self::FollowTraces,
        Self::CopyTrace,
        Self::NextWorkload,
        Self::PreviousWorkload,
        Self::ThemeSystem,
        Self::ThemeDark,
        Self::ThemeLight,
        Self::Palette,
        Self::Help,
    ];
}
