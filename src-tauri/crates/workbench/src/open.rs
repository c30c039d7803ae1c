//! One open workload: its file, its plan, its log, and what of it runs.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use jackfield_component::Component;
use jackfield_host::workload::{Edited, Loaded, Sources, Workload, apply, load_text};
use jackfield_host::{Host, Line, NotReloaded, Observer, Reloaded, Running, plan::plan};
use jackfield_mcp::WorkloadTools;
use jackfield_protocol::{
    CallId, CallOutcome, ComponentName, Denial, Edit, EntryKind, Error, ErrorKind, Event, Listening, LogPage,
    LogRecord, LogStream, Plan, Probes, Response, Trace, WorkloadId, WorkloadState, WorkloadView,
};
use tokio::sync::{Mutex as AsyncMutex, RwLock, watch};
use tokio_util::sync::CancellationToken;

use crate::{blocking, document::Document, events::Hub, log_ring::LogRing, mcp::Served};

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
    tools: Mutex<Option<Arc<WorkloadTools>>>,
    tool_changes: watch::Sender<u64>,
    /// Serves it to MCP clients of this machine.
    server: AsyncMutex<Option<Served>>,
}

/// What is known about the workload: the part that guests write to while they run.
struct Record {
    id: WorkloadId,
    hub: Arc<Hub>,
    view: Mutex<WorkloadView>,
    /// The revision of what runs.
    started: Mutex<Option<u64>>,
    log: Mutex<LogRing>,
}

