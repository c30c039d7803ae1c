//! A workload while it runs: its service, and calls into its components.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jackfield_protocol::{
    CallId, CallOutcome, ComponentName, EntryKind, LinkTarget, Listening, Plan, Severity, WorkloadState,
};
use tokio::sync::{OnceCell, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    HostError, Observer,
    calls::Calls,
    entry::{Entry, HttpEntry},
    failure::Failure,
    function::CallError,
    host::Shared,
    http::HttpServer,
    service::{self, Service},
    workload::Loaded,
};

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
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

impl Context {
    fn new(shared: Arc<Shared>, observer: Arc<dyn Observer>) -> Self {
        let stop = CancellationToken::new();
        let calls = Calls::new(shared.calls_at_once, stop.clone());
        Self { shared, observer, calls, stop, tasks: TaskTracker::new() }
    }
}

type Entries = HashMap<ComponentName, Arc<OnceCell<Arc<Entry>>>>;

struct Inner {
    context: Arc<Context>,
    loaded: Arc<Loaded>,
    plan: Arc<Plan>,
    /// Compiled entries. Made at start for what nobody else reaches, on first use for the rest.
    entries: Mutex<Entries>,
}

impl Running {
    pub(crate) async fn start(
        shared: Arc<Shared>,
        loaded: Arc<Loaded>,
        plan: Arc<Plan>,
        observer: Arc<dyn Observer>,
    ) -> Result<Self, HostError> {
        if !plan.is_runnable() {
            let errors = plan.diagnostics.iter().filter(|finding| finding.severity() == Severity::Error);
            return Err(HostError::Plan { diagnostics: errors.cloned().collect() });
        }
        observer.state(WorkloadState::Starting);
        let mut running = Self {
            listening: Vec::new(),
            inner: Arc::new(Inner {
                context: Arc::new(Context::new(shared, observer)),
                loaded,
                plan,
                entries: Mutex::default(),
            }),
        };
        match running.bring_up().await {
            Ok(()) => Ok(running),
            Err(error) => {
                running.inner.context.observer.state(failed_state(&error));
                Err(error)
            }
        }
    }

