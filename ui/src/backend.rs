//! How the window reaches a workbench, whichever side of a process border that is on.
//!
//! The UI never calls the host: it sends [`Request`]s and reads what comes in. Three things
//! implement [`Backend`]: the shell's IPC (in the webview), a workbench in the same process (tests
//! over the real one), and a recording (unit tests). None of them may block.

use jackfield_protocol::{Error, Event, Request, Response, WorkloadId};

use crate::model::PathWish;

/// Names a request that was sent, so that its answer can be told from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Something that arrived for the window.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// The answer to a request. Each request gets exactly one; answers come in any order.
    Answer {
        /// The request that it answers.
        ticket: Ticket,
        /// The answer, or why there is none.
        result: Result<Response, Error>,
    },
    /// The workbench announces something. Events come in the workbench's order.
    Event(Event),
    /// The open dialog was closed, with a file or without.
    Picked(Option<String>),
    /// The save dialog for a workload was closed, with a file or without.
    PickedSave {
        /// The workload.
        workload: WorkloadId,
        /// The file.
        path: Option<String>,
    },
    /// The open dialog for components was closed, with a file or without.
    PickedComponent(Option<String>),
    /// A dialog for a file was closed, with a file or without.
    PickedPath {
        /// What it is for.
        wish: PathWish,
        /// The file.
        path: Option<String>,
    },
    /// The window is to be closed, and it was said that something is not saved.
    CloseWanted,
    /// Files were dropped onto the window, as absolute paths.
    Dropped(Vec<String>),
}

impl Incoming {
    /// The answer to the request with this ticket.
    #[must_use]
    pub fn answer(ticket: Ticket, result: Result<Response, Error>) -> Self {
        Self::Answer { ticket, result }
    }
}

/// The way to a workbench, and to the few things that only the window's shell can do.
///
/// No method blocks. Where a default does nothing, the thing is not possible with that backend.
pub trait Backend {
    /// Called once, before anything else. The backend keeps the context and calls
    /// [`wake`] (or `ctx.request_repaint()`) when there is something to [`poll`](Self::poll),
    /// because a window in which nothing changes draws nothing.
    fn connect(&mut self, ctx: &egui::Context);

    /// Sends a request. Its answer comes from [`poll`](Self::poll), later or at once.
    fn send(&mut self, request: Request) -> Ticket;

    /// Takes everything that arrived since the last call, oldest first.
    fn poll(&mut self) -> Vec<Incoming>;

    /// Shows the open dialog for workload files. Answered by [`Incoming::Picked`].
    fn pick_workload(&mut self) {}

    /// Shows the save dialog for a workload, with a name for its file. Answered by
    /// [`Incoming::PickedSave`].
    fn pick_save(&mut self, _workload: WorkloadId, _file_name: &str) {}

    /// Shows the open dialog for component files. Answered by [`Incoming::PickedComponent`].
    fn pick_component(&mut self) {}

    /// Shows the dialog for a file, to be read or to be written. Answered by [`Incoming::PickedPath`].
    fn pick_path(&mut self, _wish: PathWish) {}

    /// Puts text on the clipboard.
    fn copy_text(&mut self, text: &str);

    /// Says whether something is not saved: closing the window by its frame then only gives
    /// [`Incoming::CloseWanted`].
    fn hold_open(&mut self, _is_held: bool) {}

    /// Closes the window.
    fn quit(&mut self) {}

    /// What was last given to [`remember`](Self::remember), in this run or an earlier one.
    fn recall(&self) -> Option<String> {
        None
    }

    /// Keeps the user's preferences, a small text.
    fn remember(&mut self, _preferences: &str) {}
}

/// Asks for one frame, soon. `request_repaint()` would draw two; where every arrival costs a frame,
/// as with a service that prints every second, that is half the work of an otherwise idle window.
pub fn wake(ctx: &egui::Context) {
    ctx.request_repaint_after(std::time::Duration::from_millis(1));
}
