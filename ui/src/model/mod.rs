//! Everything that the window knows. Changed in two places only: by what arrives
//! ([`Model::observe`]) and by what the user asks for ([`Model::apply`]). Neither does anything
//! outside of the model: what must be done comes back as [`Effect`]s.

mod apply;
pub mod calls;
pub mod compose;
mod edits;
pub mod exchange;
mod library;
mod log;
pub(crate) mod log_ansi;
pub mod mcp;
mod notice;
mod observe;
mod palette;
mod places;
mod preferences;
mod reloads;
pub mod traces;
mod undo;
mod wish;
mod workload;

use std::collections::BTreeMap;
use std::time::Duration;

use jackfield_protocol::{Digest, Heartbeat, Request, Sample, WorkloadId, WorkloadState};

pub use calls::{CallAction, CallPurpose};
use compose::WitShelf;
pub use edits::{Leaving, UndoStep};
pub use exchange::{ExchangeAction, ExchangePurpose, ExchangeRoom};
pub(crate) use library::search_field;
pub use library::{Fetching, LibraryAction, LibraryPurpose, LibraryRoom, short_name};
pub use log::{LOG_PAGE_LINES, Log, LogFilter, LogLine, MAX_LOG_BYTES, MAX_LOG_LINES};
pub use mcp::{McpPreferences, McpPurpose, McpRoom, SessionRoom};
pub use notice::{Notice, NoticeKind};
pub use palette::{PaletteEntry, PaletteState};
pub use preferences::{DockTab, Preferences, ThemeChoice};
pub use reloads::{ReloadMark, Reloads};
pub use traces::{TracePurpose, TraceRoom};
pub use undo::{Edit, UndoLog};
pub use wish::PathWish;
pub use workload::OpenWorkload;

use crate::backend::Ticket;

/// Something that must be done outside of the model.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    target_pointer_width = "64",
    expect(clippy::large_enum_variant, reason = "a few at a time, and most of them are the largest")
)]
pub enum Effect {
    /// Send a request; the model must be told its ticket, together with the purpose.
    Send(Request, Purpose),
    /// Show the open dialog.
    PickWorkload,
    /// Show the save dialog for a workload.
    PickSave(WorkloadId),
    /// Show the open dialog for a component to be put into the library.
    PickComponent,
    /// Show a dialog for a file.
    PickPath(PathWish),
    /// Put text on the clipboard.
    Copy(String),
    /// Keep the preferences for the next run.
    Remember(String),
    /// Give the keyboard to a widget.
    Focus(egui::Id),
    /// Take the keyboard from whatever has it.
    Unfocus,
    /// Close the window.
    Quit,
}

/// What a request was sent for, so that its answer, above all a failure, makes sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// To know the workbench's state.
    Snapshot,
    /// To know its version.
    Heartbeat,
    /// To offer the samples.
    Samples,
    /// To open this file.
    Open(String),
    /// To close a workload.
    Close(WorkloadId),
    /// To start it.
    Start(WorkloadId),
    /// To stop it.
    Stop(WorkloadId),
    /// To have changed component files noticed.
    Refresh,
    /// To have its earlier log.
    Logs(WorkloadId),
    /// To make an empty workload.
    New,
    /// To change one.
    Edit {
        /// Which.
        workload: WorkloadId,
        /// What is done to it: `add square`.
        label: String,
    },
    /// To bring one back to a revision.
    Restore {
        /// Which.
        workload: WorkloadId,
        /// Whether that is undo or redo.
        step: UndoStep,
        /// What is taken back, or made again.
        label: String,
    },
    /// To write one to its file.
    Save(WorkloadId),
    /// Something about the library.
    Library(LibraryPurpose),
    /// To show a component's WIT.
    Wit {
        /// The workload that has it.
        workload: WorkloadId,
        /// The component.
        digest: Digest,
    },
    /// Something about calls.
    Calls(CallPurpose),
    /// Something about MCP.
    Mcp(McpPurpose),
    /// Something about traces and probes.
    Trace(TracePurpose),
    /// Something about exports and imports.
    Exchange(ExchangePurpose),
}

impl Purpose {
    /// Whether the user waits for it.
    fn is_awaited(&self) -> bool {
        matches!(
            self,
            Self::Open(_)
                | Self::Close(_)
                | Self::Start(_)
                | Self::Stop(_)
                | Self::Edit { .. }
                | Self::Save(_)
                | Self::Exchange(_)
                | Self::Trace(TracePurpose::Send | TracePurpose::Export(_) | TracePurpose::OpenRecording(_))
        )
    }
}

/// A request without an answer.
#[derive(Debug, Clone, PartialEq)]
struct Pending {
    purpose: Purpose,
    since_seconds: f64,
}

