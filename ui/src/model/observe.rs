//! What arrives, and what the model makes of it.

use jackfield_protocol::{
    ComponentName, Error, Event, LogRecord, Request, Response, Snapshot, WorkloadId, WorkloadState,
    WorkloadView,
};

use super::{DockTab, Effect, Fetching, LOG_PAGE_LINES, Model, Notice, NoticeKind, OpenWorkload, Purpose};
use crate::backend::{Incoming, Ticket};
use crate::text::grouped;

impl Model {
    /// Takes in what arrived, and says what follows from it.
    pub fn observe(&mut self, incoming: Incoming) -> Vec<Effect> {
        match incoming {
            Incoming::Answer { ticket, result } => self.answered(ticket, result),
            Incoming::Event(event) => self.happened(event),
            Incoming::Picked(path) => path.into_iter().map(open).collect(),
            Incoming::CloseWanted => self.quit(),
            Incoming::PickedSave { workload, path } => self.save_picked(workload, path),
            Incoming::PickedComponent(path) => self.library_file_picked(path),
            Incoming::PickedPath { wish, path } => {
                path.map(|path| self.path_picked(wish, path)).unwrap_or_default()
            }
            Incoming::Dropped(paths) => self.dropped(paths),
        }
    }

    fn answered(&mut self, ticket: Ticket, result: Result<Response, Error>) -> Vec<Effect> {
        let Some(pending) = self.pending.remove(&ticket) else {
            return Vec::new();
        };
        self.settle(&pending.purpose, &result);
        if let Purpose::Calls(purpose) = &pending.purpose {
            return self.calls_answered(purpose, &result);
        }
        let mut effects = match result {
            Ok(response) => self.succeeded(&pending.purpose, response),
            Err(error) => {
                self.failed(&pending.purpose, &error);
                Vec::new()
            }
        };
        effects.extend(self.after_answer(&pending.purpose));
        self.refresh_pending();
        effects
    }

    fn succeeded(&mut self, purpose: &Purpose, response: Response) -> Vec<Effect> {
        match response {
            Response::Snapshot(snapshot) => return self.replace_all(snapshot),
            Response::Heartbeat(heartbeat) => {
                self.mcp.start_tickets(heartbeat.uptime_millis);
                self.heartbeat = Some(heartbeat);
            }
            Response::Samples(samples) => self.samples = samples,
            Response::Opened(view) => {
                let id = view.id;
                self.current = Some(id);
                let mut effects = self.put(view);
                effects.extend(self.add_waiting(purpose, id));
                return effects;
            }
            Response::Logs(page) => {
                if let Purpose::Logs(id) = purpose
                    && let Some(workload) = self.workload_mut(*id)
                {
                    workload.log.insert_page(page);
                }
            }
            Response::Done => match purpose {
                Purpose::Close(id) => self.remove(*id),
                Purpose::Start(id) => return self.connect_if_wanted(*id),
                Purpose::Stop(id) => return self.stopped(*id),
                Purpose::Mcp(purpose) => self.mcp_done(purpose),
                Purpose::Trace(purpose) => self.traces_done(purpose),
                _ => {}
            },
            Response::Called(_)
            | Response::SessionOpened(_)
            | Response::CalledInSession { .. }
            | Response::Handles(_)
            | Response::Inspected(_)
            | Response::Wit(_)
            | Response::Functions(_)
            | Response::ExportedWorkload(_)
            | Response::ImportedWorkload(_) => {}
            Response::Traced { .. } => {}
            response @ (Response::Probes(_)
            | Response::Figures(_)
            | Response::Traces(_)
            | Response::Trace(_)
            | Response::Recording { .. }
            | Response::RecordingOpened { .. }
            | Response::Exported { .. }) => return self.traces_answered(purpose, response),
            response @ (Response::WroteExport(_)
            | Response::ExportInTheWay(_)
            | Response::OpenedManifest { .. }) => return self.exchange_answered(purpose, response),
            Response::Edited { .. } | Response::Saved { .. } => return self.edited(purpose, &response),
            Response::Library(response) => return self.library_answered(purpose, response),
            response @ (Response::Connected(_)
            | Response::Mcp(_)
            | Response::Sent { .. }
            | Response::Sessions(_)
            | Response::Frames(_)
            | Response::FrameBytes(_)) => return self.mcp_answered(purpose, response),
        }
        Vec::new()
    }

