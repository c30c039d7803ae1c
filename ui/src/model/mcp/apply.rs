//! What the user asks for in the MCP and session tabs, carried out on the model.

use jackfield_protocol::{
    ConnectionId, Endpoint, McpRequest, Request, SessionId, Ticket, WorkloadId, WorkloadState,
};

use super::super::{DockTab, LogFilter};
use super::room::Running;
use super::{
    ConnectDraft, ConnectKind, Effect, FormEdit, McpAction, McpPurpose, Model, Purpose, SessionAction,
};
use crate::command::Command;

impl Model {
    /// Carries out what was asked for in the MCP tab.
    pub(in crate::model) fn apply_to_mcp(&mut self, action: McpAction) -> Vec<Effect> {
        match action {
            McpAction::Show(id) => {
                self.mcp.shown = Some(id);
                self.mcp.draft = None;
            }
            McpAction::OpenForm(kind) => {
                self.show_dock(DockTab::Mcp);
                self.mcp.draft = Some(ConnectDraft { kind, ..ConnectDraft::default() });
                return vec![Effect::Focus(super::connect_field())];
            }
            McpAction::UseRecent(index) => {
                let recent = self.preferences.mcp.recent.get(index);
                self.mcp.draft = recent.map(ConnectDraft::from_recent).or(self.mcp.draft.take());
            }
            McpAction::CloseForm => self.mcp.draft = None,
            McpAction::EditForm(draft) => self.mcp.draft = Some(draft),
            McpAction::Connect => return self.connect_as_typed(),
            McpAction::ConnectTo(id) => return self.connect_to_workload(id),
            McpAction::Disconnect(id) => {
                return vec![mcp(Request::Disconnect(id), McpPurpose::Disconnect(id))];
            }
            McpAction::Reconnect(id) => return self.reconnect(id),
            McpAction::Forget(id) => return vec![mcp(Request::Forget(id), McpPurpose::Forget(id))],
            McpAction::Serve(workload) => {
                return vec![mcp(Request::Serve { workload, port: None }, McpPurpose::Serve(workload))];
            }
            McpAction::StopServing(id) => {
                return vec![mcp(Request::StopServing(id), McpPurpose::StopServing(id))];
            }
            McpAction::Reload => return self.mcp.shown.map(|id| self.mcp.list_all(id)).unwrap_or_default(),
            McpAction::Call => return self.use_selected(),
            McpAction::Cancel(ticket) => return self.cancel(ticket),
            McpAction::ShowCall(workload, call) => {
                self.switch_to_workload(workload);
                self.show_dock(DockTab::Logs);
                if let Some(open) = self.current_mut() {
                    open.log.set_filter(LogFilter { call: Some(call), ..LogFilter::default() });
                }
            }
            McpAction::LogLevel(level) => return self.set_log_level(level),
            other => self.apply_to_connection(other),
        }
        Vec::new()
    }

    /// What needs no more than the connection that is shown.
    fn apply_to_connection(&mut self, action: McpAction) {
        match action {
            McpAction::Select(key) => return self.mcp.select(key, &self.preferences.mcp),
            McpAction::Form(edit) => return self.edit_arguments(edit),
            _ => {}
        }
        let Some(connection) = self.mcp.shown_mut() else { return };
        let answer = connection.selected.as_ref().and_then(|key| connection.answers.get_mut(key));
        match action {
            McpAction::Tab(kind) => connection.tab = kind,
            McpAction::Search(text) => connection.search = text,
            McpAction::Timeout(text) => connection.timeout = text,
            McpAction::ClearNotices => connection.notices.clear(),
            McpAction::ShowTree(shows_tree) => {
                if let Some(answer) = answer {
                    answer.shows_tree = shows_tree;
                }
            }
            McpAction::Tree(action) => {
                if let Some(Ok(tree)) = answer.map(|answer| answer.result.as_mut()) {
                    tree.act(action);
                }
            }
            _ => {}
        }
    }

    fn edit_arguments(&mut self, edit: FormEdit) {
        if let Some(arguments) = self.mcp.selected_arguments_mut() {
            arguments.edit(edit);
        }
    }

