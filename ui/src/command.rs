//! The commands: the one list that menus, toolbar, palette, shortcuts and help are made of.

use egui::{Key, KeyboardShortcut, Modifiers};
use jackfield_protocol::{Link, LinkTarget, ProbeLevel, Rule};

use crate::action::Action;
use crate::model::mcp::{Arguments, Connection, Offer};
use crate::model::traces::link_site;
use crate::model::{DockTab, Model, OpenWorkload};

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
    pub const ALL: [Self; 79] = [
        Self::New,
        Self::Open,
        Self::Save,
        Self::SaveAs,
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

    /// What buttons and menus say. An ellipsis means that a dialog follows.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Open => "Open…",
            Self::New => "New workload",
            Self::Save => "Save",
            Self::SaveAs => "Save as…",
            Self::Close => "Close workload",
            Self::Quit => "Quit",
            Self::Undo => "Undo",
            Self::Redo => "Redo",
            Self::Start => "Start",
            Self::Stop => "Stop",
            Self::Restart => "Restart",
            Self::FindInLibrary => "Find in library",
            Self::AddFile => "Add file to library…",
            Self::Fit => "Fit graph",
            Self::ZoomIn => "Zoom in",
            Self::ZoomOut => "Zoom out",
            Self::ZoomReset => "Actual size",
            Self::Arrange => "Arrange cards",
            Self::Deselect => "Select nothing",
            Self::Delete => "Delete",
            Self::Rename => "Rename",
            Self::ToggleService => "Service",
            Self::LinkToRules => "Leave link to the rules",
            Self::LinkToHost => "Link to the host",
            Self::LinkToStub => "Link to a stub",
            Self::ToggleComponents => "Components panel",
            Self::ToggleInspector => "Inspector",
            Self::ToggleDock => "Dock",
            Self::ShowLogs => "Show logs",
            Self::ShowProblems => "Show problems",
            Self::PauseLog => "Pause log",
            Self::FollowLog => "Follow log",
            Self::ClearLog => "Clear log",
            Self::CopyLog => "Copy log",
            Self::ShowMcp => "Show MCP",
            Self::ShowSession => "Show session",
            Self::LargeDock => "Large dock",
            Self::ClearLogFilter => "Clear log filter",
            Self::ConnectWorkload => "Connect to workload",
            Self::ConnectCommand => "Connect to command…",
            Self::ConnectUrl => "Connect to URL…",
            Self::Disconnect => "Disconnect",
            Self::Reconnect => "Reconnect",
            Self::ForgetConnection => "Forget connection",
            Self::ServeWorkload => "Serve on HTTP",
            Self::StopServing => "Stop serving",
            Self::ReloadOffers => "Reload tools",
            Self::CallTool => "Call tool",
            Self::CancelCall => "Cancel call",
            Self::ReplayFrame => "Replay frame",
            Self::EditFrame => "Edit and replay frame…",
            Self::PairedFrame => "Go to paired frame",
            Self::ClearFrameFilter => "Clear frame filter",
            Self::FollowFrames => "Follow session",
            Self::ShowTraces => "Show traces",
            Self::ObserveOff => "Observe: off",
            Self::ObserveTiming => "Observe: timing",
            Self::ObserveValues => "Observe: values",
            Self::ToggleBreakpoint => "Breakpoint on link",
            Self::ContinueHeld => "Continue held call",
            Self::ReleaseAll => "Release all held calls",
            Self::RecordTraces => "Record traces…",
            Self::StopRecording => "Stop recording",
            Self::OpenRecording => "Open recording…",
            Self::ExportJson => "Export traces as JSON…",
            Self::ExportChrome => "Export traces for Chrome…",
            Self::ExportOtlp => "Export traces as OTLP…",
            Self::SendTraces => "Send traces to collector…",
            Self::ClearTraces => "Clear traces",
            Self::ClearTraceFilter => "Clear trace filter",
            Self::FollowTraces => "Follow traces",
            Self::CopyTrace => "Copy trace",
            Self::NextWorkload => "Next workload",
            Self::PreviousWorkload => "Previous workload",
            Self::ThemeSystem => "Theme: system",
            Self::ThemeDark => "Theme: dark",
            Self::ThemeLight => "Theme: light",
            Self::Palette => "Command palette…",
            Self::Help => "Commands and shortcuts",
        }
    }

    /// What it does, in one sentence.
    #[must_use]
    pub fn tooltip(self) -> &'static str {
        match self {
            Self::Open => "Open a workload file",
            Self::New => "Make an empty workload",
            Self::Save => "Write the current workload to its file",
            Self::SaveAs => "Write the current workload to another file",
            Self::Close => "Stop the current workload and close it",
            Self::Quit => "Stop everything and close the window",
            Self::Undo => "Take the last edit back",
            Self::Redo => "Make the edit again that was taken back last",
            Self::Start => "Compile and start the current workload",
            Self::Stop => "Stop the current workload",
            Self::Restart => "Stop the current workload and start it as it is now",
            Self::FindInLibrary => "Look for a component to add to the workload",
            Self::AddFile => "Put a component file into the library",
            Self::Fit => "Show the whole graph",
            Self::ZoomIn => "Enlarge the graph",
            Self::ZoomOut => "Shrink the graph",
            Self::ZoomReset => "Show the graph at its natural size",
            Self::Arrange => "Place the cards anew, providers left of consumers",
            Self::Delete => {
                "Remove the selected component from the workload, or leave the selected link to the rules"
            }
            Self::Rename => "Change the name of the selected component, or of the workload",
            Self::ToggleService => "Make the selected component the service of the workload, or no longer",
            Self::LinkToRules => "Let the rules find what satisfies the import of the selected link",
            Self::LinkToHost => "Let the host satisfy the import of the selected link",
            Self::LinkToStub => {
                "Let calls through the selected link trap, so that the workload runs without it"
            }
            Self::Deselect => "Select nothing",
            Self::ToggleComponents => "Show or hide components and library",
            Self::ToggleInspector => "Show or hide the details of what is selected",
            Self::ToggleDock => "Show or hide logs and problems",
            Self::ShowLogs => "Show what components print",
            Self::ShowProblems => "Show what is wrong with the workload",
            Self::PauseLog => "Hold the log still while lines keep coming, or go on",
            Self::FollowLog => "Keep the newest line in view",
            Self::ClearLog => "Empty the log panel",
            Self::CopyLog => "Copy the selected lines, or all that are shown",
            Self::ShowMcp => "Show the connections to MCP servers and their tools",
            Self::ShowSession => "Show recorded MCP conversations, frame by frame",
            Self::LargeDock => "Give the dock most of the window, or its usual size",
            Self::ClearLogFilter => "Show every line of the log",
            Self::ConnectWorkload => {
                "Start the current workload if it is stopped, and connect to it over MCP"
            }
            Self::ConnectCommand => "Start an MCP server as a program and connect to it",
            Self::ConnectUrl => "Connect to an MCP server at an address",
            Self::Disconnect => "Close the connection that is shown",
            Self::Reconnect => "Make the connection anew that is shown",
            Self::ForgetConnection => "Take the connection out of the list; its session stays",
            Self::ServeWorkload => "Offer the current workload to MCP clients of this machine",
            Self::StopServing => "Offer the current workload to MCP clients no longer",
            Self::ReloadOffers => "List again what the server offers",
            Self::CallTool => "Call the selected tool with the arguments in the form",
            Self::CancelCall => "Give up the call of the selected tool",
            Self::ReplayFrame => "Send the selected frame again over an open connection",
            Self::EditFrame => "Change the selected frame and send it",
            Self::PairedFrame => "Go from a request to its response, or back",
            Self::ClearFrameFilter => "Show every frame of the session",
            Self::FollowFrames => "Keep the newest frame in view",
            Self::ShowTraces => "Show what calls caused, call by call",
            Self::ObserveOff => "Observe no calls of the current workload",
            Self::ObserveTiming => "Observe names and times of the calls between components",
            Self::ObserveValues => "Observe arguments and results of the calls between components, too",
            Self::ToggleBreakpoint => "Hold every call over the selected link, or no longer",
            Self::ContinueHeld => "Let the held call that is shown go on as it came",
            Self::ReleaseAll => "Let all held calls go on, and switch their breakpoints off",
            Self::RecordTraces => "Keep every trace of the current workload in a file, too",
            Self::StopRecording => "Keep traces in the file no longer",
            Self::OpenRecording => "Read recorded traces from a file",
            Self::ExportJson => "Write the traces that the list shows to a file, one JSON value a line",
            Self::ExportChrome => {
                "Write the traces that the list shows in Chrome's trace format, for Perfetto and others"
            }
            Self::ExportOtlp => {
                "Write the traces that the list shows as one request of the OpenTelemetry protocol"
            }
            Self::SendTraces => "Send the traces that the list shows to an OpenTelemetry collector",
            Self::ClearTraces => "Forget the traces that are kept in memory",
            Self::ClearTraceFilter => "Show every trace in the list",
            Self::FollowTraces => "Keep the newest trace in view",
            Self::CopyTrace => "Copy the trace that is shown, as text",
            Self::NextWorkload => "Show the next open workload",
            Self::PreviousWorkload => "Show the open workload before this one",
            Self::ThemeSystem => "Dark or light as the system is",
            Self::ThemeDark => "Always dark",
            Self::ThemeLight => "Always light",
            Self::Palette => "Find a command by its name",
            Self::Help => "List every command with its shortcut",
        }
    }

    /// The keys that run it.
    #[must_use]
    pub fn shortcut(self) -> Option<KeyboardShortcut> {
        const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);
        let (modifiers, key) = match self {
            Self::Open => (Modifiers::COMMAND, Key::O),
            Self::New => (Modifiers::COMMAND, Key::N),
            Self::Save => (Modifiers::COMMAND, Key::S),
            Self::SaveAs => (CTRL_SHIFT, Key::S),
            Self::Close => (Modifiers::COMMAND, Key::W),
            Self::Quit => (Modifiers::COMMAND, Key::Q),
            Self::Undo => (Modifiers::COMMAND, Key::Z),
            Self::Redo => (CTRL_SHIFT, Key::Z),
            Self::Start => (Modifiers::NONE, Key::F5),
            Self::Stop => (Modifiers::SHIFT, Key::F5),
            Self::Restart => (CTRL_SHIFT, Key::F5),
            Self::FindInLibrary => (CTRL_SHIFT, Key::F),
            Self::Fit => (Modifiers::NONE, Key::F),
            Self::ZoomIn => (Modifiers::COMMAND, Key::Plus),
            Self::ZoomOut => (Modifiers::COMMAND, Key::Minus),
            Self::ZoomReset => (Modifiers::COMMAND, Key::Num0),
            Self::Deselect => (Modifiers::NONE, Key::Escape),
            Self::Delete => (Modifiers::NONE, Key::Delete),
            Self::Rename => (Modifiers::NONE, Key::F2),
            Self::ToggleComponents => (Modifiers::COMMAND, Key::B),
            Self::ToggleInspector => (Modifiers::COMMAND, Key::I),
            Self::ToggleDock => (Modifiers::COMMAND, Key::J),
            Self::ShowLogs => (CTRL_SHIFT, Key::L),
            Self::ShowProblems => (CTRL_SHIFT, Key::M),
            Self::ShowMcp => (CTRL_SHIFT, Key::T),
            Self::ShowSession => (CTRL_SHIFT, Key::E),
            Self::LargeDock => (CTRL_SHIFT, Key::J),
            Self::CallTool => (Modifiers::COMMAND, Key::Enter),
            Self::PairedFrame => (CTRL_SHIFT, Key::P),
            Self::ShowTraces => (CTRL_SHIFT, Key::A),
            Self::ObserveOff => (Modifiers::COMMAND, Key::F6),
            Self::ObserveTiming => (Modifiers::SHIFT, Key::F6),
            Self::ObserveValues => (Modifiers::NONE, Key::F6),
            Self::ContinueHeld => (Modifiers::NONE, Key::F8),
            Self::ReleaseAll => (Modifiers::SHIFT, Key::F8),
            Self::ToggleBreakpoint => (Modifiers::NONE, Key::F9),
            Self::NextWorkload => (Modifiers::CTRL, Key::PageDown),
            Self::PreviousWorkload => (Modifiers::CTRL, Key::PageUp),
            Self::Palette => (Modifiers::COMMAND, Key::K),
            Self::Help => (Modifiers::NONE, Key::F1),
            _ => return None,
        };
        Some(KeyboardShortcut::new(modifiers, key))
    }

    /// More keys that run it, not shown anywhere: where the plus sign needs Shift, people press its key
    /// without, and some keyboards have no Delete.
    fn other_shortcut(self) -> Option<KeyboardShortcut> {
        match self {
            Self::ZoomIn => Some(KeyboardShortcut::new(Modifiers::COMMAND, Key::Equals)),
            Self::Delete => Some(KeyboardShortcut::new(Modifiers::NONE, Key::Backspace)),
            _ => None,
        }
    }

    /// Whether it can be done now.
    #[must_use]
    pub fn is_enabled(self, model: &Model) -> bool {
        let current = model.current();
        match self {
            Self::Start => current.is_some_and(OpenWorkload::can_start),
            Self::Stop => current.is_some_and(OpenWorkload::can_stop),
            Self::Restart => {
                current.is_some_and(|workload| workload.view.state.is_active() && workload.can_stop())
            }
            Self::Undo => current.is_some_and(|workload| workload.undo.can_undo()),
            Self::Redo => current.is_some_and(|workload| workload.undo.can_redo()),
            Self::Deselect => current.is_some_and(|workload| {
                workload.selection.is_some()
                    || workload.compose.pull.is_some()
                    || workload.compose.choice.is_some()
            }),
            Self::Delete => {
                let is_explicit = |link: &Link| link.why.rule == Rule::Explicit;
                current.is_some_and(|workload| {
                    workload.selected_component().is_some()
                        || workload.selected_link().is_some_and(is_explicit)
                })
            }
            Self::Rename => current.is_some_and(|workload| workload.selected_link().is_none()),
            Self::ToggleService => current.is_some_and(|workload| workload.is_service_selected().is_some()),
            Self::LinkToRules | Self::LinkToHost | Self::LinkToStub => {
                current.and_then(OpenWorkload::selected_link).is_some_and(|link| match self {
                    Self::LinkToRules => link.why.rule == Rule::Explicit,
                    Self::LinkToHost => !matches!(link.target, LinkTarget::Host { .. }),
                    _ => link.target != LinkTarget::Stub,
                })
            }
            Self::ClearLog | Self::CopyLog => current.is_some_and(|workload| !workload.log.is_empty()),
            Self::ToggleDock => current.is_some() || model.preferences.dock_tab.needs_no_workload(),
            Self::NextWorkload | Self::PreviousWorkload => model.workloads.len() > 1,
            command if command.is_of_mcp() => command.is_mcp_enabled(model),
            command if command.is_of_traces() => command.is_trace_enabled(model),
            Self::Save
            | Self::SaveAs
            | Self::Close
            | Self::Fit
            | Self::ZoomIn
            | Self::ZoomOut
            | Self::ZoomReset
            | Self::Arrange
            | Self::PauseLog
            | Self::FollowLog
            | Self::ToggleInspector
            | Self::ShowLogs
            | Self::ShowProblems => current.is_some(),
            _ => true,
        }
    }

    /// Whether it belongs to the MCP and session tabs.
    fn is_of_mcp(self) -> bool {
        matches!(
            self,
            Self::ShowMcp
                | Self::ShowSession
                | Self::LargeDock
                | Self::ClearLogFilter
                | Self::ConnectWorkload
                | Self::ConnectCommand
                | Self::ConnectUrl
                | Self::Disconnect
                | Self::Reconnect
                | Self::ForgetConnection
                | Self::ServeWorkload
                | Self::StopServing
                | Self::ReloadOffers
                | Self::CallTool
                | Self::CancelCall
                | Self::ReplayFrame
                | Self::EditFrame
                | Self::PairedFrame
                | Self::ClearFrameFilter
                | Self::FollowFrames
        )
    }

    fn is_mcp_enabled(self, model: &Model) -> bool {
        let current = model.current();
        let shown = model.mcp.shown();
        let session = model.session.open.as_ref();
        let is_open = shown.is_some_and(|connection| connection.view.state.is_open());
        let served = current.and_then(|workload| workload.view.mcp_url.as_ref());
        match self {
            Self::ClearLogFilter => current.is_some_and(|workload| !workload.log.filter().is_empty()),
            Self::ConnectWorkload => current.is_some(),
            Self::Disconnect => is_open,
            Self::Reconnect => shown.is_some() && !is_open,
            Self::ForgetConnection => shown.is_some(),
            Self::ServeWorkload => {
                served.is_none() && current.is_some_and(|workload| workload.view.state.is_active())
            }
            Self::StopServing => served.is_some(),
            Self::ReloadOffers => is_open,
            Self::CallTool => {
                let can_send = |(connection, _, arguments): (&Connection, &Offer, &Arguments)| {
                    arguments.to_send().is_ok() && connection.timeout_millis().is_ok()
                };
                is_open
                    && model.preferences.dock_open
                    && model.preferences.dock_tab == DockTab::Mcp
                    && model.mcp.running_selected().is_none()
                    && model.mcp.selected().is_some_and(can_send)
            }
            Self::CancelCall => model.mcp.running_selected().is_some_and(|running| !running.is_cancelled),
            Self::ReplayFrame => {
                session.is_some_and(|open| open.text().is_some()) && model.replay_connection().is_some()
            }
            Self::EditFrame => session.is_some_and(|open| open.text().is_some()),
            Self::PairedFrame => session.is_some_and(|open| open.pair().is_some()),
            Self::ClearFrameFilter => session.is_some_and(|open| !open.frames.filter().is_empty()),
            Self::FollowFrames => session.is_some(),
            _ => true,
        }
    }

    /// Whether it belongs to traces, probes and held calls.
    fn is_of_traces(self) -> bool {
        matches!(
            self,
            Self::ShowTraces
                | Self::ObserveOff
                | Self::ObserveTiming
                | Self::ObserveValues
                | Self::ToggleBreakpoint
                | Self::ContinueHeld
                | Self::ReleaseAll
                | Self::RecordTraces
                | Self::StopRecording
                | Self::OpenRecording
                | Self::ExportJson
                | Self::ExportChrome
                | Self::ExportOtlp
                | Self::SendTraces
                | Self::ClearTraces
                | Self::ClearTraceFilter
                | Self::FollowTraces
                | Self::CopyTrace
        )
    }

    fn is_trace_enabled(self, model: &Model) -> bool {
        let current = model.current();
        let list = &model.traces.list;
        match self {
            Self::ObserveOff => current.is_some_and(OpenWorkload::is_observed),
            Self::ObserveTiming | Self::ObserveValues => current.is_some(),
            Self::ToggleBreakpoint => current.is_some_and(|open| open.selected_link().is_some()),
            Self::ContinueHeld => model.shown_held().is_some_and(|held| !held.is_released),
            Self::ReleaseAll => model.held().next().is_some(),
            Self::RecordTraces => current.is_some_and(|open| open.view.recording.is_none()),
            Self::StopRecording => current.is_some_and(|open| open.view.recording.is_some()),
            Self::ExportJson | Self::ExportChrome | Self::ExportOtlp | Self::SendTraces => list.shown() > 0,
            Self::ClearTraces => !list.is_empty(),
            Self::ClearTraceFilter => !list.filter().is_empty(),
            Self::CopyTrace => model.traces.open.as_ref().is_some_and(|open| open.trace.is_some()),
            _ => true,
        }
    }

    /// Whether it is a switch that is on; none if it is no switch.
    #[must_use]
    pub fn is_on(self, model: &Model) -> Option<bool> {
        use crate::model::ThemeChoice;
        let preferences = &model.preferences;
        match self {
            Self::ThemeSystem => Some(preferences.theme == ThemeChoice::System),
            Self::ThemeDark => Some(preferences.theme == ThemeChoice::Dark),
            Self::ThemeLight => Some(preferences.theme == ThemeChoice::Light),
            Self::ToggleComponents => Some(preferences.components_open),
            Self::ToggleInspector => Some(preferences.inspector_open),
            Self::ToggleDock => Some(preferences.dock_open),
            Self::ToggleService => model.current().and_then(OpenWorkload::is_service_selected),
            Self::PauseLog => model.current().map(|workload| workload.log.is_paused()),
            Self::FollowLog => model.current().map(|workload| workload.log.follows()),
            Self::LargeDock => Some(preferences.dock_large),
            Self::FollowFrames => model.session.open.as_ref().map(|open| open.follows),
            Self::FollowTraces => Some(model.traces.list.follows()),
            Self::ObserveOff => Some(model.observe_level() == Some(ProbeLevel::Off)),
            Self::ObserveTiming => Some(model.observe_level() == Some(ProbeLevel::Timing)),
            Self::ObserveValues => Some(model.observe_level() == Some(ProbeLevel::Values)),
            Self::ToggleBreakpoint => {
                let current = model.current();
                let site = current.and_then(OpenWorkload::selected_link).map(link_site);
                site.map(|site| current.is_some_and(|open| open.plain_breakpoint(&site).is_some()))
            }
            _ => None,
        }
    }

    /// The shortcut as the platform writes it; empty if there is none.
    #[must_use]
    pub fn shortcut_text(self, ctx: &egui::Context) -> String {
        self.shortcut().map(|shortcut| ctx.format_shortcut(&shortcut)).unwrap_or_default()
    }

    /// Keys that a text field wants for itself while it has the focus.
    fn yields_to_text_field(self) -> bool {
        let bare = self.shortcut().is_some_and(|shortcut| {
            shortcut.modifiers == Modifiers::NONE
                && !matches!(shortcut.logical_key, Key::F1 | Key::F5 | Key::F6 | Key::F8 | Key::F9)
        });
        bare || matches!(self, Self::Undo | Self::Redo)
    }
}

