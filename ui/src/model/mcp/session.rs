//! The session view: one recorded conversation, live or past, and the list of all that are recorded.

use std::collections::BTreeMap;

use jackfield_protocol::{
    CallId, ConnectionId, Error, Frame, FrameBytes, FramePage, Request, SessionId, SessionView,
};

use super::frames::{FrameFilter, Frames, MAX_FRAMES};
use super::tree::{JsonTree, TreeAction};
use super::{Effect, McpPurpose, Purpose};

/// Frames are asked for in pages of this many.
pub const FRAME_PAGE: u32 = 5_000;
/// Texts that are longer have no tree: reading them would hold the window up.
const MAX_TREE_BYTES: usize = 8 * 1024 * 1024;
/// So many frames wait for a page; what came after them is asked for.
const MAX_WAITING: usize = 10_000;
/// So many calls of frames are known by heart.
const MAX_CALLS: usize = 4_000;

/// The field in which a frame is edited.
pub(crate) fn frame_editor() -> egui::Id {
    egui::Id::new("frame editor")
}

/// How the bytes of a frame are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BytesView {
    /// Exactly as they are.
    #[default]
    Raw,
    /// As a tree.
    Tree,
    /// As hexadecimal digits.
    Hex,
}

/// Something about the session tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionAction {
    /// Asks for the list of sessions again.
    Reload,
    /// Shows a session.
    Open(SessionId),
    /// Shows a frame of a session.
    OpenAt(SessionId, u64),
    /// Asks whether a session shall be deleted.
    AskDelete(SessionId),
    /// Deletes it.
    Delete(SessionId),
    /// Does not delete it.
    KeepIt,
    /// Changes the filter.
    Filter(FrameFilter),
    /// Shows the details of a frame.
    Select(u64),
    /// Selects another frame, so many rows further.
    Step(i64),
    /// Selects the first frame that is shown, or the last.
    ToEnd(bool),
    /// Goes to the frame that this one answers, or that answers it.
    Pair,
    /// Keeps the newest frame in view, or not.
    Follow(bool),
    /// Shows the bytes in another way.
    View(BytesView),
    /// Folds, unfolds or selects in the tree.
    Tree(TreeAction),
    /// The connection over which frames are sent again.
    ReplayOver(ConnectionId),
    /// Opens the editor with the frame that is selected.
    Edit,
    /// The text in the editor changed.
    EditText(String),
    /// Sends what is in the editor.
    SendEdited,
    /// Closes the editor.
    CloseEditor,
    /// Sends the selected frame again.
    Replay,
}

/// The session tab.
#[derive(Debug, Default)]
pub struct SessionRoom {
    /// What is recorded on this machine, newest first.
    pub sessions: Vec<SessionView>,
    /// Whether the list was ever asked for.
    pub is_listed: bool,
    /// The session that is shown.
    pub open: Option<OpenSession>,
    /// The session that the user is asked about.
    pub to_delete: Option<SessionId>,
    /// What frames of live sessions caused, by the request's number.
    calls: BTreeMap<(SessionId, u64), CallId>,
}

/// The session that is shown.
#[derive(Debug)]
pub struct OpenSession {
    /// Which.
    pub id: SessionId,
    /// Its frames.
    pub frames: Frames,
    /// Whether the newest frame is kept in view.
    pub follows: bool,
    /// Whether frames have been asked for.
    pub is_loading: bool,
    /// The frame after which it is shown: not 0 only if it is longer than what is kept.
    from: u64,
    /// Frames that came by while a page was being read.
    waiting: Vec<Frame>,
    /// Why they did not come.
    pub error: Option<String>,
    /// The frame whose details are shown.
    pub selected: Option<u64>,
    /// The row that must be brought into view: counts up with every wish.
    pub reveal: u64,
    /// The frame whose bytes were asked for last.
    asked: Option<u64>,
    /// Its bytes.
    pub bytes: Option<Details>,
    /// How the bytes are shown.
    pub view: BytesView,
    /// The connection over which frames are sent again, if one was chosen.
    pub replay_over: Option<ConnectionId>,
    /// What is being edited to be sent.
    pub editor: Option<String>,
    /// The frame as which the last thing was sent.
    pub sent: Option<u64>,
}

