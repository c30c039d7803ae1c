//! The connections, what their servers offer, and what is being asked of them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jackfield_protocol::{
    ConnectionId, ConnectionState, ConnectionView, Endpoint, McpNotice, Request, Ticket, WorkloadId,
};
use serde_json::Value;

use super::arguments::Arguments;
use super::connect::{ConnectDraft, McpPreferences};
use super::offer::{Offer, OfferKey, OfferKind};
use super::tree::JsonTree;
use super::{Effect, McpPurpose, Purpose};

/// So many messages of a server are kept.
const MAX_NOTICES: usize = 300;
/// So many connections that are gone are known.
const MAX_PLACES: usize = 64;
/// A server that gives page after page is stopped here.
pub(super) const MAX_OFFERS: usize = 10_000;

/// The MCP tab.
#[derive(Debug, Default)]
pub struct McpRoom {
    /// The connections, in the order of their making.
    pub connections: Vec<Connection>,
    /// The one that is shown.
    pub shown: Option<ConnectionId>,
    /// The form for a new connection, if it is open.
    pub draft: Option<ConnectDraft>,
    /// What servers have not answered yet.
    pub running: Vec<Running>,
    /// A workload to connect to as soon as it runs.
    pub(super) wanted: Option<WorkloadId>,
    /// What was typed for connections of this run; the workbench need not give secrets back.
    pub(super) typed: BTreeMap<ConnectionId, Endpoint>,
    arguments: BTreeMap<(String, OfferKey), Arguments>,
    /// Where the user was on connections that are gone, by label: who reconnects goes on there.
    left: BTreeMap<String, Place>,
    last_ticket: u64,
}

/// One connection.
#[derive(Debug)]
pub struct Connection {
    /// What the workbench says of it.
    pub view: ConnectionView,
    /// What its server offers.
    pub lists: BTreeMap<OfferKind, List>,
    /// What kind of offer is listed.
    pub tab: OfferKind,
    /// What offers are searched for.
    pub search: String,
    /// What is selected of the server's offers.
    pub selected: Option<OfferKey>,
    /// The answers that came last.
    pub answers: BTreeMap<OfferKey, Answer>,
    /// How long to wait for a tool, in seconds, as it was typed.
    pub timeout: String,
    /// What the server sent of itself, newest last.
    pub notices: VecDeque<ServerNotice>,
    /// How many came in all.
    pub notices_in_all: u64,
}

/// Where the user is on a connection.
#[derive(Debug, Clone)]
struct Place {
    tab: OfferKind,
    search: String,
    selected: Option<OfferKey>,
    timeout: String,
}

/// A list of offers.
#[derive(Debug, Default)]
pub struct List {
    /// What was listed.
    pub offers: Vec<Offer>,
    /// Whether pages are still being asked for.
    pub is_loading: bool,
    /// Why there are no more.
    pub error: Option<String>,
    /// The pages so far of the list that will replace it.
    pub(super) coming: Vec<Offer>,
    /// Cursors seen, so that a server that goes in circles is noticed.
    pub(super) cursors: Vec<String>,
    /// Answers to an earlier asking are passed over.
    pub(super) generation: u32,
}

/// Something that has been asked of a server.
#[derive(Debug, Clone, PartialEq)]
pub struct Running {
    /// Names it.
    pub ticket: Ticket,
    /// Over which connection.
    pub connection: ConnectionId,
    /// What was asked.
    pub key: OfferKey,
    /// When, on egui's clock.
    pub since_seconds: f64,
    /// How far it is, in the server's words.
    pub progress: Option<String>,
    /// How far it is, from 0 to 1.
    pub fraction: Option<f32>,
    /// Whether it was cancelled.
    pub is_cancelled: bool,
}

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    /// The result as a tree, or what went wrong.
    pub result: Result<JsonTree, String>,
    /// The result as a person reads it.
    pub text: String,
    /// Whether the tool says that it failed.
    pub is_error: bool,
    /// How long it took: microseconds.
    pub duration_micros: Option<u64>,
    /// The recorded frame of the request.
    pub request_frame: Option<u64>,
    /// Whether the tree is shown rather than the text.
    pub shows_tree: bool,
}

/// Something that a server sent of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerNotice {
    /// Its level, or what kind of notice it is.
    pub level: String,
    /// What it says.
    pub text: String,
}

impl McpRoom {
    /// The connection that is shown.
    #[must_use]
    pub fn shown(&self) -> Option<&Connection> {
        self.connection(self.shown?)
    }