/// The commands whose shortcuts were pressed, taken out of the input.
pub(crate) fn pressed(ui: &egui::Ui, model: &Model) -> Vec<Action> {
    let in_text_field = ui.ctx().text_edit_focused();
    let in_dialog = model.palette.is_some()
        || model.help_open
        || model.leaving.is_some()
        || model.traces.sending.is_some();
    let mut actions = Vec::new();
    for command in by_specificity() {
        let mut shortcuts = command.shortcut().into_iter().chain(command.other_shortcut());
        let blocked = (in_text_field && command.yields_to_text_field())
            || (in_dialog && !matches!(command, Command::Palette | Command::Help))
            || egui::Popup::is_any_open(ui.ctx());
        let mut is_pressed = || shortcuts.any(|keys| ui.input_mut(|input| input.consume_shortcut(&keys)));
        if !blocked && command.is_enabled(model) && is_pressed() {
            actions.push(Action::Run(command));
        }
    }
    actions
}

/// Shortcuts with more modifiers first, because egui takes Ctrl+Shift+Z for Ctrl+Z as well.
fn by_specificity() -> Vec<Command> {
    let mut commands = Command::ALL.to_vec();
    commands.sort_by_key(|command| {
        command.shortcut().map_or(0, |shortcut| {
            let Modifiers { alt, ctrl, shift, mac_cmd, command } = shortcut.modifiers;
            -[alt, ctrl, shift, mac_cmd, command].into_iter().map(i32::from).sum::<i32>()
        })
    });
    commands
}
