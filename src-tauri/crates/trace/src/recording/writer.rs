//! The thread that appends to the file.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jackfield_protocol::Trace;

use super::encode::Encoder;
use super::queue::{Item, Queue};
use super::recorder::Progress;

/// How much is gathered before it is written.
const CHUNK_IN_BYTES: usize = 256 << 10;
/// How often the same trouble is told at most.
const TELL_EVERY: Duration = Duration::from_millis(500);

/// Hears of traces that are lost.
pub(super) type Listener = Box<dyn Fn(&Progress) + Send>;

/// Writes what a queue brings to a file or what stands for one.
pub(super) struct Writer<W> {
    file: W,
    encoder: Encoder,
    /// What is gathered, and where in it each trace ends.
    chunk: Vec<u8>,
    ends: Vec<usize>,
    /// Whether the file may end within a line, so that a section must begin behind an end of line.
    is_torn: bool,
    /// What the file does not say yet.
    untold_in_file: u64,
    shared: Arc<Mutex<Progress>>,
    listener: Listener,
    told: Progress,
    told_at: Option<Instant>,
}

impl<W: Write> Writer<W> {
    /// Begins a section in a file, which may end within a line.
    pub(super) fn begin(
        file: W,
        is_torn: bool,
        shared: Arc<Mutex<Progress>>,
        listener: Listener,
    ) -> io::Result<Self> {
        let told = shared.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut writer = Self {
            file,
            encoder: Encoder::default(),
            chunk: Vec::new(),
            ends: Vec::new(),
            is_torn,
            untold_in_file: 0,
            shared,
            listener,
            told,
            told_at: None,
        };
        writer.begin_section()?;
        writer.flush()?;
        Ok(writer)
    }

    /// Writes until the queue is closed and empty.
    pub(super) fn run(&mut self, queue: &Queue) {
        loop {
            let items = queue.take_all();
            if items.is_empty() {
                self.tell(true);
                return;
            }
            self.write(items);
        }
    }

    fn write(&mut self, items: VecDeque<Item>) {
        let mut trouble = None;
        for item in items {
            match item {
                Item::Trace(trace) => self.gather(&trace),
                Item::Lost(count) => {
                    self.lose(count);
                    trouble = Some("the disk does not keep up with the traces".to_owned());
                }
            }
            if self.chunk.len() >= CHUNK_IN_BYTES {
                trouble = self.flush().err().map(|error| advice(&error)).or(trouble);
            }
        }
        trouble = self.flush().err().map(|error| advice(&error)).or(trouble);
        self.progress().problem = trouble;
        self.tell(false);
    }

    fn gather(&mut self, trace: &Trace) {
        let before = self.chunk.len();
        match self.encoder.trace(trace, &mut self.chunk) {
            Ok(()) => self.ends.push(self.chunk.len()),
            Err(_) => {
                self.chunk.truncate(before);
                self.lose(1);
            }
        }
    }

    fn lose(&mut self, count: u64) {
        self.untold_in_file += count;
        self.progress().lost += count;
    }

    fn begin_section(&mut self) -> io::Result<()> {
        if self.is_torn {
            self.chunk.push(b'\n');
        }
        self.encoder.begin(&mut self.chunk).map_err(io::Error::from)
    }

    /// Writes what is gathered; what of it could not be written is lost, and a section begins behind it.
    fn flush(&mut self) -> io::Result<()> {
        if self.untold_in_file > 0 {
            Encoder::lost(self.untold_in_file, &mut self.chunk)?;
        }
        let mut written = 0;
        let result = self.write_chunk(&mut written);
        let whole = self.ends.iter().filter(|end| **end <= written).count() as u64;
        let lost = self.ends.len() as u64 - whole;
        let mut progress = self.progress();
        progress.traces += whole;
        progress.lost += lost;
        progress.bytes += written as u64;
        drop(progress);
        self.chunk.clear();
        self.ends.clear();
        self.is_torn = result.is_err();
        match result {
            Ok(()) => self.untold_in_file = 0,
            Err(_) => {
                self.untold_in_file += lost;
                self.begin_section()?;
            }
        }
        result
    }

    fn write_chunk(&mut self, written: &mut usize) -> io::Result<()> {
        while let Some(rest) = self.chunk.get(*written..).filter(|rest| !rest.is_empty()) {
            match self.file.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => *written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.file.flush()
    }

    /// Tells what has changed, but not more often than anybody reads it.
    fn tell(&mut self, is_last: bool) {
        let progress = self.progress().clone();
        let has_changed = progress.lost != self.told.lost || progress.problem != self.told.problem;
        let is_due = is_last || self.told_at.is_none_or(|at| at.elapsed() >= TELL_EVERY);
        if has_changed && is_due {
            (self.listener)(&progress);
            self.told = progress;
            self.told_at = Some(Instant::now());
        }
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn advice(error: &io::Error) -> String {
    format!("{error}: make room on the disk, or stop recording")
}
