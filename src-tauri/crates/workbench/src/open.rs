//! One open workload: its file, its plan, its log, and what of it runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jackfield_host::{Host, Line, Observer, Running, plan::plan, workload::Loaded};
use jackfield_protocol::{
    CallOutcome, ComponentName, Error, ErrorKind, Event, Listening, LogPage, LogRecord, WorkloadId,
    WorkloadState, WorkloadView,
};
use tokio::sync::{Mutex as AsyncMutex, RwLock};
use tokio_util::sync::CancellationToken;

use crate::{events::Hub, log_ring::LogRing};

/// A workload that is open.
pub(crate) struct OpenWorkload {
    record: Arc<Record>,
    loaded: Arc<Loaded>,
    /// Held while the workload starts or stops, so that these never overlap.
    changing: AsyncMutex<()>,
    /// Cancelled to give up a start.
    starting: Mutex<CancellationToken>,
    running: RwLock<Option<Arc<Running>>>,
}

/// What is known about the workload: the part that guests write to while they run.
struct Record {
    id: WorkloadId,
    hub: Arc<Hub>,
    view: Mutex<WorkloadView>,
    log: Arc<Mutex<LogRing>>,
}

impl OpenWorkload {
    /// Plans what was loaded.
    pub(crate) fn new(id: WorkloadId, loaded: Loaded, hub: Arc<Hub>) -> Self {
        Self::with_log(id, loaded, hub, Arc::default())
    }

    /// The same workload after its file, or a component's, may have changed. Keeps its log.
    pub(crate) fn reloaded(&self, loaded: Loaded) -> Self {
        let record = &self.record;
        Self::with_log(record.id, loaded, Arc::clone(&record.hub), Arc::clone(&record.log))
    }

    fn with_log(id: WorkloadId, loaded: Loaded, hub: Arc<Hub>, log: Arc<Mutex<LogRing>>) -> Self {
        let infos = loaded
            .components
            .iter()
            .map(|(name, component)| (name.clone(), component.info().clone()))
            .collect();
        let workload = &loaded.workload;
        let view = WorkloadView {
            id,
            name: workload.name.clone(),
            namespace: workload.namespace.clone(),
            path: Some(workload.path.display().to_string()),
            revision: 1,
            is_modified: false,
            needs_restart: false,
            state: WorkloadState::Stopped,
            plan: plan(workload, &infos, &Host::catalog()),
            listening: Vec::new(),
            mcp_url: None,
        };
        let record = Record { id, hub, view: Mutex::new(view), log };
        Self {
            record: Arc::new(record),
            loaded: Arc::new(loaded),
            changing: AsyncMutex::default(),
            starting: Mutex::default(),
            running: RwLock::default(),
        }
    }

    pub(crate) fn view(&self) -> WorkloadView {
        lock(&self.record.view).clone()
    }

    pub(crate) fn log(&self, after: u64, limit: u32) -> LogPage {
        lock(&self.record.log).page(after, limit)
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
        let start = host.start(Arc::clone(&self.loaded), Arc::new(view.plan), observer);
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

    /// Calls a function of it.
    pub(crate) async fn call(
        &self,
        component: &ComponentName,
        function: &str,
        args: &[String],
    ) -> Result<CallOutcome, Error> {
        let running = self.running.read().await.clone();
        let state = self.view().state;
        match (running, state) {
            (Some(running), WorkloadState::Running) => {
                running.call(component, function, args).await.map_err(Error::from)
            }
            (_, state) => {
                let message = format!("`{}` takes no calls: it is {}", self.view().name, state.label());
                Err(Error::new(ErrorKind::Request, message).with_help("start it first"))
            }
        }
    }
}

impl Record {
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
            text: line.text,
            call: line.call,
        });
        self.hub.announce(Event::Logs(vec![record]));
    }

    fn state(&self, state: WorkloadState) {
        let mut view = lock(&self.view);
        if view.state != state {
            view.state.clone_from(&state);
            self.hub.announce(Event::State { workload: self.id, state });
        }
    }
}

/// A lock that another thread panicked under still guards whole values here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
