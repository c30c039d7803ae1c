//! The traces of all workloads: kept in memory, recorded to files, told, and given to other programs.

mod recorders;
mod teller;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jackfield_protocol::{
    Error, ErrorKind, Request, Response, Trace, TraceFormat, TraceId, TraceSelection, WorkloadId,
};
use jackfield_trace::export::{self, SendOptions};
use jackfield_trace::{Recording, RecordingError, Ring};
use tokio::runtime::Handle;

use crate::blocking;
use crate::events::Hub;
use recorders::Recorders;
use teller::Teller;

/// See the module.
pub(crate) struct Traces {
    ring: Mutex<Ring>,
    recorders: Recorders,
    teller: Arc<Teller>,
}

/// A trace on its way out.
type Outgoing = Result<Arc<Trace>, RecordingError>;

impl Traces {
    /// Nothing is kept yet. Recordings for which nobody names a file go to `folder`.
    pub(crate) fn new(folder: PathBuf, hub: Arc<Hub>) -> Self {
        Self {
            ring: Mutex::default(),
            recorders: Recorders::new(folder, Arc::clone(&hub)),
            teller: Arc::new(Teller::new(hub)),
        }
    }

    /// Takes a trace of a workload over: keeps it, records it if its workload is recorded, and tells of it. Called
    /// by threads that run guests, and waits for no disk and no reader.
    pub(crate) fn add(&self, workload: WorkloadId, trace: Trace) -> TraceId {
        let mut ring = self.ring();
        let (trace, gone) = ring.push(Trace { workload: Some(workload), ..trace });
        // Under the lock, so that all readers hear of traces in the order of their ids.
        self.teller.add(|| trace.summary());
        drop(ring);
        // Memory is given back when nobody waits for the lock.
        drop(gone);
        let id = trace.id;
        self.recorders.keep(workload, trace);
        id
    }

    /// Begins to record a workload. Tells the file and how many traces are in it by now.
    pub(crate) async fn record(
        self: &Arc<Self>,
        workload: WorkloadId,
        name: String,
        path: Option<String>,
    ) -> Result<Response, Error> {
        let traces = Arc::clone(self);
        blocking(move || traces.recorders.start(workload, &name, path.as_deref())).await?
    }

    /// Records a workload no longer. Nothing to stop is no error where nobody asked for it.
    pub(crate) async fn stop_recording(
        self: &Arc<Self>,
        workload: WorkloadId,
    ) -> Result<Option<Response>, Error> {
        let traces = Arc::clone(self);
        blocking(move || traces.recorders.stop(workload)).await
    }

    /// Ends all recordings; what was added before is in their files then.
    pub(crate) async fn close(self: &Arc<Self>) {
        let traces = Arc::clone(self);
        // Only a runtime that goes down keeps it from running, and then the recorders end with the last of this.
        let _ = blocking(move || traces.recorders.stop_all()).await;
    }

    /// Answers what concerns traces alone.
    pub(crate) async fn dispatch(self: &Arc<Self>, request: Request) -> Result<Response, Error> {
        let traces = Arc::clone(self);
        match request {
            Request::Traces { workload, after, limit } => {
                let limit = usize::try_from(limit).unwrap_or(usize::MAX);
                Ok(Response::Traces(self.ring().summaries(workload, after, limit)))
            }
            Request::TraceById(id) => self.get(id).map(|trace| Response::Trace((*trace).clone())),
            Request::ClearTraces => {
                let forgotten = self.ring().clear();
                drop(forgotten);
                Ok(Response::Done)
            }
            Request::OpenRecording { path } => blocking(move || traces.open(Path::new(&path))).await?,
            Request::RecordedTrace { path, number } => {
                blocking(move || Ok(Response::Trace(Recording::open(Path::new(&path))?.find(number)?)))
                    .await?
            }
            Request::ExportTraces { traces: selection, format, path } => {
                blocking(move || traces.export(&selection, format, &path)).await?
            }
            Request::SendTraces { traces: selection, endpoint } => {
                // A recording is read from a disk in between.
                let runtime = Handle::current();
                blocking(move || runtime.block_on(traces.send(&selection, endpoint))).await?
            }
            _ => Err(Error::new(ErrorKind::Request, "this is no request about traces")),
        }
    }

    /// A trace that is kept.
    pub(crate) fn get(&self, id: TraceId) -> Result<Arc<Trace>, Error> {
        self.ring().get(id).ok_or_else(|| {
            let message = format!("trace {} is not kept any more, or never was", id.0);
            Error::new(ErrorKind::Request, message)
                .with_help("the newest traces are kept in memory; record a workload to keep all of them")
        })
    }

    /// Reads a recording into memory, as far as it is kept.
    fn open(&self, path: &Path) -> Result<Response, Error> {
        let mut recording = Recording::open(path)?;
        let before = self.ring().newest();
        while let Some(trace) = recording.next_trace()? {
            let (_, gone) = self.ring().push(trace);
            drop(gone);
        }
        // Traces of what runs may have come in between; they have a workload.
        let mut traces = self.ring().summaries(None, before, usize::MAX);
        traces.retain(|summary| summary.workload.is_none());
        let (total, lost) = (recording.traces(), recording.lost());
        Ok(Response::RecordingOpened { traces, total, lost, damage: recording.damage() })
    }

    fn export(&self, selection: &TraceSelection, format: TraceFormat, path: &str) -> Result<Response, Error> {
        let path = std::path::absolute(path)
            .map_err(|error| Error::new(ErrorKind::File, format!("not a usable path ({error}): {path}")))?;
        let traces = export::to_file(&path, format, self.selected(selection)?)?;
        Ok(Response::Exported { to: path.display().to_string(), traces })
    }

    async fn send(&self, selection: &TraceSelection, endpoint: String) -> Result<Response, Error> {
        let selected = self.selected(selection)?;
        let traces = export::send(&endpoint, selected, &SendOptions::default()).await?;
        Ok(Response::Exported { to: endpoint, traces })
    }

    /// The traces that are meant, oldest first.
    fn selected(
        &self,
        selection: &TraceSelection,
    ) -> Result<Box<dyn Iterator<Item = Outgoing> + Send>, Error> {
        let kept = |workload| self.ring().iter(workload).cloned().collect::<Vec<_>>();
        let traces = match selection {
            TraceSelection::These(ids) => {
                ids.iter().map(|id| self.get(*id)).collect::<Result<Vec<_>, _>>()?
            }
            TraceSelection::Workload(workload) => kept(Some(*workload)),
            TraceSelection::All => kept(None),
            TraceSelection::Recording(path) => {
                let mut recording = Recording::open(Path::new(path))?;
                let read = move || recording.next_trace().transpose().map(|trace| trace.map(Arc::new));
                return Ok(Box::new(std::iter::from_fn(read)));
            }
        };
        Ok(Box::new(traces.into_iter().map(Ok)))
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
