//! A workload while it runs: its service, and calls into its components.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jackfield_component::value::{Value, result_to_json};
use jackfield_protocol::{
    CallId, CallOutcome, ComponentName, EntryKind, LinkTarget, Listening, Plan, ProbeLevel, Severity, Trace,
    WorkloadState,
};
use serde_json::{Map, Value as Json};
use tokio::sync::{Mutex as AsyncMutex, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    HostError, Observer,
    calls::Calls,
    compiling,
    entry::{CallSession, Entry, HttpEntry, Material},
    export::reached,
    failure::Failure,
    files::Files,
    function::{Args, CallError},
    host::Shared,
    http::HttpServer,
    observe::{Observed, ProbeBoard},
    permission::{Boundary, Origin},
    plugin::BoundPlugins,
    reload::{Code, EntryKey},
    service::{self, Service},
    stdin::{Stdin, StdinWriter},
    workload::{Loaded, Workload},
};

mod reloading;

/// A running workload. Dropping it stops it without waiting.
pub struct Running {
    inner: Arc<Inner>,
    listening: Vec<Listening>,
}

/// What everything that runs of a workload needs.
pub(crate) struct Context {
    pub(crate) shared: Arc<Shared>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) calls: Calls,
    pub(crate) plugins: Arc<BoundPlugins>,
    pub(crate) boundary: Arc<Boundary>,
    pub(crate) probes: ProbeBoard,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

impl Context {
    fn new(
        shared: Arc<Shared>,
        observer: Arc<dyn Observer>,
        boundary: Arc<Boundary>,
        probes: ProbeBoard,
    ) -> Self {
        let stop = CancellationToken::new();
        let calls = Calls::new(shared.calls_at_once, stop.clone());
        let plugins = Arc::new(BoundPlugins::new(shared.plugins.clone()));
        Self { shared, observer, calls, plugins, boundary, probes, stop, tasks: TaskTracker::new() }
    }
}

pub(crate) struct Inner {
    context: Arc<Context>,
    /// The service's standard input; nothing once it is closed.
    stdin: Mutex<Option<StdinWriter>>,
    code: RwLock<Code>,
    /// The service's component, and what was observed of it when it started.
    service_observed: Mutex<Option<(ComponentName, Observed)>>,
    /// Held while files are looked at and what is in them takes its place, so that calls wait for it.
    files: AsyncMutex<Files>,
}

impl Running {
    pub(crate) async fn start(
        shared: Arc<Shared>,
        loaded: Arc<Loaded>,
        plan: Arc<Plan>,
        observer: Arc<dyn Observer>,
        probes: ProbeBoard,
    ) -> Result<Self, HostError> {
        if !plan.is_runnable() {
            let errors = plan.diagnostics.iter().filter(|finding| finding.severity() == Severity::Error);
            return Err(HostError::Plan { diagnostics: errors.cloned().collect() });
        }
        observer.state(WorkloadState::Starting);
        let boundary = match Boundary::of(&loaded, &plan, Arc::clone(&observer)) {
            Ok(boundary) => Arc::new(boundary),
            Err(error) => {
                observer.state(failed_state(&error));
                return Err(error);
            }
        };
        let inner = Inner::new(Context::new(shared, observer, boundary, probes), Code::new(loaded, plan));
        let mut running = Self { listening: Vec::new(), inner: Arc::new(inner) };
        match running.bring_up().await {
            Ok(()) => Ok(running),
            Err(error) => {
                running.inner.shut_down().await;
                running.inner.context.observer.state(failed_state(&error));
                Err(error)
            }
        }
    }

    async fn bring_up(&mut self) -> Result<(), HostError> {
        for name in roots(&self.inner.plan()) {
            self.inner.entry(&name).await?;
        }
        for name in http_handlers(&self.inner.plan()) {
            let listening = self.serve(&name).await?;
            self.listening.push(listening);
        }
        match self.inner.service()? {
            Some((name, service)) => self.start_service(&name, service).await,
            None => {
                self.inner.context.observer.state(WorkloadState::Running);
                Ok(())
            }
        }
    }