    fn connect_as_typed(&mut self) -> Vec<Effect> {
        let Some(draft) = &mut self.mcp.draft else { return Vec::new() };
        match draft.endpoint() {
            Err(error) => {
                draft.error = Some(error);
                Vec::new()
            }
            Ok(endpoint) => {
                draft.error = None;
                self.preferences.mcp.remember_endpoint(&endpoint);
                vec![connect(endpoint), Effect::Remember(self.preferences.to_text())]
            }
        }
    }

    fn connect_to_workload(&mut self, id: WorkloadId) -> Vec<Effect> {
        self.show_dock(DockTab::Mcp);
        self.mcp.draft = None;
        if let Some(known) = self.mcp.to_workload(id) {
            self.mcp.shown = Some(known.view.id);
            return Vec::new();
        }
        let Some(workload) = self.workload(id) else { return Vec::new() };
        if workload.view.state == WorkloadState::Running {
            return vec![connect(Endpoint::Workload(id))];
        }
        let can_start = workload.can_start();
        self.mcp.wanted = Some(id);
        let start = can_start.then(|| Effect::Send(Request::Start(id), Purpose::Start(id)));
        start.into_iter().collect()
    }

    /// A workload runs now: perhaps the user waits to be connected to it.
    pub(in crate::model) fn connect_if_wanted(&mut self, id: WorkloadId) -> Vec<Effect> {
        if self.mcp.wanted != Some(id) {
            return Vec::new();
        }
        self.mcp.wanted = None;
        vec![connect(Endpoint::Workload(id))]
    }

    /// A workload could not be started.
    pub(in crate::model) fn give_up_connecting(&mut self, id: WorkloadId) {
        if self.mcp.wanted == Some(id) {
            self.mcp.wanted = None;
        }
    }

    fn reconnect(&mut self, id: ConnectionId) -> Vec<Effect> {
        let Some(connection) = self.mcp.connection(id) else { return Vec::new() };
        let endpoint = self.mcp.typed.get(&id).unwrap_or(&connection.view.endpoint).clone();
        let mut effects = vec![mcp(Request::Forget(id), McpPurpose::Forget(id))];
        match endpoint {
            Endpoint::Workload(workload) => effects.extend(self.connect_to_workload(workload)),
            other => effects.push(connect(other)),
        }
        effects
    }

    fn use_selected(&mut self) -> Vec<Effect> {
        let Some((connection, offer, arguments)) = self.mcp.selected() else { return Vec::new() };
        let (id, label, key) = (connection.view.id, connection.view.label.clone(), offer.key.clone());
        let text = arguments.text().to_owned();
        let request = match (arguments.to_send(), connection.timeout_millis()) {
            // The form or the field says what is wrong; nothing can be sent.
            (Err(_), _) | (_, Err(_)) => return Vec::new(),
            (Ok(values), Ok(timeout)) => key.request(values, timeout),
        };
        let ticket = self.mcp.ticket();
        self.mcp.running.push(Running {
            ticket,
            connection: id,
            key: key.clone(),
            since_seconds: self.now_seconds,
            progress: None,
            fraction: None,
            is_cancelled: false,
        });
        self.preferences.mcp.remember_arguments(&label, &key.name, &text);
        let purpose = McpPurpose::Use { connection: id, ticket, key };
        let request = Request::Mcp { connection: id, ticket, request };
        vec![mcp(request, purpose), Effect::Remember(self.preferences.to_text())]
    }

    fn cancel(&mut self, ticket: Ticket) -> Vec<Effect> {
        let running = self.mcp.running.iter_mut().find(|running| running.ticket == ticket);
        let Some(running) = running.filter(|running| !running.is_cancelled) else { return Vec::new() };
        running.is_cancelled = true;
        let connection = running.connection;
        vec![mcp(Request::CancelMcp { connection, ticket }, McpPurpose::Cancel(ticket))]
    }

    fn set_log_level(&mut self, level: String) -> Vec<Effect> {
        let Some(connection) = self.mcp.shown else { return Vec::new() };
        let ticket = self.mcp.ticket();
        let request = McpRequest::SetLogLevel { level };
        vec![mcp(Request::Mcp { connection, ticket, request }, McpPurpose::LogLevel)]
    }

    fn switch_to_workload(&mut self, id: Option<WorkloadId>) {
        if let Some(id) = id.filter(|id| self.workload(*id).is_some()) {
            self.current = Some(id);
        }
    }