    fn failed(&mut self, purpose: &Purpose, error: &Error) {
        self.edit_failed(purpose);
        let name = |id: &WorkloadId| {
            self.workload(*id).map_or_else(|| "the workload".to_owned(), |open| open.view.name.clone())
        };
        let attempt = match purpose {
            Purpose::Snapshot => "Could not read the workbench's state".to_owned(),
            Purpose::Heartbeat => "Could not reach the workbench".to_owned(),
            Purpose::Samples => "Could not list the samples".to_owned(),
            Purpose::Open(path) => format!("Could not open {path}"),
            Purpose::Close(id) => format!("Could not close {}", name(id)),
            Purpose::Start(id) => format!("Could not start {}", name(id)),
            Purpose::Mcp(purpose) => return self.mcp_failed(purpose, error),
            Purpose::Trace(purpose) => return self.traces_failed(purpose, error),
            Purpose::Exchange(purpose) => return self.exchange_failed(purpose, error),
            Purpose::Library(purpose) => return self.library_failed(purpose, error),
            Purpose::New => "Could not make a workload".to_owned(),
            Purpose::Edit { label, .. } => format!("Could not {label}"),
            Purpose::Restore { step: super::UndoStep::Undo, label, .. } => format!("Could not undo: {label}"),
            Purpose::Restore { label, .. } => format!("Could not redo: {label}"),
            Purpose::Save(id) => format!("Could not save {}", name(id)),
            Purpose::Stop(id) => format!("Could not stop {}", name(id)),
            Purpose::Logs(id) => format!("Could not read the log of {}", name(id)),
            // The inspector says it in its place.
            Purpose::Wit { .. } => return,
            // What came of it is an event, and a workload that has just stopped has nothing to tell.
            Purpose::Refresh | Purpose::Calls(_) => return,
        };
        if let Purpose::Start(id) = purpose {
            self.give_up_connecting(*id);
        }
        self.restarting.take_if(|id| matches!(purpose, Purpose::Stop(stopped) if stopped == id));
        if matches!(purpose, Purpose::Start(_)) && !error.diagnostics.is_empty() {
            self.preferences.dock_tab = DockTab::Problems;
        }
        let fetching = if let Purpose::Open(path) = purpose { Fetching::after(path, error) } else { None };
        let start_of = if let Purpose::Start(id) = purpose { Some(*id) } else { None };
        self.notify(Notice { fetching, start_of, ..Notice::from_error(0, &attempt, error) });
    }

    /// Shows a notice; the same one twice in a row is counted, not repeated.
    pub(super) fn notify(&mut self, notice: Notice) {
        if let Some(last) = self.notices.last_mut()
            && last.says_the_same(&notice)
        {
            last.times += 1;
            return;
        }
        self.next_notice += 1;
        self.notices.push(Notice { id: self.next_notice, ..notice });
    }

    pub(super) fn inform(&mut self, title: String, help: &str) {
        // That one thing after another was done is no news for long.
        if help.is_empty() {
            self.notices.retain(|known| known.kind == NoticeKind::Error || known.help.is_some());
        }
        self.tell(NoticeKind::Information, title, help);
    }

    fn tell(&mut self, kind: NoticeKind, title: String, help: &str) {
        let help = Some(help.to_owned()).filter(|help| !help.is_empty());
        let details = Vec::new();
        self.notify(Notice { id: 0, kind, title, details, help, times: 1, fetching: None, start_of: None });
    }

