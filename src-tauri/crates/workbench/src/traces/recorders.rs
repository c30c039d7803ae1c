//! The recordings that go on: one for each workload at most.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jackfield_protocol::{Error, ErrorKind, Event, Response, Trace, WorkloadId};
use jackfield_trace::{Progress, Recorder};
use jiff::Timestamp;

use crate::events::Hub;

/// See the module.
pub(super) struct Recorders {
    /// For recordings for which nobody names a file.
    folder: PathBuf,
    hub: Arc<Hub>,
    /// Held while one starts or stops, so that threads that run guests never wait for that.
    changing: Mutex<()>,
    recorders: RwLock<Vec<(WorkloadId, Arc<Recorder>)>>,
}

impl Recorders {
    pub(super) fn new(folder: PathBuf, hub: Arc<Hub>) -> Self {
        Self { folder, hub, changing: Mutex::default(), recorders: RwLock::default() }
    }

    /// Records a trace if its workload is recorded.
    pub(super) fn keep(&self, workload: WorkloadId, trace: Arc<Trace>) {
        if let Some(recorder) = self.get(workload) {
            recorder.keep(trace);
        }
    }

    /// Begins to record a workload. One that is recorded to that file already stays so.
    pub(super) fn start(
        &self,
        workload: WorkloadId,
        name: &str,
        path: Option<&str>,
    ) -> Result<Response, Error> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(recorder) = self.get(workload) {
            let is_same =
                path.is_none_or(|path| std::path::absolute(path).is_ok_and(|it| it == recorder.path()));
            let answer = answer(&recorder, &recorder.progress());
            return is_same.then_some(answer).ok_or_else(|| busy(name, recorder.path()));
        }
        let path = path.map_or_else(|| self.place_for(name), |path| Ok(PathBuf::from(path)))?;
        let hub = Arc::clone(&self.hub);
        let listener = move |progress: &Progress| {
            let Progress { lost, problem, .. } = progress.clone();
            hub.announce(Event::Unrecorded { workload, lost, problem });
        };
        let recorder = Arc::new(Recorder::start(&path, listener)?);
        let answer = answer(&recorder, &recorder.progress());
        self.recorders.write().unwrap_or_else(PoisonError::into_inner).push((workload, recorder));
        Ok(answer)
    }

    /// Ends the recording of a workload, if there is one.
    pub(super) fn stop(&self, workload: WorkloadId) -> Option<Response> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let recorder = self.get(workload)?;
        self.recorders.write().unwrap_or_else(PoisonError::into_inner).retain(|(id, _)| *id != workload);
        Some(answer(&recorder, &recorder.finish()))
    }

    /// Ends all recordings.
    pub(super) fn stop_all(&self) {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let all = std::mem::take(&mut *self.recorders.write().unwrap_or_else(PoisonError::into_inner));
        for (_, recorder) in all {
            recorder.finish();
        }
    }

    fn get(&self, workload: WorkloadId) -> Option<Arc<Recorder>> {
        let recorders = self.recorders.read().unwrap_or_else(PoisonError::into_inner);
        recorders.iter().find(|(id, _)| *id == workload).map(|(_, recorder)| Arc::clone(recorder))
    }

    /// A new file for the traces of a workload: `NAME-20260101T120000Z.jsonl`.
    fn place_for(&self, name: &str) -> Result<PathBuf, Error> {
        make_folder(&self.folder).map_err(|error| {
            let message =
                format!("the folder for recordings cannot be made ({error}): {}", self.folder.display());
            Error::new(ErrorKind::File, message)
                .with_help("name a file to record to, or make room for the folder")
        })?;
        let plain = |it: char| if it.is_ascii_alphanumeric() || "-_".contains(it) { it } else { '-' };
        let name: String = name.chars().take(80).map(plain).collect();
        let stem = format!("{name}-{}", Timestamp::now().strftime("%Y%m%dT%H%M%SZ"));
        let numbered = (2..).map(|number| format!("{stem}-{number}.jsonl"));
        let mut names = std::iter::once(format!("{stem}.jsonl")).chain(numbered);
        let free = names.find_map(|name| Some(self.folder.join(name)).filter(|path| !path.exists()));
        free.ok_or_else(|| Error::new(ErrorKind::File, "there is no name left for another recording"))
    }
}

/// Makes a folder that only its owner can look into, because of what programs were called with.
fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

fn answer(recorder: &Recorder, progress: &Progress) -> Response {
    Response::Recording { path: recorder.path().display().to_string(), traces: progress.traces }
}

fn busy(name: &str, path: &Path) -> Error {
    let message = format!("`{name}` is being recorded already: {}", path.display());
    Error::new(ErrorKind::Request, message).with_help("stop that recording first")
}