    pub(in crate::model) fn show_dock(&mut self, tab: DockTab) {
        (self.preferences.dock_open, self.preferences.dock_tab) = (true, tab);
    }

    /// The commands of the MCP and session tabs.
    pub(in crate::model) fn run_mcp(&mut self, command: Command) -> Vec<Effect> {
        let (current, shown) = (self.current, self.mcp.shown);
        match command {
            Command::ShowMcp => {
                self.show_dock(DockTab::Mcp);
                return vec![Effect::Remember(self.preferences.to_text())];
            }
            Command::ShowSession => {
                self.show_dock(DockTab::Session);
                let remember = Effect::Remember(self.preferences.to_text());
                let mut effects = self.list_sessions_once();
                effects.extend(self.show_some_session());
                effects.push(remember);
                return effects;
            }
            Command::LargeDock => {
                self.preferences.dock_large = !self.preferences.dock_large;
                self.preferences.dock_open = true;
                return vec![Effect::Remember(self.preferences.to_text())];
            }
            Command::ClearLogFilter => self.with_log(|log| log.set_filter(LogFilter::default())),
            Command::ConnectCommand => return self.apply_to_mcp(McpAction::OpenForm(ConnectKind::Command)),
            Command::ConnectUrl => return self.apply_to_mcp(McpAction::OpenForm(ConnectKind::Url)),
            Command::CallTool => return self.use_selected(),
            Command::CancelCall => {
                let ticket = self.mcp.running_selected().map(|running| running.ticket);
                return ticket.map(|ticket| self.cancel(ticket)).unwrap_or_default();
            }
            Command::ReloadOffers => return self.apply_to_mcp(McpAction::Reload),
            Command::ReplayFrame => return self.apply_to_session(SessionAction::Replay),
            Command::EditFrame => return self.apply_to_session(SessionAction::Edit),
            Command::PairedFrame => return self.apply_to_session(SessionAction::Pair),
            Command::ClearFrameFilter => {
                return self.apply_to_session(SessionAction::Filter(super::FrameFilter::default()));
            }
            Command::FollowFrames => {
                let follows = self.session.open.as_ref().is_some_and(|open| open.follows);
                return self.apply_to_session(SessionAction::Follow(!follows));
            }
            _ => {}
        }
        let action = match (command, current, shown) {
            (Command::ConnectWorkload, Some(id), _) => McpAction::ConnectTo(id),
            (Command::ServeWorkload, Some(id), _) => McpAction::Serve(id),
            (Command::StopServing, Some(id), _) => McpAction::StopServing(id),
            (Command::Disconnect, _, Some(id)) => McpAction::Disconnect(id),
            (Command::Reconnect, _, Some(id)) => McpAction::Reconnect(id),
            (Command::ForgetConnection, _, Some(id)) => McpAction::Forget(id),
            _ => return Vec::new(),
        };
        self.apply_to_mcp(action)
    }

    /// Where it is clear which session the user wants to see, it is shown as soon as the tab is.
    pub(in crate::model) fn show_some_session(&mut self) -> Vec<Effect> {
        let is_seen = self.preferences.dock_open && self.preferences.dock_tab == DockTab::Session;
        if !is_seen || self.session.open.is_some() {
            return Vec::new();
        }
        self.session.obvious().map(|id| self.session.open(id)).unwrap_or_default()
    }

    fn list_sessions_once(&mut self) -> Vec<Effect> {
        if self.session.is_listed { Vec::new() } else { vec![self.session.list()] }
    }

    /// Carries out what was asked for in the session tab.
    pub(in crate::model) fn apply_to_session(&mut self, action: SessionAction) -> Vec<Effect> {
        match action {
            SessionAction::Reload => return vec![self.session.list()],
            SessionAction::Open(id) => return self.open_session(id),
            SessionAction::OpenAt(id, number) => {
                let mut effects = self.open_session(id);
                if let Some(open) = &mut self.session.open {
                    (open.follows, open.reveal) = (false, open.reveal + 1);
                    open.frames.set_filter(super::FrameFilter::default());
                    effects.extend(open.select(number));
                }
                return effects;
            }
            SessionAction::AskDelete(id) => self.session.to_delete = Some(id),
            SessionAction::KeepIt => self.session.to_delete = None,
            SessionAction::Delete(id) => {
                self.session.to_delete = None;
                return vec![mcp(Request::DeleteSession(id.clone()), McpPurpose::Delete(id))];
            }
            SessionAction::Replay => return self.send_again(None),
            SessionAction::SendEdited => {
                let text = self.session.open.as_mut().and_then(|open| open.editor.take());
                return text.map(|text| self.send_again(Some(text))).unwrap_or_default();
            }
            other => return self.apply_to_open_session(other),
        }
        Vec::new()
    }

