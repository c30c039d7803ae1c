//! Requests in, responses and events out.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};

use jackfield_component::read_file;
use jackfield_host::{
    Host, HostConfig,
    workload::{self, Loaded},
};
use jackfield_protocol::{
    Error, ErrorKind, Event, Heartbeat, Request, Response, Sample, Snapshot, WorkloadId, WorkloadState,
    WorkloadView,
};
use tokio::task::spawn_blocking;

use crate::{Config, Subscription, events::Hub, open::OpenWorkload, samples};

/// The application. Cheap to clone; clones are the same workbench.
///
/// Its methods need a Tokio runtime with more than one thread: guests run on it.
#[derive(Clone)]
pub struct Workbench {
    inner: Arc<Inner>,
}

struct Inner {
    config: Config,
    host: Host,
    hub: Arc<Hub>,
    /// In the order of their opening.
    workloads: Mutex<Vec<(WorkloadId, Arc<OpenWorkload>)>>,
    next_id: AtomicU32,
    made: Instant,
}

impl Workbench {
    /// Makes a workbench with nothing open.
    ///
    /// # Errors
    /// If Wasmtime cannot be set up.
    pub fn new(config: Config) -> Result<Self, Error> {
        let host = Host::new(&HostConfig { cache_dir: config.cache_dir.clone() })?;
        let inner = Inner {
            config,
            host,
            hub: Arc::new(Hub::new()),
            workloads: Mutex::default(),
            next_id: AtomicU32::new(1),
            made: Instant::now(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Follows what happens from now on. Subscribe first and ask for a snapshot then, so that
    /// nothing falls between the two.
    #[must_use]
    pub fn subscribe(&self) -> Subscription {
        self.inner.hub.subscribe()
    }

    /// Does what is asked. Requests may overlap; each is answered when it is done.
    ///
    /// # Errors
    /// If the request cannot be done; the error says why and what to do.
    pub async fn dispatch(&self, request: Request) -> Result<Response, Error> {
        let inner = &self.inner;
        match request {
            Request::Snapshot => {
                Ok(Response::Snapshot(Snapshot { workloads: inner.views(), ..Snapshot::default() }))
            }
            Request::Heartbeat => Ok(Response::Heartbeat(inner.heartbeat())),
            Request::Samples => Ok(Response::Samples(inner.samples())),
            Request::Open { path } => inner.open(path).await.map(Response::Opened),
            Request::Close(id) => inner.close(id).await.map(|()| Response::Done),
            Request::Start(id) => inner.get(id)?.start(&inner.host).await.map(|()| Response::Done),
            Request::Stop(id) => {
                inner.get(id)?.stop().await;
                Ok(Response::Done)
            }
            Request::Call { workload, component, function, args } => {
                inner.get(workload)?.call(&component, &function, &args).await.map(Response::Called)
            }
            Request::Logs { workload, after, limit } => {
                Ok(Response::Logs(inner.get(workload)?.log(after, limit)))
            }
            Request::Inspect { path } => {
                let component = blocking(move || read_file(Path::new(&path))).await??;
                Ok(Response::Inspected(component.info().clone()))
            }
            _ => Err(Error::new(ErrorKind::Request, "this is not possible yet")),
        }
    }

    /// Stops every workload, and returns when nothing runs any more.
    pub async fn shutdown(&self) {
        let open: Vec<_> = self.inner.workloads().iter().map(|(_, workload)| Arc::clone(workload)).collect();
        for workload in open {
            workload.stop().await;
        }
    }
}

impl Inner {
    fn workloads(&self) -> MutexGuard<'_, Vec<(WorkloadId, Arc<OpenWorkload>)>> {
        self.workloads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn views(&self) -> Vec<WorkloadView> {
        self.workloads().iter().map(|(_, workload)| workload.view()).collect()
    }

    fn get(&self, id: WorkloadId) -> Result<Arc<OpenWorkload>, Error> {
        let workloads = self.workloads();
        let found = workloads.iter().find(|(open, _)| *open == id);
        found.map(|(_, workload)| Arc::clone(workload)).ok_or_else(|| {
            Error::new(ErrorKind::Request, format!("there is no open workload {}", id.0))
                .with_help("it may have been closed; ask for a snapshot")
        })
    }

    async fn open(&self, path: String) -> Result<WorkloadView, Error> {
        let loaded = blocking(move || workload::load(Path::new(&path))).await??;
        let (view, has_changed) = self.insert(loaded);
        if has_changed {
            self.hub.announce(Event::Opened(view.clone()));
        }
        Ok(view)
    }

    /// Gives a loaded workload a place. One whose file is open already takes the place of what was
    /// loaded before, unless that runs: then what runs stays what is shown.
    fn insert(&self, loaded: Loaded) -> (WorkloadView, bool) {
        let mut workloads = self.workloads();
        let path = Some(loaded.workload.path.display().to_string());
        for (_, open) in workloads.iter_mut() {
            let before = open.view();
            if before.path == path {
                if before.state.is_active() {
                    return (before, false);
                }
                *open = Arc::new(open.reloaded(loaded));
                let after = open.view();
                let has_changed = after != before;
                return (after, has_changed);
            }
        }
        let id = WorkloadId(self.next_id.fetch_add(1, Ordering::Relaxed));
        let workload = OpenWorkload::new(id, loaded, Arc::clone(&self.hub));
        let view = workload.view();
        workloads.push((id, Arc::new(workload)));
        (view, true)
    }

    async fn close(&self, id: WorkloadId) -> Result<(), Error> {
        self.get(id)?.stop().await;
        self.workloads().retain(|(open, _)| *open != id);
        self.hub.announce(Event::Closed(id));
        Ok(())
    }

    fn samples(&self) -> Vec<Sample> {
        self.config.samples_dir.as_deref().map(samples::in_folder).unwrap_or_default()
    }

    fn heartbeat(&self) -> Heartbeat {
        let views = self.views();
        let running = views.iter().filter(|view| view.state == WorkloadState::Running).count();
        Heartbeat {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            wasmtime_version: Host::wasmtime_version().to_owned(),
            uptime_millis: u64::try_from(self.made.elapsed().as_millis()).unwrap_or(u64::MAX),
            open_workloads: u32::try_from(views.len()).unwrap_or(u32::MAX),
            running_workloads: u32::try_from(running).unwrap_or(u32::MAX),
        }
    }
}

/// Runs what reads files where waiting is allowed.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    spawn_blocking(work)
        .await
        .map_err(|error| Error::new(ErrorKind::Host, format!("reading came to an unexpected end: {error}")))
}
