//! Appending traces to a file, from any thread.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use jackfield_protocol::Trace;

use super::error::RecordingError;
use super::place;
use super::queue::Queue;
use super::writer::Writer;

/// How a recording is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many traces were written.
    pub traces: u64,
    /// How many could not be, because the disk was too slow or full.
    pub lost: u64,
    /// How many bytes were written.
    pub bytes: u64,
    /// Why traces are being lost at the moment, and what to do.
    pub problem: Option<String>,
}

/// Appends traces to a file until it is finished or dropped. A thread of its own writes, and sleeps while nothing
/// comes.
///
/// What was handed over is in the system's hands within moments, and so survives this process being killed; it is
/// forced to the disk at the end.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    queue: Arc<Queue>,
    progress: Arc<Mutex<Progress>>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Recorder {
    /// Begins to record to a file, which is made for its owner alone if it is not there. `listener` hears, on the
    /// writer's thread, of traces that are lost, and when that is over.
    ///
    /// # Errors
    /// If the file cannot be written, is something else, or is recorded to already.
    pub fn start(path: &Path, listener: impl Fn(&Progress) + Send + 'static) -> Result<Self, RecordingError> {
        let failed = |doing| RecordingError::file(doing, path);
        let path = std::path::absolute(path).map_err(failed("record to the file"))?;
        let place = place::open(&path)?;
        let queue = Arc::new(Queue::default());
        let progress = Arc::new(Mutex::new(Progress::default()));
        let end = place.file.try_clone().map_err(failed("record to the file"))?;
        let mut writer = Writer::begin(place.file, place.is_torn, Arc::clone(&progress), Box::new(listener))
            .map_err(failed("write to the file"))?;
        let done = Done(Arc::clone(&queue));
        let run = move || {
            let done = done;
            writer.run(&done.0);
            // Where the disk does not take it there is nothing left to do: it was written as far as can be told.
            let _ = end.sync_data();
        };
        let thread = thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(run)
            .map_err(failed("start a thread that writes to the file"))?;
        Ok(Self { path, queue, progress, writer: Mutex::new(Some(thread)) })
    }

    /// The file, as an absolute path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Hands a trace over. Never waits: where too many wait already it is counted as lost.
    pub fn keep(&self, trace: Arc<Trace>) {
        self.queue.push(trace);
    }

    /// How it is doing.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until what was handed over before is written, or lost.
    pub fn wait_until_written(&self) {
        self.queue.wait_until_written();
    }

    /// Writes what waits, ends the recording and tells how it went. What is handed over afterwards is not kept.
    pub fn finish(&self) -> Progress {
        self.queue.close();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            // A panic of the listener is not ours to report; what was written is told all the same.
            let _ = writer.join();
        }
        self.progress()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Says that nothing will be written any more, also when a listener panics: nobody may wait for ever.
struct Done(Arc<Queue>);

impl Drop for Done {
    fn drop(&mut self) {
        self.0.note_done();
    }
}