    /// The connection with this id.
    #[must_use]
    pub fn connection(&self, id: ConnectionId) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.view.id == id)
    }

    pub(super) fn connection_mut(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        self.connections.iter_mut().find(|connection| connection.view.id == id)
    }

    pub(super) fn shown_mut(&mut self) -> Option<&mut Connection> {
        self.connection_mut(self.shown?)
    }

    /// The offer that is selected on the connection that is shown, with its arguments.
    #[must_use]
    pub fn selected(&self) -> Option<(&Connection, &Offer, &Arguments)> {
        let connection = self.shown()?;
        let key = connection.selected.as_ref()?;
        let offer = connection.offer(key)?;
        let arguments = self.arguments.get(&(connection.view.label.clone(), key.clone()))?;
        Some((connection, offer, arguments))
    }

    pub(super) fn selected_arguments_mut(&mut self) -> Option<&mut Arguments> {
        let connection = self.shown()?;
        let place = (connection.view.label.clone(), connection.selected.clone()?);
        self.arguments.get_mut(&place)
    }

    /// What runs of the selected offer.
    #[must_use]
    pub fn running_selected(&self) -> Option<&Running> {
        let connection = self.shown()?;
        let key = connection.selected.as_ref()?;
        self.running.iter().find(|running| running.connection == connection.view.id && running.key == *key)
    }

    /// An open connection to a workload.
    #[must_use]
    pub fn to_workload(&self, id: WorkloadId) -> Option<&Connection> {
        let leads_there =
            |view: &ConnectionView| view.endpoint == Endpoint::Workload(id) && view.state.is_open();
        self.connections.iter().find(|connection| leads_there(&connection.view))
    }

    /// Takes what the workbench says of a connection. What a server that is ready now offers is asked for.
    pub(super) fn put(&mut self, view: ConnectionView) -> Vec<Effect> {
        let id = view.id;
        let was_ready = self.connection(id).is_some_and(|known| known.view.state == ConnectionState::Ready);
        let is_ready = view.state == ConnectionState::Ready;
        match self.connection_mut(id) {
            Some(known) => known.view = view,
            None => {
                let mut connection = Connection::new(view);
                if let Some(place) = self.left.get(&connection.view.label).cloned() {
                    connection.go_to(place);
                }
                self.connections.push(connection);
            }
        }
        if self.shown.is_none() {
            self.shown = Some(id);
        }
        if is_ready && !was_ready { self.list_all(id) } else { Vec::new() }
    }

    pub(super) fn remove(&mut self, id: ConnectionId) {
        if let Some(connection) = self.connection(id) {
            let (label, place) = (connection.view.label.clone(), connection.place());
            if self.left.len() >= MAX_PLACES {
                self.left.pop_first();
            }
            self.left.insert(label, place);
        }
        self.connections.retain(|connection| connection.view.id != id);
        self.running.retain(|running| running.connection != id);
        self.typed.remove(&id);
        if self.shown == Some(id) {
            self.shown = self.connections.last().map(|connection| connection.view.id);
        }
    }

    /// Asks for everything that a server declared.
    pub(super) fn list_all(&mut self, id: ConnectionId) -> Vec<Effect> {
        let kinds = OfferKind::ALL.into_iter();
        let effects = kinds.filter_map(|kind| self.list(id, kind));
        effects.collect()
    }

    /// Asks for the first page of a list.
    pub(super) fn list(&mut self, id: ConnectionId, kind: OfferKind) -> Option<Effect> {
        let connection = self.connection_mut(id)?;
        if !connection.declares(kind) {
            return None;
        }
        let list = connection.lists.entry(kind).or_default();
        list.generation += 1;
        (list.is_loading, list.error) = (true, None);
        list.coming.clear();
        list.cursors.clear();
        self.next_page(id, kind, None)
    }

    pub(super) fn next_page(
        &mut self,
        id: ConnectionId,
        kind: OfferKind,
        cursor: Option<String>,
    ) -> Option<Effect> {
        let generation = self.connection(id)?.lists.get(&kind)?.generation;
        let purpose = Purpose::Mcp(McpPurpose::List { connection: id, kind, generation });
        let (ticket, request) = (self.ticket(), kind.list(cursor));
        Some(Effect::Send(Request::Mcp { connection: id, ticket, request }, purpose))
    }

    /// A ticket that was not used before.
    pub(in crate::model) fn ticket(&mut self) -> Ticket {
        self.last_ticket += 1;
        Ticket(self.last_ticket)
    }

    /// Tickets of a window that was loaded again are others than those of the one before: the workbench's
    /// uptime in milliseconds leads them, and the digits stay exact in any JSON.
    pub(crate) fn start_tickets(&mut self, uptime_millis: u64) {
        self.last_ticket = self.last_ticket.max((uptime_millis % (1 << 36)) << 16);
    }

    /// Selects an offer; its arguments are those given last, or the simplest that it allows.
    pub(super) fn select(&mut self, key: OfferKey, remembered: &McpPreferences) {
        let Some(connection) = self.shown_mut() else { return };
        connection.selected = Some(key.clone());
        let label = connection.view.label.clone();
        let Some(schema) = connection.offer(&key).map(|offer| Arc::clone(&offer.schema)) else { return };
        match self.arguments.get_mut(&(label.clone(), key.clone())) {
            Some(arguments) => arguments.set_schema(schema),
            None => {
                let text = remembered.arguments_of(&label, &key.name);
                let arguments = match text {
                    Some(text) => Arguments::with_text(schema, text),
                    None => Arguments::new(schema),
                };
                self.arguments.insert((label, key), arguments);
            }
        }
    }
}

