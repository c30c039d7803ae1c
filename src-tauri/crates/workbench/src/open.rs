//! One open workload: its file, its plan, its log, and what of it runs.

mod observing;
mod offer;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jackfield_component::Component;
use jackfield_host::workload::{Edited, Loaded, Sources, Workload, apply, load_text};
use jackfield_host::{Host, Observer, ProbeBoard, Running, plan::plan};
use jackfield_mcp::WorkloadTools;
use jackfield_protocol::{
    CallId, CallOutcome, ComponentName, Edit, Error, ErrorKind, Event, ExportForm, Exported, Listening,
    LogPage, Plan, ProbeLevel, Probes, Response, Ticket, Trace, WorkloadId, WorkloadState, WorkloadView,
};
use tokio::sync::{Mutex as AsyncMutex, RwLock, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    blocking,
    calls::{CallSessions, Tickets},
    document::Document,
    events::Hub,
    log_ring::LogRing,
    mcp::Served,
    probes::Teller,
    traces::Traces,
};
use offer::{Offer, tools_of};

/// A workload that is open.
pub(crate) struct OpenWorkload {
    record: Arc<Record>,
    document: Mutex<Document>,
    /// Held while the document changes, so that no change is made to what is not there any more.
    editing: AsyncMutex<()>,
    /// Held while the workload starts or stops, so that these never overlap.
    changing: AsyncMutex<()>,
    /// Cancelled to give up a start.
    starting: Mutex<CancellationToken>,
    running: RwLock<Option<Arc<Running>>>,
    /// What it offered when it was last started; nothing yet if it never was.
    tickets: Tickets,
    sessions: CallSessions,
    /// Serves it to MCP clients of this machine.
    server: AsyncMutex<Option<Served>>,
}

/// What is known about the workload: the part that guests write to while they run.
struct Record {
    id: WorkloadId,
    hub: Arc<Hub>,
    view: Mutex<WorkloadView>,
    started: Mutex<Option<Started>>,
    log: Mutex<LogRing>,
    board: ProbeBoard,
    /// The level at which the probes of all workloads are; none once something else was said of this one's.
    follows: Mutex<Option<ProbeLevel>>,
    teller: Arc<Teller>,
    traces: Arc<Traces>,
    offer: Offer,
}

/// What was started of a workload.
struct Started {
    /// What it began as.
    begun: Arc<Loaded>,
    /// The grants and answers that it took over last.
    adopted: Arc<Loaded>,
    /// The revision that it is as; none if it has to be started anew for that.
    revision: Option<u64>,
}

impl OpenWorkload {
    /// Plans what was loaded. Lines that memory does not keep go to files in `logs`. Its probes are at the level at
    /// which all are, until something else is said of them.
    pub(crate) fn new(
        id: WorkloadId,
        document: Document,
        logs: PathBuf,
        hub: Arc<Hub>,
        traces: Arc<Traces>,
        all_probes: ProbeLevel,
    ) -> Self {
        let board = ProbeBoard::new(id);
        let record = Record {
            id,
            teller: Arc::new(Teller::new(id, board.clone(), Arc::clone(&hub))),
            board,
            traces,
            hub,
            view: Mutex::new(first_view(id, &document)),
            started: Mutex::default(),
            log: Mutex::new(LogRing::spilling_to(logs)),
            follows: Mutex::new(Some(all_probes)),
            offer: Offer::default(),
        };
        let plan = lock(&record.view).plan.clone();
        record.follow(&plan);
        lock(&record.view).probes = record.board.probes();
        Self {
            record: Arc::new(record),
            document: Mutex::new(document),
            editing: AsyncMutex::default(),
            changing: AsyncMutex::default(),
            starting: Mutex::default(),
            running: RwLock::default(),
            tickets: Tickets::default(),
            sessions: CallSessions::default(),
            server: AsyncMutex::default(),
        }
    }