impl OpenWorkload {
    /// Plans what was loaded. Lines that memory does not keep go to files in `logs`.
    pub(crate) fn new(id: WorkloadId, document: Document, logs: PathBuf, hub: Arc<Hub>) -> Self {
        let record = Record {
            id,
            hub,
            view: Mutex::new(first_view(id, &document)),
            started: Mutex::default(),
            log: Mutex::new(LogRing::spilling_to(logs)),
        };
        Self {
            record: Arc::new(record),
            document: Mutex::new(document),
            editing: AsyncMutex::default(),
            changing: AsyncMutex::default(),
            starting: Mutex::default(),
            running: RwLock::default(),
            tools: Mutex::default(),
            tool_changes: watch::Sender::new(0),
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
            self.record.show(&document);
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
        let granted = edit.clone();
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
        if let Some(running) = running.filter(|_| *lock(&self.record.started) == Some(before)) {
            self.change_running(&running, &granted, after)?;
        }
        self.record.show(&document);
        Ok(Response::Edited { before, after, component })
    }

    /// Does to what runs what an edit does to the document, if it can be done without a new start.
    fn change_running(&self, running: &Running, edit: &Edit, after: u64) -> Result<(), Error> {
        if let Edit::SetNetwork { component, origin, is_granted } = edit {
            match is_granted {
                true => running.grant(component, origin)?,
                false => running.revoke(component, origin)?,
            }
            lock(&self.record.started).replace(after);
        }
        Ok(())
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
        let mut document = lock(&self.document);
        let before = document.revision();
        document.restore(revision, loaded);
        self.record.show(&document);
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
        let mut document = lock(&self.document);
        document.was_saved(loaded);
        self.record.show(&document);
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
        let give_up = CancellationToken::new();
        lock(&self.starting).clone_from(&give_up);
        let observer: Arc<dyn Observer> = self.record.clone();
        let (loaded, revision) = {
            let document = lock(&self.document);
            (Arc::clone(document.loaded()), document.revision())
        };
        lock(&self.record.started).replace(revision);
        let plan = plan_of(&loaded);
        self.offer(tools_of(&loaded, &plan));
        let start = host.start(loaded, Arc::new(plan), observer);
        match give_up.run_until_cancelled(start).await {
            Some(running) => {
                let running = running?;
                self.record.listening(running.listening());
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
        if let Some(running) = running {
            self.record.listening(&[]);
            running.stop().await;
        }
    }

    /// What it offers to MCP clients: what was started last, or would be if it was started now.
    pub(crate) fn tools(&self) -> Arc<WorkloadTools> {
        let loaded = Arc::clone(lock(&self.document).loaded());
        let mut tools = lock(&self.tools);
        Arc::clone(tools.get_or_insert_with(|| Arc::new(tools_of(&loaded, &plan_of(&loaded)))))
    }

    /// Changes whenever [`Self::tools`] does.
    pub(crate) fn tool_changes(&self) -> watch::Receiver<u64> {
        self.tool_changes.subscribe()
    }

    fn offer(&self, fresh: WorkloadTools) {
        let mut tools = lock(&self.tools);
        let has_changed = tools.as_ref().is_none_or(|old| old.views() != fresh.views());
        *tools = Some(Arc::new(fresh));
        if has_changed {
            self.tool_changes.send_modify(|changes| *changes += 1);
        }
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

    /// A component of it, as it is now.
    pub(crate) fn component(&self, name: &ComponentName) -> Result<Component, Error> {
        let found = lock(&self.document).loaded().components.get(name).cloned();
        found.ok_or_else(|| Error::new(ErrorKind::Request, format!("the workload has no component `{name}`")))
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
    ) -> Result<CallOutcome, Error> {
        let running = self.taking_calls().await?;
        running.call(call, component, function, args).await.map_err(Error::from)
    }

    /// Calls, and tells what happened below if the call began.
    pub(crate) async fn trace(
        &self,
        call: CallId,
        component: &ComponentName,
        function: &str,
        args: &[String],
    ) -> Result<(Result<CallOutcome, Error>, Option<Trace>), Error> {
        let running = self.taking_calls().await?;
        let (result, trace) = running.call_traced(call, component, function, args).await;
        Ok((result.map_err(Error::from), trace))
    }

    async fn taking_calls(&self) -> Result<Arc<Running>, Error> {
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

/// What a workload offers: its functions, but not the ways in that the host itself uses.
fn tools_of(loaded: &Loaded, plan: &Plan) -> WorkloadTools {
    let components: Vec<_> =
        loaded.components.iter().map(|(name, component)| (name.clone(), component)).collect();
    let mut tools = WorkloadTools::new(&components);
    tools.tools.retain(|tool| {
        let export = tool.interface.as_deref().unwrap_or(&tool.function);
        plan.entries.iter().any(|entry| {
            entry.component == tool.component && entry.export == export && entry.kind == EntryKind::Functions
        })
    });
    tools
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
        state: WorkloadState::Stopped,
        plan: plan_of(document.loaded()),
        listening: Vec::new(),
        mcp_url: None,
        probes: Probes::default(),
        recording: None,
    }
}

impl Record {
    /// Shows the document as it is now.
    fn show(&self, document: &Document) {
        let fresh = first_view(self.id, document);
        let started = *lock(&self.started);
        let mut view = lock(&self.view);
        let needs_restart = view.state.is_active() && started != Some(fresh.revision);
        let changed = WorkloadView {
            state: view.state.clone(),
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

impl Observer for Record {
    fn line(&self, line: Line) {
        // Announced under the lock, so that all readers see the records in the order of `seq`.
        let mut log = lock(&self.log);
        let record = log.push(|seq| LogRecord {
            workload: self.id,
            seq,
            time_unix_micros: line.time_unix_micros,
            component: line.component,
            stream: line.stream,
            context: line.context,
            text: line.text,
            call: line.call,
        });
        self.hub.announce(Event::Logs(vec![record]));
    }

    fn denied(&self, denial: Denial) {
        self.hub.announce(Event::Denied { workload: self.id, denial });
    }

    fn state(&self, state: WorkloadState) {
        let mut view = lock(&self.view);
        if view.state != state {
            view.state.clone_from(&state);
            let is_outdated = view.needs_restart && !state.is_active();
            self.hub.announce(Event::State { workload: self.id, state });
            if is_outdated {
                view.needs_restart = false;
                self.hub.announce(Event::Opened(view.clone()));
            }
        }
    }

    fn reloaded(&self, reloaded: Reloaded) {
        let again = match reloaded.entries.as_slice() {
            [] => "nothing in use reaches it".to_owned(),
            entries => format!("composed again: {}", join(entries)),
        };
        let millis = reloaded.duration.as_millis();
        for component in &reloaded.components {
            self.say(component, format!("its file changed; reloaded in {millis} ms ({again})"));
        }
        let mut view = lock(&self.view);
        // What was edited since it was started is linked as the edits say.
        if *lock(&self.started) == Some(view.revision) {
            view.plan.clone_from(&reloaded.plan);
            self.hub.announce(Event::Opened(view.clone()));
        }
    }

    fn not_reloaded(&self, problem: NotReloaded) {
        for component in &problem.components {
            let text = format!("its file changed, but what ran before runs on: {}", problem.error);
            text.lines().for_each(|line| self.say(component, line.to_owned()));
        }
    }
}

impl Record {
    /// Says something in the log in the host's name.
    fn say(&self, component: &ComponentName, text: String) {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let time_unix_micros = i64::try_from(now.as_micros()).unwrap_or(i64::MAX);
        let (component, stream) = (component.clone(), LogStream::Host);
        self.line(Line { time_unix_micros, component, stream, context: None, text, call: None });
    }
}

fn join(names: &[ComponentName]) -> String {
    names.iter().map(ComponentName::as_str).collect::<Vec<_>>().join(", ")
}

/// A lock that another thread panicked under still guards whole values here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