/// The window's state.
#[derive(Default)]
pub struct Model {
    /// The open workloads, in the order of their opening.
    pub workloads: Vec<OpenWorkload>,
    /// The one that is shown.
    pub current: Option<WorkloadId>,
    /// The workloads that come with Jackfield.
    pub samples: Vec<Sample>,
    /// How the workbench is doing, as of the start.
    pub heartbeat: Option<Heartbeat>,
    /// Whether the workbench has told its state.
    pub is_loaded: bool,
    /// What went wrong, oldest first, until dismissed.
    pub notices: Vec<Notice>,
    /// What the user likes.
    pub preferences: Preferences,
    /// The command palette, if it is open.
    pub palette: Option<PaletteState>,
    /// Whether the help window is open.
    pub help_open: bool,
    /// The MCP tab.
    pub mcp: McpRoom,
    /// The session tab.
    pub session: SessionRoom,
    /// The traces.
    pub traces: TraceRoom,
    /// Exports and imports.
    pub exchange: ExchangeRoom,
    /// The library.
    pub library: LibraryRoom,
    /// What the user wants to leave although not everything is saved.
    pub leaving: Option<Leaving>,
    /// The WIT of the components that were looked at.
    pub wit: WitShelf,
    /// The time of the frame, on egui's clock.
    pub now_seconds: f64,
    pending: BTreeMap<Ticket, Pending>,
    next_notice: u64,
    /// The workload that is to be started once it has stopped.
    restarting: Option<WorkloadId>,
}

impl Model {
    /// What to ask at the start, with the preferences of an earlier run.
    pub(crate) fn begin(&mut self, preferences: Option<&str>) -> Vec<Effect> {
        if let Some(text) = preferences {
            self.preferences = Preferences::from_text(text);
        }
        vec![
            Effect::Send(Request::Snapshot, Purpose::Snapshot),
            Effect::Send(Request::Samples, Purpose::Samples),
            Effect::Send(Request::Heartbeat, Purpose::Heartbeat),
            self.search_library(),
        ]
    }

    /// Remembers a request that was sent.
    pub(crate) fn sent(&mut self, ticket: Ticket, purpose: Purpose) {
        self.pending.insert(ticket, Pending { purpose, since_seconds: self.now_seconds });
        self.refresh_pending();
    }

    /// The workload that is shown.
    #[must_use]
    pub fn current(&self) -> Option<&OpenWorkload> {
        self.current.and_then(|id| self.workload(id))
    }

    /// The open workload with this id.
    #[must_use]
    pub fn workload(&self, id: WorkloadId) -> Option<&OpenWorkload> {
        self.workloads.iter().find(|workload| workload.view.id == id)
    }

    pub(crate) fn current_mut(&mut self) -> Option<&mut OpenWorkload> {
        self.current.and_then(|id| self.workload_mut(id))
    }

    fn workload_mut(&mut self, id: WorkloadId) -> Option<&mut OpenWorkload> {
        self.workloads.iter_mut().find(|workload| workload.view.id == id)
    }

    /// What the user waits for, in words, with the whole seconds that it took so far.
    #[must_use]
    pub fn progress(&self) -> Option<(String, u64)> {
        let pending = self.pending.values().find(|pending| pending.purpose.is_awaited())?;
        let name = |id: WorkloadId| {
            self.workload(id).map_or_else(|| "workload".to_owned(), |workload| workload.view.name.clone())
        };
        let text = match &pending.purpose {
            Purpose::Open(path) => format!("Opening {path}"),
            Purpose::Close(id) => format!("Closing {}", name(*id)),
            Purpose::Start(id) => format!("Starting {}", name(*id)),
            Purpose::Stop(id) => format!("Stopping {}", name(*id)),
            Purpose::Edit { workload, label } => format!("{}: {label}", name(*workload)),
            Purpose::Save(id) => format!("Saving {}", name(*id)),
            Purpose::Exchange(ExchangePurpose::Write(id)) => format!("Exporting {}", name(*id)),
            Purpose::Exchange(ExchangePurpose::Open(path)) => format!("Importing {path}"),
            Purpose::Trace(TracePurpose::Send) => "Sending traces".to_owned(),
            Purpose::Trace(TracePurpose::Export(_)) => "Exporting traces".to_owned(),
            Purpose::Trace(TracePurpose::OpenRecording(path)) => format!("Reading {path}"),
            _ => return None,
        };
        Some((text, (self.now_seconds - pending.since_seconds).max(0.0) as u64))
    }

    /// A frame begins at this time, on egui's clock.
    pub(crate) fn tick(&mut self, now_seconds: f64) {
        self.now_seconds = now_seconds;
        for workload in &mut self.workloads {
            workload.reloads.pass(now_seconds);
        }
    }

    /// When the window must be drawn again although nothing happened: while the user waits, and to take a mark
    /// away.
    #[must_use]
    pub(crate) fn next_tick(&self) -> Option<Duration> {
        let calls = self.workloads.iter().any(|open| open.calls.is_any_running());
        let waits = self.progress().is_some() || self.waits_for_server() || calls;
        let marks = self.workloads.iter().filter_map(|open| open.reloads.next_change(self.now_seconds));
        marks.chain(waits.then_some(Duration::from_secs(1))).min()
    }

    /// The window has the keyboard again: while it had not, components may have been built anew.
    pub(crate) fn look_at_files(&self) -> Vec<Effect> {
        let running = self.workloads.iter().filter(|open| open.view.state == WorkloadState::Running);
        running.map(|open| Effect::Send(Request::Refresh(open.view.id), Purpose::Refresh)).collect()
    }

    /// Tells each workload whether it waits for a start or a stop.
    fn refresh_pending(&mut self) {
        for workload in &mut self.workloads {
            let id = workload.view.id;
            let awaits = |purpose: &Purpose| self.pending.values().any(|pending| pending.purpose == *purpose);
            workload.is_start_pending = awaits(&Purpose::Start(id));
            workload.is_stop_pending = awaits(&Purpose::Stop(id)) || awaits(&Purpose::Close(id));
        }
    }
}