impl Connection {
    fn new(view: ConnectionView) -> Self {
        Self {
            view,
            lists: BTreeMap::new(),
            tab: OfferKind::default(),
            search: String::new(),
            selected: None,
            answers: BTreeMap::new(),
            timeout: String::new(),
            notices: VecDeque::new(),
            notices_in_all: 0,
        }
    }

    fn place(&self) -> Place {
        let (selected, search, timeout) = (self.selected.clone(), self.search.clone(), self.timeout.clone());
        Place { tab: self.tab, search, selected, timeout }
    }

    fn go_to(&mut self, place: Place) {
        let Place { tab, search, selected, timeout } = place;
        (self.tab, self.search, self.selected, self.timeout) = (tab, search, selected, timeout);
    }

    /// Whether its server says that it has such things.
    #[must_use]
    pub fn declares(&self, kind: OfferKind) -> bool {
        self.view.server.as_ref().is_some_and(|server| server.has(kind.capability()))
    }

    /// Something that it offers.
    #[must_use]
    pub fn offer(&self, key: &OfferKey) -> Option<&Offer> {
        self.lists.get(&key.kind)?.offers.iter().find(|offer| offer.key == *key)
    }

    /// What is listed: of the kind that is shown, with what is searched for in it.
    pub fn found(&self) -> impl Iterator<Item = &Offer> {
        let needle = self.search.trim().to_lowercase();
        let offers = self.lists.get(&self.tab).map_or(&[][..], |list| list.offers.as_slice());
        offers.iter().filter(move |offer| {
            let texts = [Some(&offer.key.name), offer.title.as_ref(), offer.description.as_ref()];
            needle
                .split_whitespace()
                .all(|word| texts.into_iter().flatten().any(|text| crate::text::has(text, word)))
        })
    }

    /// How long to wait for a tool: milliseconds, or why that cannot be read.
    ///
    /// # Errors
    /// In words.
    pub fn timeout_millis(&self) -> Result<Option<u64>, String> {
        let text = self.timeout.trim();
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse::<f64>() {
            Ok(seconds) if seconds > 0.0 && seconds < 1e9 => Ok(Some((seconds * 1000.0).ceil() as u64)),
            _ => Err("Time-out: type seconds, such as 30, or nothing".to_owned()),
        }
    }

    pub(super) fn notice(&mut self, notice: &McpNotice) {
        let (level, text) = match notice {
            McpNotice::Progress { .. } => return,
            McpNotice::Log { level, logger, data } => {
                let text = data.as_str().map_or_else(|| data.to_string(), str::to_owned);
                let logger = logger.as_ref().map(|logger| format!("{logger}: ")).unwrap_or_default();
                (level.clone(), format!("{logger}{text}"))
            }
            McpNotice::ToolsChanged => ("changed".to_owned(), "The tools are others now".to_owned()),
            McpNotice::ResourcesChanged => ("changed".to_owned(), "The resources are others now".to_owned()),
            McpNotice::PromptsChanged => ("changed".to_owned(), "The prompts are others now".to_owned()),
            McpNotice::ResourceUpdated { uri } => ("updated".to_owned(), uri.clone()),
        };
        let text = crate::text::shortened(&crate::text::printable(&text), 2_000).into_owned();
        self.notices.push_back(ServerNotice { level, text });
        self.notices_in_all += 1;
        while self.notices.len() > MAX_NOTICES {
            self.notices.pop_front();
        }
    }
}

impl Answer {
    pub(super) fn new(result: Value, is_error: bool) -> Self {
        let text = super::content::readable(&result);
        let shows_tree = false;
        let result = Ok(JsonTree::new(result));
        Self { result, text, is_error, duration_micros: None, request_frame: None, shows_tree }
    }

    pub(super) fn failure(text: String) -> Self {
        let result = Err(text.clone());
        Self { result, text, is_error: true, duration_micros: None, request_frame: None, shows_tree: false }
    }
}
