//! What the window knows of the library: what fits the query, and what is being fetched.

mod adding;
mod fetching;

use std::collections::{BTreeMap, VecDeque};

use egui::Pos2;
use jackfield_protocol::{
    Error, ErrorKind, Event, LibraryEntry, LibraryPage, LibraryRequest, LibraryResponse, LibraryVersion,
    Request, Transfer,
};

pub(super) use adding::PendingDrop;
pub use adding::short_name;
pub use fetching::Fetching;

use super::{Effect, Model, Purpose};

/// Something about the library.
#[derive(Debug, Clone, PartialEq)]
pub enum LibraryAction {
    /// The search text changed.
    Query(String),
    /// Shows another version of an entry.
    ChooseVersion {
        /// The entry's name.
        name: String,
        /// The version's tag.
        tag: String,
    },
    /// Adds a component to the current workload, or to a new one.
    Add {
        /// What a workload file says to use it.
        source: String,
        /// The top left corner of its card on the canvas; the layout finds one if nothing is said.
        at: Option<Pos2>,
    },
    /// The reference to pull was changed.
    PullText(String),
    /// Fetches what the text says.
    Pull,
    /// Gives up a pull.
    Cancel(String),
    /// Pulls what the workload of this notice misses, and opens it then.
    Fetch(u64),
    /// Gives that up for the workload with this path.
    GiveUpFetching(String),
}

/// What the library was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LibraryPurpose {
    /// To show what fits this query.
    Search(String),
    /// To store this file.
    Add(String),
    /// To fetch this reference.
    Pull(String),
    /// To give up fetching it.
    Cancel(String),
}

/// The library, as the window shows it.
#[derive(Debug, Clone, Default)]
pub struct LibraryRoom {
    /// What is searched for.
    pub query: String,
    /// What fits; nothing until the first answer.
    pub page: Option<LibraryPage>,
    /// The reference to be pulled, as it is typed.
    pub pull_text: String,
    /// What goes over the network, by reference.
    pub transfers: BTreeMap<String, Transfer>,
    /// The versions that were chosen, by the name of the entry.
    chosen: BTreeMap<String, String>,
    /// The workloads that are opened once what they miss is here.
    pub fetching: Vec<Fetching>,
    /// What is to be added as soon as there is a workload.
    pub(super) waiting: VecDeque<adding::Addition>,
}

impl LibraryRoom {
    /// The version of an entry that its card shows: the newest, unless another was chosen.
    #[must_use]
    pub fn shown<'e>(&self, entry: &'e LibraryEntry) -> Option<&'e LibraryVersion> {
        let chosen = self.chosen.get(&entry.name);
        let chosen = chosen.and_then(|tag| entry.versions.iter().find(|version| version.tag == *tag));
        chosen.or_else(|| entry.versions.first())
    }

    /// Whether the text could be a reference to pull.
    #[must_use]
    pub fn can_pull(&self) -> bool {
        let reference = reference(&self.pull_text);
        reference.len() > SCHEME.len() && !self.transfers.contains_key(&reference)
    }
}

/// The search field, wherever it is drawn.
pub(crate) fn search_field() -> egui::Id {
    egui::Id::new("library search")
}

const SCHEME: &str = "oci://";

/// What was typed, with the scheme that may be left out.
fn reference(text: &str) -> String {
    let text = text.trim();
    if text.starts_with(SCHEME) { text.to_owned() } else { format!("{SCHEME}{text}") }
}

impl Model {
    /// Asks for what fits the query.
    pub(super) fn search_library(&self) -> Effect {
        let query = self.library.query.clone();
        let request = LibraryRequest::Search { query: query.clone() };
        send(request, LibraryPurpose::Search(query))
    }