    async fn serve(&self, name: &ComponentName) -> Result<Listening, HostError> {
        HttpEntry::new(self.inner.entry(name).await?).check()?;
        let server = HttpServer { component: name.clone(), inner: Arc::clone(&self.inner) };
        server.listen().await.map_err(|error| HostError::Failed {
            component: name.clone(),
            failure: Failure::new(format!("no port to serve it on: {error}")),
        })
    }

    async fn start_service(&self, name: &ComponentName, service: Service) -> Result<(), HostError> {
        let entry = self.inner.entry(name).await?;
        let (sender, receiver) = oneshot::channel();
        let context = Arc::clone(&self.inner.context);
        let inner = Arc::clone(&self.inner);
        self.inner.context.tasks.spawn(async move {
            let run = service::run(service, entry, inner, sender);
            // Without a state, it was told to stop or did not start, and who knows that announces it.
            if let Some(Some(state)) = context.stop.run_until_cancelled(run).await {
                context.observer.state(state);
            }
        });
        receiver.await.unwrap_or(Err(HostError::Stopped))
    }

    /// How the workload is linked now.
    #[must_use]
    pub fn plan(&self) -> Arc<Plan> {
        self.inner.plan()
    }

    /// Looks whether component files have changed, and puts what is in them in the place of what runs. Every
    /// call does so by itself; this is for who wants to know without a call.
    pub async fn refresh(&self) {
        self.inner.refresh().await;
    }

    /// What is observed of it.
    #[must_use]
    pub fn probes(&self) -> &ProbeBoard {
        &self.inner.context.probes
    }

    /// The component of the service, if more or less of it is to be observed than was when it started: what a
    /// service reaches is composed when it starts.
    #[must_use]
    pub fn service_to_restart(&self) -> Option<ComponentName> {
        let started = self.inner.service_observed.lock().unwrap_or_else(PoisonError::into_inner);
        let (name, observed) = started.as_ref()?;
        let now = self.inner.context.probes.board().observed(&self.inner.plan(), name);
        (*observed != now).then(|| name.clone())
    }

    /// Where the workload's HTTP handlers answer.
    #[must_use]
    pub fn listening(&self) -> &[Listening] {
        &self.listening
    }

    /// Lets a component talk to an origin (`https://api.example.com`, `tcp://10.0.0.1:5432`) until the
    /// workload stops. Counts at once, also for calls that are under way.
    ///
    /// # Errors
    /// If there is no such component, or this is no origin.
    pub fn grant(&self, component: &ComponentName, origin: &str) -> Result<(), HostError> {
        let boundary = &self.inner.context.boundary;
        boundary.grants.grant(self.inner.known(component)?, read_origin(origin)?);
        boundary.denials.forget(component);
        Ok(())
    }

    /// Takes an origin from a component again, as it was granted. Connections that are open stay so.
    ///
    /// # Errors
    /// If there is no such component, or this is no origin.
    pub fn revoke(&self, component: &ComponentName, origin: &str) -> Result<(), HostError> {
        let boundary = &self.inner.context.boundary;
        boundary.grants.revoke(self.inner.known(component)?, &read_origin(origin)?);
        boundary.denials.forget(component);
        Ok(())
    }

    /// Takes over what `now` says otherwise than `before` did, as far as it counts at once: grants of origins and
    /// answers of stubs. Whether something else differs is told by [`Workload::runs_like`].
    pub fn adopt(&self, before: &Workload, now: &Loaded, plan: &Plan) {
        let boundary = &self.inner.context.boundary;
        for name in self.inner.plan().nodes.iter().map(|node| &node.name) {
            if boundary.grants.adopt(name, before, &now.workload) {
                boundary.denials.forget(name);
            }
        }
        boundary.grants.note_written(&now.workload);
        boundary.answers.adopt(now, plan);
    }