    async fn bring_up(&mut self) -> Result<(), HostError> {
        for name in self.inner.roots() {
            self.inner.entry(&name).await?;
        }
        for name in self.inner.http_handlers() {
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
        let inner = &self.inner;
        let server = HttpServer {
            entry: HttpEntry::new(inner.entry(name).await?)?,
            context: Arc::clone(&inner.context),
        };
        server.listen().await.map_err(|error| HostError::Failed {
            component: name.clone(),
            failure: Failure::new(format!("no port to serve it on: {error}")),
        })
    }

    async fn start_service(&self, name: &ComponentName, service: Service) -> Result<(), HostError> {
        let entry = self.inner.entry(name).await?;
        let (sender, receiver) = oneshot::channel();
        let context = Arc::clone(&self.inner.context);
        self.inner.context.tasks.spawn(async move {
            let (shared, observer) = (Arc::clone(&context.shared), Arc::clone(&context.observer));
            let run = service::run(service, entry, shared, observer, sender);
            // Without a state, it was told to stop, and who told it announces the state.
            if let Some(state) = context.stop.run_until_cancelled(run).await {
                context.observer.state(state);
            }
        });
        receiver.await.unwrap_or(Err(HostError::Stopped))
    }

    /// Where the workload's HTTP handlers answer.
    #[must_use]
    pub fn listening(&self) -> &[Listening] {
        &self.listening
    }

    /// Stops the service and every call, and waits until none of them runs any more. A guest
    /// that computes gives way at the next tick of the epoch.
    pub async fn stop(&self) {
        self.inner.context.stop.cancel();
        self.inner.context.tasks.close();
        self.inner.context.tasks.wait().await;
        // With them go the instances that were ready for calls.
        self.inner.entries().clear();
        self.inner.context.observer.state(WorkloadState::Stopped);
    }

    /// Calls a function that a component exports, in an instance of its own. `function` is
    /// `function`, `interface#function` or `ns:pkg/interface@version#function`; `args` holds one
    /// WAVE value for each parameter.
    ///
    /// # Errors
    /// If there is no such function, an argument does not fit, the guest traps or takes longer
    /// than its limit, or the workload is stopped meanwhile.
    pub async fn call(
        &self,
        call: CallId,
        component: &ComponentName,
        function: &str,
        args: &[String],
    ) -> Result<CallOutcome, HostError> {
        let inner = &self.inner;
        let work = async {
            let entry = inner.entry(component).await?;
            entry.call(&inner.context, call, function, args).await
        };
        let context = &inner.context;
        let work = context.tasks.track_future(context.stop.run_until_cancelled(work));
        work.await.unwrap_or(Err(HostError::Stopped))
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
    /// Components that have a way in and that no other component reaches.
    fn roots(&self) -> Vec<ComponentName> {
        let reached = |name: &ComponentName| {
            self.plan.links.iter().any(
                |link| matches!(&link.target, LinkTarget::Component { name: target, .. } if target == name),
            )
        };
        let mut roots: Vec<ComponentName> = Vec::new();
        for entry in &self.plan.entries {
            if !reached(&entry.component) && !roots.contains(&entry.component) {
                roots.push(entry.component.clone());
            }
        }
        roots
    }

    /// Components that nothing else reaches and that handle HTTP requests.
    fn http_handlers(&self) -> Vec<ComponentName> {
        let mut roots = self.roots();
        roots.retain(|root| {
            let mut entries = self.plan.entries.iter();
            entries.any(|entry| entry.component == *root && entry.kind == EntryKind::Http)
        });
        roots
    }

    fn service(&self) -> Result<Option<(ComponentName, Service)>, HostError> {
        let Some(spec) = &self.loaded.workload.service else { return Ok(None) };
        let run = self
            .plan
            .entries
            .iter()
            .find(|entry| entry.component == spec.component && entry.kind == EntryKind::Run)
            .ok_or_else(|| HostError::Compose {
                component: spec.component.clone(),
                reason: "it does not export `wasi:cli/run`".to_owned(),
            })?;
        let service = Service { run: run.export.clone(), max_restarts: spec.max_restarts };
        Ok(Some((spec.component.clone(), service)))
    }

    /// The compiled entry of a component, compiled now if it was not yet.
    async fn entry(&self, name: &ComponentName) -> Result<Arc<Entry>, HostError> {
        if self.plan.node(name).is_none() {
            let known = self.plan.nodes.iter().map(|node| node.name.clone()).collect();
            return Err(CallError::NoComponent { name: name.clone(), known }.into());
        }
        let cell = {
            let mut entries = self.entries();
            Arc::clone(entries.entry(name.clone()).or_default())
        };
        let entry = cell.get_or_try_init(|| self.prepare(name.clone())).await?;
        Ok(Arc::clone(entry))
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn prepare(&self, name: ComponentName) -> Result<Arc<Entry>, HostError> {
        let (shared, loaded, plan) =
            (Arc::clone(&self.context.shared), Arc::clone(&self.loaded), Arc::clone(&self.plan));
        let component = name.clone();
        let compiling = tokio::task::spawn_blocking(move || {
            Entry::prepare(&shared, &loaded.workload, &loaded.components, &plan, &name)
        });
        let entry = compiling.await.map_err(|error| HostError::Compile {
            component,
            reason: format!("the compiler came to an unexpected end: {error}"),
        })??;
        let entry = Arc::new(entry);
        entry.fill(&self.context);
        Ok(entry)
    }
}

fn failed_state(error: &HostError) -> WorkloadState {
    let component = match error {
        HostError::Link { consumer: component, .. }
        | HostError::Compose { component, .. }
        | HostError::Compile { component, .. }
        | HostError::Failed { component, .. } => Some(component.clone()),
        _ => None,
    };
    let reason = match error {
        HostError::Failed { failure, .. } => failure.to_string(),
        other => other.to_string(),
    };
    WorkloadState::Failed { component, reason }
}