/// The bytes of the selected frame.
#[derive(Debug)]
pub struct Details {
    /// Of which frame.
    pub number: u64,
    /// The bytes, or why there are none.
    pub bytes: Result<FrameBytes, String>,
    /// As a tree, if they are JSON.
    pub tree: Option<JsonTree>,
}

impl SessionRoom {
    /// What a session is, if it is in the list.
    #[must_use]
    pub fn view(&self, id: &SessionId) -> Option<&SessionView> {
        self.sessions.iter().find(|view| view.id == *id)
    }

    /// The call that a request frame caused.
    #[must_use]
    pub fn call_of(&self, session: &SessionId, request: u64) -> Option<CallId> {
        self.calls.get(&(session.clone(), request)).copied()
    }

    /// The session to look at if nobody chose one: the only one, or the only one that goes on.
    pub(super) fn obvious(&self) -> Option<SessionId> {
        let mut live = self.sessions.iter().filter(|view| view.is_live);
        match (live.next(), live.next(), self.sessions.as_slice()) {
            (Some(only), None, _) | (None, _, [only]) => Some(only.id.clone()),
            _ => None,
        }
    }

    pub(super) fn list(&mut self) -> Effect {
        self.is_listed = true;
        Effect::Send(Request::Sessions, Purpose::Mcp(McpPurpose::Sessions))
    }

    pub(super) fn put(&mut self, view: SessionView) {
        match self.sessions.iter_mut().find(|other| other.id == view.id) {
            Some(other) => *other = view,
            None => self.sessions.push(view),
        }
        self.sort();
    }

    pub(super) fn replace(&mut self, sessions: Vec<SessionView>) {
        self.sessions = sessions;
        self.sort();
    }

    fn sort(&mut self) {
        self.sessions
            .sort_by(|a, b| b.started_unix_micros.cmp(&a.started_unix_micros).then_with(|| b.id.cmp(&a.id)));
    }

    pub(super) fn forget(&mut self, id: &SessionId) {
        self.sessions.retain(|view| view.id != *id);
        if self.open.as_ref().is_some_and(|open| open.id == *id) {
            self.open = None;
        }
    }

    pub(super) fn open(&mut self, id: SessionId) -> Vec<Effect> {
        if self.open.as_ref().is_some_and(|open| open.id == id) {
            return Vec::new();
        }
        let total = self.view(&id).map_or(0, |view| view.frames);
        let after = total.saturating_sub(u64::try_from(MAX_FRAMES).unwrap_or(u64::MAX));
        let mut open = OpenSession::new(id);
        open.from = after;
        let effects = vec![open.ask_further()];
        self.open = Some(open);
        effects
    }

    /// Takes in what came by on any session.
    pub(super) fn came_by(&mut self, frames: Vec<Frame>) -> Vec<Effect> {
        for frame in &frames {
            if let Some(call) = frame.call {
                let request = frame.answers.unwrap_or(frame.number);
                self.calls.insert((frame.session.clone(), request), call);
            }
            let is_new = |view: &&mut SessionView| view.id == frame.session && frame.number > view.frames;
            if let Some(view) = self.sessions.iter_mut().find(is_new) {
                view.frames = frame.number;
                // Nearly so much; how large the file is, is told again when the session is.
                view.size_in_bytes += frame.size_in_bytes;
            }
        }
        while self.calls.len() > MAX_CALLS {
            self.calls.pop_first();
        }
        let Some(open) = &mut self.open else { return Vec::new() };
        let of_open: Vec<Frame> = frames.into_iter().filter(|frame| frame.session == open.id).collect();
        // Until the page is there, it cannot be told what these follow on.
        if open.is_loading {
            open.waiting.extend(of_open);
            open.waiting.truncate(MAX_WAITING);
            return Vec::new();
        }
        if of_open.is_empty() {
            return Vec::new();
        }
        let is_complete = open.take(of_open);
        if is_complete { open.ask_for_selected() } else { vec![open.ask_further()] }
    }
}