    fn happened(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Opened(view) => {
                self.current = self.current.or(Some(view.id));
                return self.put(view);
            }
            Event::Closed(id) => self.remove(id),
            Event::State { workload, state } => self.set_state(workload, state),
            Event::Listening { workload, listening } => {
                if let Some(open) = self.workload_mut(workload) {
                    open.view.listening = listening;
                }
            }
            Event::Logs(records) => self.logged(&records),
            Event::Denied { workload, denial } => {
                if let Some(open) = self.workload_mut(workload) {
                    open.denied(denial);
                }
            }
            Event::Unrecorded { workload, lost, problem } => self.unrecorded(workload, lost, problem),
            event @ (Event::Probes { .. }
            | Event::AllProbes(_)
            | Event::Held(_)
            | Event::Released(_)
            | Event::Traced(_)
            | Event::Figures { .. }) => self.traces_event(event),
            Event::Reloaded { workload, components, entries, duration_micros } => {
                let now = self.now_seconds;
                if let Some(open) = self.workload_mut(workload) {
                    open.reloads.reloaded((components, entries), duration_micros, now);
                }
            }
            Event::NotReloaded { workload, components, error } => {
                self.not_reloaded(workload, components, &error);
            }
            event @ (Event::LibraryChanged | Event::Transfer(_)) => return self.library_event(event),
            event @ (Event::Connection(_)
            | Event::Forgotten(_)
            | Event::Session(_)
            | Event::Frames(_)
            | Event::Notice { .. }) => return self.mcp_event(event),
            Event::Skipped(_) => return vec![Effect::Send(Request::Snapshot, Purpose::Snapshot)],
        }
        Vec::new()
    }

    /// What is missing in a recording is said, because nobody looks into the file to find out.
    fn unrecorded(&mut self, id: WorkloadId, lost: u64, problem: Option<String>) {
        let name = self.workload(id).map_or_else(|| "a workload".to_owned(), |open| open.view.name.clone());
        match problem {
            Some(problem) => {
                self.tell(NoticeKind::Error, format!("Traces of {name} are not recorded"), &problem);
            }
            None => {
                let help = format!("{} traces are missing in the file", grouped(lost));
                self.inform(format!("Traces of {name} are recorded again"), &help);
            }
        }
    }

    fn not_reloaded(&mut self, id: WorkloadId, components: Vec<ComponentName>, error: &Error) {
        let names = components.iter().map(ComponentName::as_str).collect::<Vec<_>>().join(", ");
        if let Some(open) = self.workload_mut(id) {
            open.reloads.not_reloaded(components, &error.message);
        }
        self.notify(Notice::from_error(0, &format!("Could not reload {names}"), error));
    }

    fn set_state(&mut self, id: WorkloadId, state: WorkloadState) {
        if state.is_active() {
            self.notices.retain(|notice| notice.start_of != Some(id));
        }
        if let Some(workload) = self.workload_mut(id) {
            workload.set_state(state);
        }
    }

    fn logged(&mut self, records: &[LogRecord]) {
        for run in records.chunk_by(|a, b| a.workload == b.workload) {
            let Some(id) = run.first().map(|record| record.workload) else { continue };
            if let Some(workload) = self.workload_mut(id) {
                workload.log.extend(run.iter().cloned());
            }
        }
    }

    /// The workbench's truth replaces what the window believed; what the window adds stays.
    fn replace_all(&mut self, snapshot: Snapshot) -> Vec<Effect> {
        self.is_loaded = true;
        self.workloads.retain(|open| snapshot.workloads.iter().any(|view| view.id == open.view.id));
        let connections = self.replace_connections(snapshot.connections);
        let effects = snapshot.workloads.into_iter().flat_map(|view| {
            let known = self.workload(view.id).is_some();
            let id = view.id;
            let mut effects = self.put(view);
            if known {
                effects.push(self.logs_since(id));
            }
            effects
        });
        let mut effects: Vec<Effect> = effects.chain(connections).collect();
        self.repair_current();
        self.replace_held(snapshot.held);
        self.traces.observe_all = snapshot.all_probes;
        effects.extend(self.ask_for_traces());
        effects
    }

    /// Adds a workload or brings it up to date. A new one's earlier log is asked for.
    pub(super) fn put(&mut self, view: WorkloadView) -> Vec<Effect> {
        let id = view.id;
        if self.workload(id).is_some_and(|open| open.view.plan != view.plan) || view.state.is_active() {
            self.notices.retain(|notice| notice.start_of != Some(id));
        }
        match self.workload_mut(id) {
            Some(workload) => {
                workload.update(view);
                Vec::new()
            }
            None => {
                let places = view.path.as_deref().map(|path| self.preferences.places.of(path));
                self.workloads.push(OpenWorkload::new(view, places.unwrap_or_default()));
                vec![self.logs_since(id)]
            }
        }
    }

    fn logs_since(&self, id: WorkloadId) -> Effect {
        let after = self.workload(id).map_or(0, |workload| workload.log.complete_to());
        Effect::Send(
            Request::Logs { workload: id, after, before: None, limit: LOG_PAGE_LINES },
            Purpose::Logs(id),
        )
    }

    fn remove(&mut self, id: WorkloadId) {
        self.exchange.export.take_if(|draft| draft.workload == id);
        self.workloads.retain(|workload| workload.view.id != id);
        self.notices.retain(|notice| notice.start_of != Some(id));
        self.repair_current();
    }

    fn repair_current(&mut self) {
        if self.current().is_none() {
            self.current = self.workloads.first().map(|workload| workload.view.id);
        }
    }

    fn dropped(&mut self, paths: Vec<String>) -> Vec<Effect> {
        let ends = |path: &String, ends: &[&str]| {
            let path = path.to_lowercase();
            ends.iter().any(|end| path.ends_with(end))
        };
        let (components, others): (Vec<_>, Vec<_>) =
            paths.into_iter().partition(|path| ends(path, &[".wasm"]));
        let (manifests, workloads): (Vec<_>, Vec<_>) =
            others.into_iter().partition(|path| ends(path, &[".yaml", ".yml"]));
        let mut effects: Vec<Effect> = workloads.into_iter().map(open).collect();
        effects.extend(manifests.into_iter().map(|path| self.open_manifest(path)));
        effects.extend(components.into_iter().flat_map(|path| self.add_component(path, None)));
        effects
    }
}

/// The request to open a file.
pub(super) fn open(path: String) -> Effect {
    Effect::Send(Request::Open { path: path.clone() }, Purpose::Open(path))
}