    /// The file, if it has one.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        lock(&self.document).path().map(PathBuf::from)
    }

    /// Takes over what its file says now, unless it runs or was changed here.
    pub(crate) fn reload(&self, loaded: Loaded) {
        let mut document = lock(&self.document);
        if !self.view().state.is_active() && !document.is_modified() {
            document.reload(loaded);
            self.show(None, &document);
        }
    }

    /// Changes the document.
    pub(crate) async fn edit(
        &self,
        edit: Edit,
        sources: Arc<dyn Sources + Send + Sync>,
    ) -> Result<Response, Error> {
        let _editing = self.editing.lock().await;
        let known = Arc::clone(lock(&self.document).loaded());
        let change = move || {
            let path = &known.workload.path;
            let Edited { text, component } = apply(&known.text, path, &edit)?;
            Ok::<_, Error>((load_text(text, path, &*sources, Some(&known))?, component))
        };
        let (loaded, component) = blocking(change).await??;
        let running = self.running.read().await.clone();
        let mut document = lock(&self.document);
        let before = document.revision();
        let after = document.change(loaded);
        self.show(running.as_deref(), &document);
        Ok(Response::Edited { before, after, component })
    }

    /// Shows the document as it is now, after what runs has taken over what of it counts at once.
    fn show(&self, running: Option<&Running>, document: &Document) {
        let fresh = first_view(self.record.id, document);
        if let (Some(running), Some(started)) = (running, lock(&self.record.started).as_mut()) {
            let now = document.loaded();
            running.adopt(&started.adopted.workload, now, &fresh.plan);
            started.adopted = Arc::clone(now);
            let is_same = started.begun.workload.runs_like(&now.workload);
            started.revision = is_same.then_some(fresh.revision);
        }
        self.record.follow(&fresh.plan);
        self.record.show(fresh);
        self.record.probe(running);
    }

    /// Makes the document what it was at a revision.
    pub(crate) async fn restore(
        &self,
        revision: u64,
        sources: Arc<dyn Sources + Send + Sync>,
    ) -> Result<Response, Error> {
        let _editing = self.editing.lock().await;
        let (known, text) = {
            let document = lock(&self.document);
            (Arc::clone(document.loaded()), document.text_at(revision))
        };
        let text = text.ok_or_else(|| {
            Error::new(ErrorKind::Request, format!("revision {revision} of the workload is not kept"))
        })?;
        let load = move || load_text(text.to_string(), &known.workload.path, &*sources, Some(&known));
        let loaded = blocking(load).await??;
        let running = self.running.read().await.clone();
        let mut document = lock(&self.document);
        let before = document.revision();
        document.restore(revision, loaded);
        self.show(running.as_deref(), &document);
        Ok(Response::Edited { before, after: revision, component: None })
    }

    /// Writes the document to its file, or to another one, which is its file from then on.
    pub(crate) async fn save(
        &self,
        path: Option<String>,
        sources: Arc<dyn Sources + Send + Sync>,
    ) -> Result<Response, Error> {
        let _editing = self.editing.lock().await;
        let (known, save) = {
            let document = lock(&self.document);
            (Arc::clone(document.loaded()), document.to_save(path.as_deref())?)
        };
        let write = move || {
            // Before it is written, so that a file with problems is never left behind.
            let loaded = load_text(save.text.clone(), &save.to, &*sources, Some(&known))?;
            save.write()?;
            Ok::<_, Error>((loaded, save.to))
        };
        let (loaded, path) = blocking(write).await??;
        let running = self.running.read().await.clone();
        let mut document = lock(&self.document);
        document.was_saved(loaded);
        self.show(running.as_deref(), &document);
        Ok(Response::Saved { path: path.display().to_string() })
    }

    pub(crate) fn view(&self) -> WorkloadView {
        lock(&self.record.view).clone()
    }

    pub(crate) fn log(&self, after: u64, before: Option<u64>, limit: u32) -> LogPage {
        lock(&self.record.log).page(after, before, limit)
    }

    /// Compiles and starts it; returns when it runs.
    pub(crate) async fn start(&self, host: &Host) -> Result<(), Error> {
        let _changing = self.changing.lock().await;
        let view = self.view();
        if view.state.is_active() {
            return Err(Error::new(ErrorKind::Request, format!("`{}` is {} already", view.name, view.state)));
        }
        // What is left of an earlier run: a service that completed or failed.
        self.running.write().await.take();
        self.sessions.clear();
        let give_up = CancellationToken::new();
        lock(&self.starting).clone_from(&give_up);
        let observer: Arc<dyn Observer> = self.record.clone();
        let (loaded, revision) = {
            let document = lock(&self.document);
            (Arc::clone(document.loaded()), document.revision())
        };
        lock(&self.record.started).replace(Started {
            begun: Arc::clone(&loaded),
            adopted: Arc::clone(&loaded),
            revision: Some(revision),
        });
        let plan = plan_of(&loaded);
        self.record.offer.set(&loaded, &plan);
        self.record.teller.begin();
        let board = self.record.board.clone();
        let start = host.start_observed(loaded, Arc::new(plan), observer, board);
        match give_up.run_until_cancelled(start).await {
            Some(running) => {
                let running = running?;
                self.record.listening(running.listening());
                self.record.probe(Some(&running));
                self.running.write().await.replace(Arc::new(running));
                Ok(())
            }
            None => {
                self.record.state(WorkloadState::Stopped);
                Err(Error::new(ErrorKind::Cancelled, format!("`{}` was stopped while it started", view.name)))
            }
        }
    }

    /// Stops it; returns when nothing of it runs any more. Nothing to stop is no error.
    pub(crate) async fn stop(&self) {
        lock(&self.starting).cancel();
        let _changing = self.changing.lock().await;
        let running = self.running.write().await.take();
        self.sessions.clear();
        if let Some(running) = running {
            self.record.listening(&[]);
            running.stop().await;
            self.record.probe(None);
        }
    }

    /// What it offers to MCP clients: what was started last, or would be if it was started now.
    pub(crate) fn tools(&self) -> Arc<WorkloadTools> {
        let loaded = Arc::clone(lock(&self.document).loaded());
        self.record.offer.tools(|| tools_of(&loaded, &plan_of(&loaded)))
    }

    /// Changes whenever [`Self::tools`] does.
    pub(crate) fn tool_changes(&self) -> watch::Receiver<u64> {
        self.record.offer.changes.subscribe()
    }

    /// Is served by `start` from now on, in place of what served it before.
    pub(crate) async fn serve(
        &self,
        start: impl Future<Output = Result<Served, Error>>,
    ) -> Result<(), Error> {
        let mut server = self.server.lock().await;
        // First, because both may want the same port.
        if let Some(old) = server.take() {
            old.stop().await;
            self.record.serving(None);
        }
        let started = start.await?;
        self.record.serving(Some(started.url()));
        *server = Some(started);
        Ok(())
    }

    /// Is served no longer.
    pub(crate) async fn stop_serving(&self) {
        if let Some(server) = self.server.lock().await.take() {
            server.stop().await;
            self.record.serving(None);
        }
    }

    /// Its traces are recorded to this file from now on, or no longer.
    pub(crate) fn recorded_to(&self, path: Option<String>) {
        let mut view = lock(&self.record.view);
        if view.recording != path {
            view.recording = path;
            self.record.hub.announce(Event::Opened(view.clone()));
        }
    }

    /// A component of it, as it is now.
    pub(crate) fn component(&self, name: &ComponentName) -> Result<Component, Error> {
        let found = lock(&self.document).loaded().components.get(name).cloned();
        found.ok_or_else(|| Error::new(ErrorKind::Request, format!("the workload has no component `{name}`")))
    }

    /// What other runtimes take of it, with these components in it as well.
    pub(crate) fn export(
        &self,
        form: &ExportForm,
        with: &[String],
        sources: &dyn Sources,
    ) -> Result<Exported, Error> {
        let mut loaded = Arc::clone(lock(&self.document).loaded());
        let mut stand_ins = Vec::new();
        for source in with {
            let path = &loaded.workload.path;
            let add = Edit::AddComponent { name: None, source: source.clone() };
            let Edited { text, component } = apply(&loaded.text, path, &add)?;
            stand_ins.extend(component);
            loaded = Arc::new(load_text(text, path, sources, Some(&loaded))?);
        }
        jackfield_export::export(&loaded, &plan_of(&loaded), &stand_ins, form).map_err(Error::from)
    }

    /// What runs of it.
    pub(crate) async fn running(&self) -> Result<Arc<Running>, Error> {
        self.running.read().await.clone().ok_or_else(|| {
            Error::new(ErrorKind::Request, format!("`{}` does not run", self.view().name))
                .with_help("start it first")
        })
    }

    /// Writes to its service's standard input.
    pub(crate) async fn write_stdin(&self, bytes: Vec<u8>, close: bool) -> Result<(), Error> {
        let running = self.running().await?;
        let closed = || {
            let message = format!("`{}` has no service that reads its input", self.view().name);
            Error::new(ErrorKind::Request, message)
        };
        let stdin = running.stdin().ok_or_else(closed)?;
        let was_taken = bytes.is_empty() || stdin.write(bytes).await;
        if close {
            running.close_stdin();
        }
        was_taken.then_some(()).ok_or_else(closed)
    }

    /// Calls a function of it.
    pub(crate) async fn call(
        &self,
        call: CallId,
        component: &ComponentName,
        function: &str,
        args: &[String],
        ticket: Option<Ticket>,
    ) -> Result<CallOutcome, Error> {
        let running = self.taking_calls().await?;
        let work = running.call(call, component, function, args);
        self.tickets.run((call, ticket), &running, (component, function), work).await
    }

    pub(crate) fn tickets(&self) -> &Tickets {
        &self.tickets
    }

    pub(crate) fn sessions(&self) -> &CallSessions {
        &self.sessions
    }

    /// Calls, and tells what happened below if the call began.
    pub(crate) async fn trace(
        &self,
        call: CallId,
        component: &ComponentName,
        function: &str,
        args: &[String],
        ticket: Option<Ticket>,
    ) -> Result<(Result<CallOutcome, Error>, Option<Trace>), Error> {
        let running = self.taking_calls().await?;
        let work = async { Ok(running.call_traced(call, component, function, args).await) };
        let traced = self.tickets.run((call, ticket), &running, (component, function), work).await;
        traced.map(|(result, trace)| (result.map_err(Error::from), trace))
    }

    /// What runs, if it takes calls.
    pub(crate) async fn taking_calls(&self) -> Result<Arc<Running>, Error> {
        let running = self.running.read().await.clone();
        match (running, self.view().state) {
            (Some(running), WorkloadState::Running) => Ok(running),
            (_, state) => {
                let message = format!("`{}` takes no calls: it is {}", self.view().name, state.label());
                Err(Error::new(ErrorKind::Request, message).with_help("start it first"))
            }
        }
    }
}