    fn open_session(&mut self, id: SessionId) -> Vec<Effect> {
        self.show_dock(DockTab::Session);
        let mut effects = self.list_sessions_once();
        effects.extend(self.session.open(id));
        effects
    }

    fn apply_to_open_session(&mut self, action: SessionAction) -> Vec<Effect> {
        let Some(open) = &mut self.session.open else { return Vec::new() };
        match action {
            SessionAction::Filter(filter) => {
                open.frames.set_filter(filter);
                open.reveal += u64::from(open.selected.is_some() && !open.follows);
            }
            SessionAction::Follow(follows) => open.follows = follows,
            SessionAction::View(view) => open.view = view,
            SessionAction::ReplayOver(id) => open.replay_over = Some(id),
            SessionAction::EditText(text) => open.editor = Some(text),
            SessionAction::CloseEditor => open.editor = None,
            SessionAction::Edit => {
                open.editor = open.text().map(str::to_owned);
                return open.editor.iter().map(|_| Effect::Focus(super::frame_editor())).collect();
            }
            SessionAction::Tree(action) => {
                if let Some(tree) = open.bytes.as_mut().and_then(|bytes| bytes.tree.as_mut()) {
                    tree.act(action);
                }
            }
            SessionAction::Select(number) => return open.select(number),
            SessionAction::Step(_) | SessionAction::ToEnd(_) | SessionAction::Pair => {
                let rows = i64::try_from(open.frames.shown()).unwrap_or(i64::MAX);
                let target = match action {
                    SessionAction::Step(step) => open.stepped(step),
                    SessionAction::ToEnd(is_last) => open.stepped(if is_last { rows } else { -rows }),
                    _ => open.pair(),
                };
                let Some(number) = target else { return Vec::new() };
                open.reveal += 1;
                open.follows = open.follows && Some(number) == open.frames.last();
                return open.select(number);
            }
            _ => {}
        }
        Vec::new()
    }

    /// The connection over which a frame of the open session is sent: the one that was chosen, the one that
    /// is recorded in this session, or one with the same label, as long as it takes requests.
    #[must_use]
    pub fn replay_connection(&self) -> Option<ConnectionId> {
        let open = self.session.open.as_ref()?;
        let label = self.session.view(&open.id).map(|view| view.label.as_str());
        let ready = || self.mcp.connections.iter().filter(|connection| connection.view.state.is_open());
        let chosen = ready().find(|connection| Some(connection.view.id) == open.replay_over);
        let same = || ready().find(|connection| connection.view.session == open.id);
        let alike = || ready().find(|connection| Some(connection.view.label.as_str()) == label);
        let found = chosen.or_else(same).or_else(alike).or_else(|| ready().next());
        found.map(|connection| connection.view.id)
    }

    fn send_again(&mut self, edited: Option<String>) -> Vec<Effect> {
        let Some(connection) = self.replay_connection() else { return Vec::new() };
        let Some(target) = self.mcp.connection(connection) else { return Vec::new() };
        let session = target.view.session.clone();
        let Some(open) = &mut self.session.open else { return Vec::new() };
        let Some(text) = edited.or_else(|| open.text().map(str::to_owned)) else { return Vec::new() };
        open.sent = None;
        vec![mcp(Request::Send { connection, text }, McpPurpose::Send(session))]
    }
}

pub(super) fn mcp(request: Request, purpose: McpPurpose) -> Effect {
    Effect::Send(request, Purpose::Mcp(purpose))
}

fn connect(endpoint: Endpoint) -> Effect {
    mcp(Request::Connect(endpoint.clone()), McpPurpose::Connect(endpoint))
}