    pub(super) fn apply_to_library(&mut self, action: LibraryAction) -> Vec<Effect> {
        match action {
            LibraryAction::Query(query) => {
                self.library.query = query;
                return vec![self.search_library()];
            }
            LibraryAction::ChooseVersion { name, tag } => {
                self.library.chosen.insert(name, tag);
            }
            LibraryAction::Add { source, at } => return self.add_component(source, at),
            LibraryAction::PullText(text) => self.library.pull_text = text,
            LibraryAction::Pull => return self.pull(),
            LibraryAction::Cancel(reference) => {
                let request = LibraryRequest::Cancel { reference: reference.clone() };
                return vec![send(request, LibraryPurpose::Cancel(reference))];
            }
            LibraryAction::Fetch(notice) => return self.fetch(notice),
            LibraryAction::GiveUpFetching(path) => return self.give_up_fetching(&path),
        }
        Vec::new()
    }

    /// Shows the library, with the keyboard in its search field.
    pub(super) fn find_in_library(&mut self) -> Vec<Effect> {
        self.preferences.components_open = true;
        vec![Effect::Remember(self.preferences.to_text()), Effect::Focus(search_field())]
    }

    fn pull(&mut self) -> Vec<Effect> {
        if !self.library.can_pull() {
            return Vec::new();
        }
        let reference = reference(&std::mem::take(&mut self.library.pull_text));
        vec![self.begin_pull(reference)]
    }

    fn begin_pull(&mut self, reference: String) -> Effect {
        let begun = Transfer {
            reference: reference.clone(),
            step: "connecting".to_owned(),
            done_in_bytes: 0,
            total_in_bytes: None,
            is_over: false,
        };
        self.library.transfers.insert(reference.clone(), begun);
        let request = LibraryRequest::Pull { reference: reference.clone(), plain_http: false };
        send(request, LibraryPurpose::Pull(reference))
    }

    /// Stores a file that was chosen.
    pub(super) fn library_file_picked(&self, path: Option<String>) -> Vec<Effect> {
        let add = |path: String| {
            send(LibraryRequest::Add { path: path.clone(), alias: None }, LibraryPurpose::Add(path))
        };
        path.into_iter().map(add).collect()
    }

    pub(super) fn library_answered(&mut self, purpose: &Purpose, response: LibraryResponse) -> Vec<Effect> {
        let Purpose::Library(purpose) = purpose else { return Vec::new() };
        match (purpose, response) {
            // What was typed since then has been asked for too.
            (LibraryPurpose::Search(query), LibraryResponse::Page(page)) if *query == self.library.query => {
                self.library.page = Some(page);
            }
            (LibraryPurpose::Pull(reference), _) => {
                self.library.transfers.remove(reference);
                if let Some(effects) = self.fetched(reference) {
                    return effects;
                }
                self.inform(
                    format!("{reference} is in the library"),
                    "drag its card onto the canvas to use it",
                );
            }
            (LibraryPurpose::Add(path), LibraryResponse::Component { source, .. }) => {
                self.inform(
                    format!("{path} is in the library as {source}"),
                    "drag its card onto the canvas to use it",
                );
            }
            _ => {}
        }
        Vec::new()
    }

    /// What could not be done, in words; nothing is left of it.
    pub(super) fn library_failed(&mut self, purpose: &LibraryPurpose, error: &Error) {
        let attempt = match purpose {
            LibraryPurpose::Search(_) => "Could not search the library".to_owned(),
            LibraryPurpose::Add(path) => format!("Could not add {path} to the library"),
            LibraryPurpose::Cancel(reference) => format!("Could not give up {reference}"),
            LibraryPurpose::Pull(reference) => {
                self.library.transfers.remove(reference);
                // What the user gave up is no news.
                if self.fetch_failed(reference, error) || error.kind == ErrorKind::Cancelled {
                    return;
                }
                format!("Could not pull {reference}")
            }
        };
        self.notify(super::Notice::from_error(0, &attempt, error));
    }

    pub(super) fn library_event(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::LibraryChanged => return vec![self.search_library()],
            Event::Transfer(transfer) if transfer.is_over => {
                self.library.transfers.remove(&transfer.reference);
            }
            Event::Transfer(transfer) => {
                self.library.transfers.insert(transfer.reference.clone(), transfer);
            }
            _ => {}
        }
        Vec::new()
    }
}

fn send(request: LibraryRequest, purpose: LibraryPurpose) -> Effect {
    Effect::Send(Request::Library(request), Purpose::Library(purpose))
}