    /// The service's standard input: nothing if there is no service, or the input was closed. It is open
    /// until all that were given out are dropped and [`Self::close_stdin`] was called.
    #[must_use]
    pub fn stdin(&self) -> Option<StdinWriter> {
        self.inner.stdin.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the service's standard input.
    pub fn close_stdin(&self) {
        self.inner.stdin.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Stops the service and every call, and waits until none of them runs any more. A guest
    /// that computes gives way at the next tick of the epoch.
    pub async fn stop(&self) {
        self.inner.shut_down().await;
        self.inner.context.observer.state(WorkloadState::Stopped);
    }

    /// Calls a function that a component exports, in an instance as its policy says. `function` is
    /// `function`, `interface#function` or `ns:pkg/interface@version#function`; `args` holds one
    /// WAVE value for each parameter.
    ///
    /// # Errors
    /// If there is no such function, an argument does not fit, the guest traps, goes over a limit or
    /// takes longer than its time, or the call is cancelled or the workload stopped meanwhile.
    pub async fn call(
        &self,
        call: CallId,
        component: &ComponentName,
        function: &str,
        args: &[String],
    ) -> Result<CallOutcome, HostError> {
        self.call_with(call, component, function, Args::Wave(args)).await.map(|(outcome, _)| outcome)
    }

    /// As [`Self::call`], with an argument for each parameter by its name, and with the result as JSON:
    /// `{"result": …}`, or `{}` for a function that gives nothing. How values are written in JSON is
    /// described in [`jackfield_component::schema`].
    ///
    /// # Errors
    /// As [`Self::call`]; of arguments that do not fit, all are told at once.
    pub async fn call_json(
        &self,
        call: CallId,
        component: &ComponentName,
        function: &str,
        args: &Map<String, Json>,
    ) -> Result<(CallOutcome, Map<String, Json>), HostError> {
        let called = self.call_with(call, component, function, Args::Json(args)).await;
        called.map(|(outcome, value)| (outcome, result_to_json(value.as_ref())))
    }

    async fn call_with(
        &self,
        call: CallId,
        component: &ComponentName,
        function: &str,
        args: Args<'_>,
    ) -> Result<(CallOutcome, Option<Value>), HostError> {
        let inner = &self.inner;
        let work = async {
            let entry = inner.current_entry(component).await?;
            entry.call(&inner.context, call, function, args, ProbeLevel::Off).await.0
        };
        let context = &inner.context;
        // On the heap: a call goes through many hands.
        let work = context.tasks.track_future(context.stop.run_until_cancelled(Box::pin(work)));
        work.await.unwrap_or(Err(HostError::Stopped))
    }

    /// As [`Self::call`], with probes on all links of interest, and with the trace of what happened below: also of a
    /// call that failed, but not of one that did not begin.
    pub async fn call_traced(
        &self,
        call: CallId,
        component: &ComponentName,
        function: &str,
        args: &[String],
    ) -> (Result<CallOutcome, HostError>, Option<Trace>) {
        let inner = &self.inner;
        let work = async {
            inner.refresh().await;
            let entry = match inner.known(component) {
                Ok(name) => {
                    let observed = inner.context.probes.board().all_of_interest(&inner.plan(), name);
                    inner.entry_with(name, observed).await
                }
                Err(error) => Err(error),
            };
            match entry {
                Ok(entry) => {
                    let args = Args::Wave(args);
                    let (result, told) =
                        entry.call(&inner.context, call, function, args, ProbeLevel::Values).await;
                    (result, told.trace)
                }
                Err(error) => (Err(error), None),
            }
        };
        let context = &inner.context;
        let work = context.tasks.track_future(context.stop.run_until_cancelled(Box::pin(work)));
        let (result, trace) = work.await.unwrap_or((Err(HostError::Stopped), None));
        (result.map(|(outcome, _)| outcome), trace)
    }

    /// Opens a session of calls to a component, whatever its policy: one instance that lives until the
    /// session is dropped, so that resources can be made in one call and used in another. `call` names the
    /// instance's making, in the log and for [`Self::cancel`].
    ///
    /// # Errors
    /// If there is no such component, or it cannot be instantiated.
    pub async fn open_session(
        &self,
        call: CallId,
        component: &ComponentName,
    ) -> Result<CallSession, HostError> {
        let entry = self.inner.current_entry(component).await?;
        CallSession::open(entry, Arc::clone(&self.inner.context), call).await
    }

    /// Ends a call or an HTTP request, whatever it does. Its caller gets [`HostError::Cancelled`], and
    /// nobody else notices. False if it has ended already.
    pub fn cancel(&self, call: CallId) -> bool {
        self.inner.context.calls.cancel(call)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.inner.context.stop.cancel();
    }
}

impl Inner {
    fn new(context: Context, code: Code) -> Self {
        let digest = |name| Some(code.loaded.components.get(name)?.info().digest.clone());
        let files =
            Files::new(code.files().filter_map(|(name, path)| Some((path.to_owned(), digest(name)?))));
        Self {
            context: Arc::new(context),
            stdin: Mutex::default(),
            service_observed: Mutex::default(),
            code: RwLock::new(code),
            files: AsyncMutex::new(files),
        }
    }

    /// Ends everything, and returns when nothing runs any more and nothing is left behind.
    async fn shut_down(&self) {
        self.context.stop.cancel();
        self.context.tasks.close();
        self.context.tasks.wait().await;
        // With them go the instances that were ready for calls.
        self.change_code(|code| code.entries.clear());
        self.context.boundary.volumes.clean_up();
    }

    /// The service starts as this entry.
    pub(crate) fn service_starts(&self, entry: &Entry) {
        let observed = (entry.component().clone(), entry.observed().clone());
        self.service_observed.lock().unwrap_or_else(PoisonError::into_inner).replace(observed);
    }

    pub(crate) fn context(&self) -> &Arc<Context> {
        &self.context
    }

    /// What runs now.
    fn code(&self) -> Code {
        self.code.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How the workload is linked now.
    fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.code.read().unwrap_or_else(PoisonError::into_inner).plan)
    }

    fn change_code<T>(&self, change: impl FnOnce(&mut Code) -> T) -> T {
        change(&mut self.code.write().unwrap_or_else(PoisonError::into_inner))
    }

    fn service(&self) -> Result<Option<(ComponentName, Service)>, HostError> {
        let code = self.code();
        let Some(spec) = &code.loaded.workload.service else { return Ok(None) };
        let run = code
            .plan
            .entries
            .iter()
            .find(|entry| entry.component == spec.component && entry.kind == EntryKind::Run)
            .ok_or_else(|| HostError::Compose {
                component: spec.component.clone(),
                reason: "it does not export `wasi:cli/run`".to_owned(),
            })?;
        let (writer, stdin) = Stdin::pipe();
        self.stdin.lock().unwrap_or_else(PoisonError::into_inner).replace(writer);
        let service = Service { run: run.export.clone(), max_restarts: spec.max_restarts, stdin };
        Ok(Some((spec.component.clone(), service)))
    }

    /// The name, if a component has it.
    fn known<'a>(&self, name: &'a ComponentName) -> Result<&'a ComponentName, HostError> {
        let plan = self.plan();
        if plan.node(name).is_none() {
            let known = plan.nodes.iter().map(|node| node.name.clone()).collect();
            return Err(CallError::NoComponent { name: name.clone(), known }.into());
        }
        Ok(name)
    }

    /// The compiled entry of a component, of what is in the files now.
    pub(crate) async fn current_entry(&self, name: &ComponentName) -> Result<Arc<Entry>, HostError> {
        self.refresh().await;
        self.entry(name).await
    }

    /// The compiled entry of a component, compiled now if it was not yet.
    async fn entry(&self, name: &ComponentName) -> Result<Arc<Entry>, HostError> {
        let observed = self.context.probes.board().observed(&self.plan(), name);
        self.entry_with(name, observed).await
    }

    /// As above, with probes on these links.
    async fn entry_with(&self, name: &ComponentName, observed: Observed) -> Result<Arc<Entry>, HostError> {
        let key = EntryKey::new(name, &observed);
        let found = self.code.read().unwrap_or_else(PoisonError::into_inner).entries.get(&key).cloned();
        if let Some(entry) = found.as_ref().and_then(|cell| cell.get()) {
            return Ok(Arc::clone(entry));
        }
        let (code, cell) = self.change_code(|code| {
            let is_known = code.plan.node(name).is_some();
            let cell = is_known.then(|| code.cell(&key));
            (code.clone(), cell)
        });
        let Some(cell) = cell else {
            let known = code.plan.nodes.iter().map(|node| node.name.clone()).collect();
            return Err(CallError::NoComponent { name: name.clone(), known }.into());
        };
        // Large, and rarely there: so it is on the heap, and the futures around it are small.
        let prepare = || Box::pin(self.prepare(&code, name.clone(), observed));
        let entry = cell.get_or_try_init(prepare).await?;
        Ok(Arc::clone(entry))
    }

    async fn prepare(
        &self,
        code: &Code,
        name: ComponentName,
        observed: Observed,
    ) -> Result<Arc<Entry>, HostError> {
        let (shared, loaded, plan) =
            (Arc::clone(&self.context.shared), Arc::clone(&code.loaded), Arc::clone(&code.plan));
        let context = Arc::clone(&self.context);
        let component = name.clone();
        let size_in_bytes: u64 = reached(&code.plan, &name)
            .iter()
            .filter_map(|member| code.plan.node(member))
            .map(|node| node.component.size_in_bytes)
            .sum();
        let work = tokio::task::spawn_blocking(move || {
            let Context { plugins, boundary, probes, .. } = &*context;
            let material = Material {
                shared: &shared,
                loaded: &loaded,
                plan: &plan,
                plugins,
                boundary,
                board: probes.board(),
                component: &name,
            };
            Entry::prepare(&material, observed)
        });
        let tell = || self.context.observer.line(compiling::takes_long(component.clone(), size_in_bytes));
        let compiled = compiling::telling_after(compiling::TELLS_AFTER, work, tell).await;
        let entry = compiled.map_err(|error| HostError::Compile {
            component,
            reason: format!("the compiler came to an unexpected end: {error}"),
        })??;
        let entry = Arc::new(entry);
        entry.fill(&self.context);
        Ok(entry)
    }
}

