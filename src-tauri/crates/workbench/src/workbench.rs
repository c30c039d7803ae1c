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
    workload::{self, Sources},
};
use jackfield_protocol::{
    Error, ErrorKind, Event, Heartbeat, Request, Response, Sample, Snapshot, WorkloadId, WorkloadState,
    WorkloadView,
};

use crate::{
    Config, Subscription, blocking,
    data::DataFolder,
    document::{Document, UNSAVED},
    events::Hub,
    open::OpenWorkload,
    samples,
    shelf::Shelf,
};

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
    shelf: Arc<Shelf>,
    data: DataFolder,
    /// In the order of their opening.
    workloads: Mutex<Vec<(WorkloadId, Arc<OpenWorkload>)>>,
    next_id: AtomicU32,
    made: Instant,
}

impl Workbench {
    /// Makes a workbench with nothing open.
    ///
    /// # Errors
    /// If Wasmtime cannot be set up, or the data folder cannot be used.
    pub fn new(config: Config) -> Result<Self, Error> {
        let host = Host::new(&HostConfig { cache_dir: config.cache_dir.clone() })?;
        let hub = Arc::new(Hub::new());
        let data = DataFolder::open(&config)?;
        let shelf = Shelf::new(data.library(&config)?, config.docker_config.clone(), Arc::clone(&hub));
        let inner = Inner {
            config,
            host,
            hub,
            shelf: Arc::new(shelf),
            data,
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
            Request::New { name } => inner.new_workload(name.as_deref()).map(Response::Opened),
            Request::Edit { workload, edit } => inner.get(workload)?.edit(edit, inner.sources()).await,
            Request::Restore { workload, revision } => {
                inner.get(workload)?.restore(revision, inner.sources()).await
            }
            Request::Save { workload, path } => inner.get(workload)?.save(path, inner.sources()).await,
            Request::Library(request) => inner.shelf.dispatch(request).await.map(Response::Library),
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
            Request::Wit { workload, component } => {
                inner.get(workload)?.wit(component).await.map(Response::Wit)
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

    fn sources(&self) -> Arc<dyn Sources + Send + Sync> {
        self.shelf.clone()
    }

    async fn open(&self, path: String) -> Result<WorkloadView, Error> {
        let sources = self.sources();
        let loaded = blocking(move || workload::load(Path::new(&path), &*sources)).await??;
        let mut workloads = self.workloads();
        let same_file = |(_, open): &&(WorkloadId, Arc<OpenWorkload>)| {
            open.path().is_some_and(|path| path == loaded.workload.path)
        };
        if let Some((_, open)) = workloads.iter().find(same_file) {
            open.reload(loaded);
            return Ok(open.view());
        }
        Ok(self.insert(&mut workloads, Document::saved(loaded)))
    }

    fn new_workload(&self, name: Option<&str>) -> Result<WorkloadView, Error> {
        let text = workload::empty(name.unwrap_or("untitled"));
        let loaded = workload::load_text(text, Path::new(UNSAVED), &*self.shelf, None)?;
        Ok(self.insert(&mut self.workloads(), Document::unsaved(loaded)))
    }

    fn insert(
        &self,
        workloads: &mut Vec<(WorkloadId, Arc<OpenWorkload>)>,
        document: Document,
    ) -> WorkloadView {
        let id = WorkloadId(self.next_id.fetch_add(1, Ordering::Relaxed));
        let workload = OpenWorkload::new(id, document, Arc::clone(&self.hub));
        let view = workload.view();
        workloads.push((id, Arc::new(workload)));
        self.hub.announce(Event::Opened(view.clone()));
        view
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
