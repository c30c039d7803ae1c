//! Requests in, responses and events out.

use std::{
    convert::Infallible,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use jackfield_component::{read_file, wit};
use jackfield_host::{
    Host, HostConfig, next_call,
    workload::{self, Sources},
};
use jackfield_mcp::Sessions;
use jackfield_protocol::{
    Endpoint, Error, ErrorKind, Event, Heartbeat, HoldId, ProbeLevel, Release, Request, Response, Sample,
    Snapshot, Trace, WorkloadId, WorkloadState, WorkloadView,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::{
    Config, Subscription, blocking,
    data::DataFolder,
    document::{Document, UNSAVED},
    events::Hub,
    export, functions, manifest,
    mcp::Room,
    open::OpenWorkload,
    samples,
    shelf::Shelf,
    traces::Traces,
};

/// How often the component files of what runs are looked at.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

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
    room: Arc<Room>,
    traces: Arc<Traces>,
    data: DataFolder,
    /// In the order of their opening.
    workloads: Mutex<Vec<(WorkloadId, Arc<OpenWorkload>)>>,
    /// What was said of the probes of all workloads. Changed only while `workloads` is locked, so that a workload
    /// that is being opened misses nothing.
    all_probes: Mutex<ProbeLevel>,
    /// Held while the probes of all workloads are switched, so that what was said last counts in each of them.
    switching: AsyncMutex<()>,
    next_id: AtomicU32,
    made: Instant,
}

impl Workbench {
    /// Makes a workbench with nothing open.
    ///
    /// # Errors
    /// If Wasmtime cannot be set up, or the data folder cannot be used.
    pub fn new(config: Config) -> Result<Self, Error> {
        let host = Host::new(&HostConfig { cache_dir: config.cache_dir.clone(), ..HostConfig::default() })?;
        let hub = Arc::new(Hub::new());
        let data = DataFolder::open(&config)?;
        let shelf = Shelf::new(data.library(&config)?, config.docker_config.clone(), Arc::clone(&hub));
        let inner = Inner {
            room: Arc::new(Room::new(&data.sessions(), !config.is_recording_off, Arc::clone(&hub))?),
            traces: Arc::new(Traces::new(data.traces(), Arc::clone(&hub))),
            config,
            host,
            hub,
            shelf: Arc::new(shelf),
            data,
            workloads: Mutex::default(),
            all_probes: Mutex::default(),
            switching: AsyncMutex::default(),
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

    /// Looks at the component files of all that runs, again and again, for as long as it is waited for. Calls notice
    /// changed files by themselves; this is for who wants to be told without one. Looking takes microseconds.
    pub async fn follow_files(&self) -> Infallible {
        let mut looks = interval(BETWEEN_LOOKS);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            let open: Vec<_> = self.inner.workloads().iter().map(|(_, open)| Arc::clone(open)).collect();
            // What does not run has nothing to look at.
            let looking = open.iter().map(async |open| {
                if let Ok(running) = open.running().await {
                    running.refresh().await;
                }
            });
            join_all(looking).await;
        }
    }

    /// Does what is asked. Requests may overlap; each is answered when it is done.
    ///
    /// # Errors
    /// If the request cannot be done; the error says why and what to do.
    pub async fn dispatch(&self, request: Request) -> Result<Response, Error> {
        // On the heap: it is as large as the largest of all that can be asked.
        Box::pin(self.answer(request)).await
    }

    async fn answer(&self, request: Request) -> Result<Response, Error> {
        let inner = &self.inner;
        match request {
            Request::Snapshot => Ok(Response::Snapshot(inner.snapshot())),
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
            Request::Call { workload, component, function, args, ticket } => {
                let workload = inner.get(workload)?;
                let called = Box::pin(workload.call(next_call(), &component, &function, &args, ticket)).await;
                called.map(Response::Called)
            }
            Request::Trace { workload, component, function, args, ticket } => {
                let workload = inner.get(workload)?;
                let (result, trace) =
                    Box::pin(workload.trace(next_call(), &component, &function, &args, ticket)).await?;
                match (result, trace) {
                    (result, Some(trace)) => {
                        // With its lines, as it is kept.
                        let trace = inner.traces.get(trace.id).map_or(trace, |kept| Trace::clone(&kept));
                        Ok(Response::Traced { result, trace })
                    }
                    (Err(error), None) => Err(error),
                    (Ok(outcome), None) => Ok(Response::Called(outcome)),
                }
            }
            Request::SetProbes { workload, sites, level } => {
                inner.get(workload)?.set_probes(&sites, level).await.map(Response::Probes)
            }
            Request::SetAllProbes(level) => {
                inner.set_all_probes(level).await;
                Ok(Response::Done)
            }
            Request::Intervene { workload, intervention } => {
                inner.get(workload)?.intervene(intervention).await.map(Response::Probes)
            }
            Request::RemoveIntervention { workload, intervention } => {
                inner.get(workload)?.remove_intervention(intervention).await.map(Response::Probes)
            }
            Request::Release { hold, how } => inner.release(hold, &how).map(|()| Response::Done),
            Request::ReleaseAll(workload) => Ok(Response::Probes(inner.get(workload)?.release_all().await)),
            Request::Figures(workload) => Ok(Response::Figures(inner.get(workload)?.board().figures())),
            Request::Refresh(workload) => {
                inner.get(workload)?.running().await?.refresh().await;
                Ok(Response::Done)
            }
            Request::Stdin { workload, bytes, close } => {
                inner.get(workload)?.write_stdin(bytes, close).await.map(|()| Response::Done)
            }
            Request::Grant { workload, component, origin } => {
                let running = inner.get(workload)?.running().await?;
                running.grant(&component, &origin)?;
                Ok(Response::Done)
            }
            Request::Revoke { workload, component, origin } => {
                let running = inner.get(workload)?.running().await?;
                running.revoke(&component, &origin)?;
                Ok(Response::Done)
            }
            Request::Logs { workload, after, before, limit } => {
                let workload = inner.get(workload)?;
                blocking(move || workload.log(after, before, limit)).await.map(Response::Logs)
            }
            Request::Inspect { path } => {
                let component = blocking(move || read_file(Path::new(&path))).await??;
                Ok(Response::Inspected(component.info().clone()))
            }
            Request::Functions { workload, component } => {
                Ok(Response::Functions(functions::of(&inner.get(workload)?.component(&component)?)))
            }
            Request::Wit { workload, component } => {
                let component = inner.get(workload)?.component(&component)?;
                blocking(move || wit::text(&component)).await.map(Response::Wit)
            }
            Request::Record { workload, path } => inner.record(workload, path).await,
            Request::StopRecording(id) => inner.stop_recording(id).await,
            request @ (Request::Traces { .. }
            | Request::TraceById(_)
            | Request::ClearTraces
            | Request::OpenRecording { .. }
            | Request::RecordedTrace { .. }
            | Request::ExportTraces { .. }
            | Request::SendTraces { .. }) => inner.traces.dispatch(request).await,
            Request::ExportWorkload { workload, form, with } => {
                let (workload, sources) = (inner.get(workload)?, inner.sources());
                let export = move || workload.export(&form, &with, &*sources);
                blocking(export).await?.map(Response::ExportedWorkload)
            }
            Request::WriteExport { workload, form, with, path, replace } => {
                let (workload, sources) = (inner.get(workload)?, inner.sources());
                let export = move || workload.export(&form, &with, &*sources);
                blocking(move || export::write(&export()?, Path::new(&path), replace)).await?
            }
            Request::OpenManifest { path } => inner.open_manifest(path).await,
            Request::ImportWorkload { text, path } => {
                let imported = blocking(move || jackfield_export::import(&text, &path)).await?;
                imported.map(Response::ImportedWorkload).map_err(Error::from)
            }
            request @ (Request::CancelCall { .. }
            | Request::OpenSession { .. }
            | Request::CallInSession { .. }
            | Request::Handles { .. }
            | Request::DropHandle { .. }
            | Request::CloseSession { .. }) => Box::pin(inner.call_session(request)).await,
            request => inner.mcp(request).await,
        }
    }

    /// Stops every workload, and returns when nothing runs any more.
    pub async fn shutdown(&self) {
        let open: Vec<_> = self.inner.workloads().iter().map(|(_, workload)| Arc::clone(workload)).collect();
        for workload in open {
            workload.stop_serving().await;
            workload.stop().await;
        }
        self.inner.traces.close().await;
        self.inner.room.close().await;
    }

    /// Serves a workload as an MCP server to one client over a pair of streams, and records what is said.
    /// Returns when the client has closed its side, or `stop` has fired, and nothing of it runs any more.
    ///
    /// # Errors
    /// If there is no such workload, or the client does not speak MCP.
    pub async fn serve_streams<R, W>(
        &self,
        workload: WorkloadId,
        streams: (R, W),
        stop: CancellationToken,
    ) -> Result<(), Error>
    where
        R: AsyncRead + Send + Unpin + 'static,
        W: AsyncWrite + Send + Unpin + 'static,
    {
        let workload = self.inner.get(workload)?;
        self.inner.room.serve_streams(workload, streams, stop).await
    }

    /// Starts an MCP server, stands between it and a client on three streams (the client's input, the
    /// server's output and its standard error), and records what is said. Returns the server's exit code,
    /// if it has one. Dropping the future stops the server.
    ///
    /// # Errors
    /// If the server cannot be started, or nothing can be recorded.
    pub async fn record_between<I, O, E>(
        &self,
        command: &[String],
        streams: (I, O, E),
    ) -> Result<Option<u8>, Error>
    where
        I: AsyncRead + Send + Unpin + 'static,
        O: AsyncWrite + Send + Unpin + 'static,
        E: AsyncWrite + Send + Unpin + 'static,
    {
        self.inner.room.record_between(command, streams).await
    }
}

impl Inner {
    /// What concerns calls under way, and sessions of calls.
    async fn call_session(&self, request: Request) -> Result<Response, Error> {
        match request {
            Request::CancelCall { workload, ticket } => {
                self.get(workload)?.tickets().cancel(ticket);
                Ok(Response::Done)
            }
            Request::OpenSession { workload, component } => {
                self.get(workload)?.open_session(component).await.map(Response::SessionOpened)
            }
            Request::CallInSession { workload, session, function, args, ticket } => {
                let workload = self.get(workload)?;
                let (outcome, handles) = workload.call_in_session(session, &function, &args, ticket).await?;
                Ok(Response::CalledInSession { outcome, handles })
            }
            Request::Handles { workload, session } => self.get(workload)?.handles(session).await,
            Request::DropHandle { workload, session, handle } => {
                self.get(workload)?.drop_handle(session, handle).await
            }
            Request::CloseSession { workload, session } => {
                self.get(workload)?.close_session(session).map(|()| Response::Done)
            }
            _ => Err(unknown()),
        }
    }

    /// What concerns MCP.
    async fn mcp(&self, request: Request) -> Result<Response, Error> {
        let room = &self.room;
        match request {
            Request::Serve { workload, port } => {
                let workload = self.get(workload)?;
                workload.serve(room.serve(Arc::clone(&workload), port)).await?;
            }
            Request::StopServing(workload) => self.get(workload)?.stop_serving().await,
            Request::Connect(Endpoint::Workload(id)) => {
                return room.connect_to(self.get(id)?).map(Response::Connected);
            }
            Request::Connect(endpoint) => return room.connect(endpoint).map(Response::Connected),
            Request::Disconnect(id) => room.get(id)?.close(),
            Request::Forget(id) => room.forget(id)?,
            Request::Mcp { connection, ticket, request } => {
                return room.get(connection)?.ask(ticket, request).await.map(Response::Mcp);
            }
            Request::CancelMcp { connection, ticket } => room.get(connection)?.cancel(ticket),
            Request::Send { connection, text } => {
                let frame = room.get(connection)?.send(&text).await?;
                return Ok(Response::Sent { frame });
            }
            Request::Sessions => return room.sessions(Sessions::list, Response::Sessions).await,
            Request::Frames { session, after, limit } => {
                let limit = usize::try_from(limit).unwrap_or(usize::MAX);
                return room.sessions(move |all| all.page(&session, after, limit), Response::Frames).await;
            }
            Request::FrameBytes { session, number } => {
                return room.sessions(move |all| all.bytes(&session, number), Response::FrameBytes).await;
            }
            Request::DeleteSession(session) => {
                return room.sessions(move |all| all.delete(&session), |()| Response::Done).await;
            }
            _ => return Err(unknown()),
        }
        Ok(Response::Done)
    }

    fn snapshot(&self) -> Snapshot {
        let mut held: Vec<_> =
            self.workloads().iter().flat_map(|(_, workload)| workload.board().held()).collect();
        held.sort_by_key(|call| call.id);
        let all_probes = *self.all_probes();
        Snapshot { workloads: self.views(), connections: self.room.views(), held, all_probes }
    }

    /// Switches the probes of what is open, and of what is opened later.
    async fn set_all_probes(&self, level: ProbeLevel) {
        let _switching = self.switching.lock().await;
        let open: Vec<_> = {
            let workloads = self.workloads();
            *self.all_probes() = level;
            self.hub.announce(Event::AllProbes(level));
            workloads.iter().map(|(_, workload)| Arc::clone(workload)).collect()
        };
        for workload in open {
            workload.follow_probes(level).await;
        }
    }

    fn all_probes(&self) -> MutexGuard<'_, ProbeLevel> {
        self.all_probes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a held call go on, in whichever workload it is.
    fn release(&self, hold: HoldId, how: &Release) -> Result<(), Error> {
        let open: Vec<_> = self.workloads().iter().map(|(_, workload)| Arc::clone(workload)).collect();
        let released = open.iter().find_map(|workload| workload.board().release(hold, how.clone()));
        released.unwrap_or_else(|| {
            Err(Error::new(ErrorKind::Request, "this call is held no longer")
                .with_help("it was released, cancelled, or its workload has stopped"))
        })
    }

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

    /// Opens what a manifest describes. It is a workload of its own from the start: what is changed in it is not
    /// changed in the manifest.
    async fn open_manifest(&self, path: String) -> Result<Response, Error> {
        let sources = self.sources();
        let (loaded, findings) = blocking(move || manifest::load(Path::new(&path), &*sources)).await??;
        let workload = self.insert(&mut self.workloads(), Document::unsaved(loaded));
        Ok(Response::OpenedManifest { workload, findings })
    }

    fn insert(
        &self,
        workloads: &mut Vec<(WorkloadId, Arc<OpenWorkload>)>,
        document: Document,
    ) -> WorkloadView {
        let id = WorkloadId(self.next_id.fetch_add(1, Ordering::Relaxed));
        let workload = OpenWorkload::new(
            id,
            document,
            self.data.logs(),
            Arc::clone(&self.hub),
            Arc::clone(&self.traces),
            *self.all_probes(),
        );
        let view = workload.view();
        workloads.push((id, Arc::new(workload)));
        self.hub.announce(Event::Opened(view.clone()));
        view
    }

    async fn close(&self, id: WorkloadId) -> Result<(), Error> {
        let workload = self.get(id)?;
        workload.stop_serving().await;
        self.room.forget_workload(&workload);
        workload.stop().await;
        self.traces.stop_recording(id).await?;
        self.workloads().retain(|(open, _)| *open != id);
        self.hub.announce(Event::Closed(id));
        Ok(())
    }

    /// Records the traces of a workload, until it is told to stop or the workload is closed.
    async fn record(&self, id: WorkloadId, path: Option<String>) -> Result<Response, Error> {
        let workload = self.get(id)?;
        let response = self.traces.record(id, workload.view().name, path).await?;
        if let Response::Recording { path, .. } = &response {
            workload.recorded_to(Some(path.clone()));
        }
        Ok(response)
    }

    async fn stop_recording(&self, id: WorkloadId) -> Result<Response, Error> {
        let workload = self.get(id)?;
        let stopped = self.traces.stop_recording(id).await?;
        workload.recorded_to(None);
        stopped.ok_or_else(|| {
            Error::new(ErrorKind::Request, format!("`{}` is not being recorded", workload.view().name))
        })
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

fn unknown() -> Error {
    Error::new(ErrorKind::Request, "the workbench does not know this request")
}