fn plan_of(loaded: &Loaded) -> Plan {
    plan(&loaded.workload, &loaded.components, &Host::catalog())
}

fn first_view(id: WorkloadId, document: &Document) -> WorkloadView {
    let Workload { name, namespace, .. } = &document.loaded().workload;
    WorkloadView {
        id,
        name: name.clone(),
        namespace: namespace.clone(),
        path: document.path().map(|path| path.display().to_string()),
        revision: document.revision(),
        is_modified: document.is_modified(),
        needs_restart: false,
        outdated_service: None,
        state: WorkloadState::Stopped,
        plan: plan_of(document.loaded()),
        listening: Vec::new(),
        mcp_url: None,
        probes: Probes::default(),
        recording: None,
    }
}

impl Record {
    /// The revision that what runs is as, or would be as, if it ran.
    fn started_revision(&self) -> Option<u64> {
        lock(&self.started).as_ref().and_then(|started| started.revision)
    }

    /// Shows what the document says now.
    fn show(&self, fresh: WorkloadView) {
        let started = self.started_revision();
        let mut view = lock(&self.view);
        let needs_restart = view.state.is_active() && started != Some(fresh.revision);
        let changed = WorkloadView {
            state: view.state.clone(),
            outdated_service: view.outdated_service.clone(),
            listening: view.listening.clone(),
            mcp_url: view.mcp_url.clone(),
            probes: view.probes.clone(),
            recording: view.recording.clone(),
            needs_restart,
            ..fresh
        };
        if *view != changed {
            view.clone_from(&changed);
            self.hub.announce(Event::Opened(changed));
        }
    }

    fn serving(&self, url: Option<String>) {
        let mut view = lock(&self.view);
        view.mcp_url = url;
        self.hub.announce(Event::Opened(view.clone()));
    }

    fn listening(&self, listening: &[Listening]) {
        let mut view = lock(&self.view);
        if view.listening != listening {
            view.listening = listening.to_vec();
            self.hub.announce(Event::Listening { workload: self.id, listening: listening.to_vec() });
        }
    }
}

/// A lock that another thread panicked under still guards whole values here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