impl OpenSession {
    fn new(id: SessionId) -> Self {
        Self {
            id,
            frames: Frames::default(),
            follows: true,
            is_loading: false,
            from: 0,
            waiting: Vec::new(),
            error: None,
            selected: None,
            reveal: 0,
            asked: None,
            bytes: None,
            view: BytesView::default(),
            replay_over: None,
            editor: None,
            sent: None,
        }
    }

    fn ask(&mut self, after: u64) -> Effect {
        self.is_loading = true;
        let request = Request::Frames { session: self.id.clone(), after, limit: FRAME_PAGE };
        Effect::Send(request, Purpose::Mcp(McpPurpose::Frames(self.id.clone())))
    }

    pub(super) fn ask_further(&mut self) -> Effect {
        self.ask(self.frames.last().unwrap_or(self.from))
    }

    /// Takes in what came by. Whether it follows on what is there.
    fn take(&mut self, frames: Vec<Frame>) -> bool {
        let is_late = |first: &Frame| self.frames.is_empty() && first.number != self.from + 1;
        !frames.first().is_some_and(is_late) && self.frames.extend(frames)
    }

    /// Takes a page in, and asks for the next one if there is more.
    pub(super) fn page(&mut self, page: FramePage) -> Vec<Effect> {
        self.is_loading = false;
        self.error = None;
        let is_empty = page.frames.is_empty();
        let is_page_complete = self.frames.extend(page.frames);
        let has_more = self.frames.last().unwrap_or(0) < page.total;
        let waiting = std::mem::take(&mut self.waiting);
        let follows_on = self.take(waiting);
        let must_ask = !is_empty && is_page_complete && (has_more || !follows_on);
        let mut effects: Vec<Effect> = must_ask.then(|| self.ask_further()).into_iter().collect();
        effects.extend(self.ask_for_selected());
        effects
    }

    /// A frame can be selected before it has come.
    fn ask_for_selected(&mut self) -> Vec<Effect> {
        self.selected.map(|number| self.select(number)).unwrap_or_default()
    }

    pub(super) fn failed(&mut self, error: &Error) {
        self.is_loading = false;
        self.error = Some(error.to_string());
    }

    /// Selects a frame; its bytes are asked for.
    pub(super) fn select(&mut self, number: u64) -> Vec<Effect> {
        self.selected = Some(number);
        if self.frames.get(number).is_none() {
            (self.asked, self.bytes) = (None, None);
            return Vec::new();
        }
        if self.asked == Some(number) {
            return Vec::new();
        }
        self.asked = Some(number);
        self.bytes = None;
        let request = Request::FrameBytes { session: self.id.clone(), number };
        vec![Effect::Send(request, Purpose::Mcp(McpPurpose::Bytes(self.id.clone(), number)))]
    }

    pub(super) fn set_bytes(&mut self, number: u64, bytes: Result<FrameBytes, String>) {
        if self.selected != Some(number) {
            return;
        }
        let tree = match &bytes {
            Ok(FrameBytes::Text(text)) if text.len() <= MAX_TREE_BYTES => {
                serde_json::from_str(text).ok().map(JsonTree::new)
            }
            _ => None,
        };
        self.bytes = Some(Details { number, bytes, tree });
    }

    /// The frame that belongs to the selected one: its request, or its answer.
    #[must_use]
    pub fn pair(&self) -> Option<u64> {
        let row = self.frames.get(self.selected?)?;
        row.answers.or(row.answered_by)
    }

    /// The call that the selected frame, or the other of its pair, caused.
    #[must_use]
    pub fn call(&self) -> Option<CallId> {
        let row = self.frames.get(self.selected?)?;
        row.call.or_else(|| self.frames.get(self.pair()?)?.call)
    }

    /// The text of the selected frame, if it is text and has come.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.bytes.as_ref()?.bytes {
            Ok(FrameBytes::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The frame so many shown rows from the selected one.
    pub(super) fn stepped(&self, rows: i64) -> Option<u64> {
        let last = i64::try_from(self.frames.shown()).unwrap_or(i64::MAX) - 1;
        let at = match self.selected {
            Some(number) => i64::try_from(self.frames.row_of(number)).unwrap_or(0).saturating_add(rows),
            None => last,
        };
        let at = usize::try_from(at.min(last)).unwrap_or(0);
        self.frames.row(at).map(|row| row.number)
    }
}