/// Components that have a way in and that no other component reaches.
fn roots(plan: &Plan) -> Vec<ComponentName> {
    let reached = |name: &ComponentName| {
        plan.links
            .iter()
            .any(|link| matches!(&link.target, LinkTarget::Component { name: target, .. } if target == name))
    };
    let mut roots: Vec<ComponentName> = Vec::new();
    for entry in &plan.entries {
        if !reached(&entry.component) && !roots.contains(&entry.component) {
            roots.push(entry.component.clone());
        }
    }
    roots
}

/// Components that nothing else reaches and that handle HTTP requests.
fn http_handlers(plan: &Plan) -> Vec<ComponentName> {
    let mut roots = roots(plan);
    roots.retain(|root| {
        plan.entries.iter().any(|entry| entry.component == *root && entry.kind == EntryKind::Http)
    });
    roots
}

fn read_origin(text: &str) -> Result<Origin, HostError> {
    Origin::parse(text).ok_or_else(|| HostError::Origin { origin: text.to_owned() })
}

fn failed_state(error: &HostError) -> WorkloadState {
    let component = match error {
        HostError::Link { consumer: component, .. }
        | HostError::Compose { component, .. }
        | HostError::Compile { component, .. }
        | HostError::Plugin { component, .. }
        | HostError::Failed { component, .. } => Some(component.clone()),
        _ => None,
    };
    let reason = match error {
        HostError::Failed { failure, .. } => failure.to_string(),
        other => other.to_string(),
    };
    WorkloadState::Failed { component, reason, exit_code: None }
}
