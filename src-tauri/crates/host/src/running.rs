//! A workload while it runs: its service, and calls into its components.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jackfield_protocol::{
    CallId, CallOutcome, ComponentName, EntryKind, LinkTarget, Listening, Plan, Severity, WorkloadState,
};
use tokio::sync::{OnceCell, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    HostError, Observer,
    entry::{Entry, HttpEntry},
    failure::Failure,
    function::CallError,
    host::Shared,
    http::HttpServer,
    permission::{Boundary, Origin},
    service::{self, Service},
    stdin::{Stdin, StdinWriter},
    workload::Loaded,
};

/// A running workload. Dropping it stops it without waiting.
pub struct Running {
    inner: Arc<Inner>,
    listening: Vec<Listening>,
}

struct Inner {
    shared: Arc<Shared>,
    loaded: Arc<Loaded>,
    plan: Arc<Plan>,
    observer: Arc<dyn Observer>,
    boundary: Arc<Boundary>,
    /// The service's standard input; nothing once it is closed.
    stdin: Mutex<Option<StdinWriter>>,
    /// Compiled entries. Made at start for what nobody else reaches, on first use for the rest.
    entries: Mutex<HashMap<ComponentName, Arc<OnceCell<Arc<Entry>>>>>,
    stop: CancellationToken,
    tasks: TaskTracker,
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
        let boundary = match Boundary::of(&loaded.workload, Arc::clone(&observer)) {
            Ok(boundary) => Arc::new(boundary),
            Err(error) => {
                observer.state(failed_state(&error));
                return Err(error);
            }
        };
        let mut running = Self {
            listening: Vec::new(),
            inner: Arc::new(Inner {
                shared,
                loaded,
                plan,
                observer,
                boundary,
                stdin: Mutex::default(),
                entries: Mutex::default(),
                stop: CancellationToken::new(),
                tasks: TaskTracker::new(),
            }),
        };
        match running.bring_up().await {
            Ok(()) => Ok(running),
            Err(error) => {
                running.inner.shut_down().await;
                running.inner.observer.state(failed_state(&error));
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
                self.inner.observer.state(WorkloadState::Running);
                Ok(())
            }
        }
    }

    async fn serve(&self, name: &ComponentName) -> Result<Listening, HostError> {
        let inner = &self.inner;
        let server = HttpServer {
            entry: HttpEntry::new(inner.entry(name).await?)?,
            shared: Arc::clone(&inner.shared),
            observer: Arc::clone(&inner.observer),
            stop: inner.stop.clone(),
            tasks: inner.tasks.clone(),
        };
        server.listen().await.map_err(|error| HostError::Failed {
            component: name.clone(),
            failure: Failure::new(format!("no port to serve it on: {error}")),
        })
    }

    async fn start_service(&self, name: &ComponentName, service: Service) -> Result<(), HostError> {
        let entry = self.inner.entry(name).await?;
        let (sender, receiver) = oneshot::channel();
        let inner = Arc::clone(&self.inner);
        self.inner.tasks.spawn(async move {
            let (shared, observer) = (Arc::clone(&inner.shared), Arc::clone(&inner.observer));
            let run = service::run(service, entry, shared, observer, sender);
            // Without a state, it was told to stop or did not start, and who knows that announces it.
            if let Some(Some(state)) = inner.stop.run_until_cancelled(run).await {
                inner.observer.state(state);
            }
        });
        receiver.await.unwrap_or(Err(HostError::Stopped))
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
        let boundary = &self.inner.boundary;
        boundary.grants.grant(self.inner.known(component)?, read_origin(origin)?);
        boundary.denials.forget(component);
        Ok(())
    }

    /// Takes an origin from a component again, as it was granted. Connections that are open stay so.
    ///
    /// # Errors
    /// If there is no such component, or this is no origin.
    pub fn revoke(&self, component: &ComponentName, origin: &str) -> Result<(), HostError> {
        let boundary = &self.inner.boundary;
        boundary.grants.revoke(self.inner.known(component)?, &read_origin(origin)?);
        boundary.denials.forget(component);
        Ok(())
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
        self.inner.observer.state(WorkloadState::Stopped);
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
            entry.call(&inner.shared, &inner.observer, call, function, args).await
        };
        let work = inner.tasks.track_future(inner.stop.run_until_cancelled(work));
        work.await.unwrap_or(Err(HostError::Stopped))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.inner.stop.cancel();
    }
}

impl Inner {
    /// Ends everything, and returns when nothing runs any more and nothing is left behind.
    async fn shut_down(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.boundary.volumes.clean_up();
    }

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
        let (writer, stdin) = Stdin::pipe();
        self.stdin.lock().unwrap_or_else(PoisonError::into_inner).replace(writer);
        let service = Service { run: run.export.clone(), max_restarts: spec.max_restarts, stdin };
        Ok(Some((spec.component.clone(), service)))
    }

    /// The name, if a component has it.
    fn known<'a>(&self, name: &'a ComponentName) -> Result<&'a ComponentName, HostError> {
        if self.plan.node(name).is_none() {
            let known = self.plan.nodes.iter().map(|node| node.name.clone()).collect();
            return Err(CallError::NoComponent { name: name.clone(), known }.into());
        }
        Ok(name)
    }

    /// The compiled entry of a component, compiled now if it was not yet.
    async fn entry(&self, name: &ComponentName) -> Result<Arc<Entry>, HostError> {
        self.known(name)?;
        let cell = {
            let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(entries.entry(name.clone()).or_default())
        };
        let entry = cell.get_or_try_init(|| self.prepare(name.clone())).await?;
        Ok(Arc::clone(entry))
    }

    async fn prepare(&self, name: ComponentName) -> Result<Arc<Entry>, HostError> {
        let (shared, loaded, plan) =
            (Arc::clone(&self.shared), Arc::clone(&self.loaded), Arc::clone(&self.plan));
        let boundary = Arc::clone(&self.boundary);
        let component = name.clone();
        let compiling = tokio::task::spawn_blocking(move || {
            Entry::prepare(&shared, &loaded.workload, &loaded.components, &plan, &boundary, &name)
        });
        let entry = compiling.await.map_err(|error| HostError::Compile {
            component,
            reason: format!("the compiler came to an unexpected end: {error}"),
        })??;
        Ok(Arc::new(entry))
    }
}

fn read_origin(text: &str) -> Result<Origin, HostError> {
    Origin::parse(text).ok_or_else(|| HostError::Origin { origin: text.to_owned() })
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
