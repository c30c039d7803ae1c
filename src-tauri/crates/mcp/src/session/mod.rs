//! Recorded sessions: a folder with a file each.
//!
//! A file is append-only JSON Lines: what the session is, then its frames with their bytes. Nothing in it
//! is ever rewritten, so that a process that is killed harms at most the line that it was writing, and
//! so that a reader, in this process or another, can follow while it grows. While a session goes on, its
//! recorder holds a lock on a file beside it: that is how others tell a live session from one whose
//! recorder was killed.

mod format;
mod index;
mod live;
mod writer;

use std::collections::VecDeque;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use jackfield_protocol::{Error, ErrorKind, FrameBytes, FramePage, SessionId, SessionRole, SessionView};

use crate::record::{FrameSink, Queue, Recorder};
use format::Header;
use index::Index;
use live::Lock;

/// How many indexes are kept. They weigh 16 bytes for each frame.
const MAX_INDEXES: usize = 16;

/// The most frames that a page has.
const MAX_PAGE: usize = 10_000;

const EXTENSION: &str = "jsonl";

/// Why a session could not be recorded, read or deleted.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// There is none.
    #[error("there is no session {id}")]
    NotFound {
        /// The name that was asked for.
        id: SessionId,
    },
    /// It has no such frame.
    #[error("session {id} has no frame {number}")]
    NoSuchFrame {
        /// The session.
        id: SessionId,
        /// The frame.
        number: u64,
    },
    /// It goes on, here or in another process.
    #[error("session {id} is still going on")]
    Live {
        /// The session.
        id: SessionId,
    },
    /// A file or the folder could not be read or written.
    #[error("cannot {doing} {}: {source}", path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl SessionError {
    fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { doing, path, source }
    }
}

impl From<SessionError> for Error {
    fn from(error: SessionError) -> Self {
        let (kind, help) = match &error {
            SessionError::NotFound { .. } => {
                (ErrorKind::Request, Some("list the sessions to see which there are"))
            }
            SessionError::NoSuchFrame { .. } => (ErrorKind::Request, None),
            SessionError::Live { .. } => (ErrorKind::Request, Some("close its connection first")),
            SessionError::File { .. } => {
                (ErrorKind::File, Some("check the folder's permissions and the free space"))
            }
        };
        let plain = Self::new(kind, error.to_string());
        match help {
            Some(help) => plain.with_help(help),
            None => plain,
        }
    }
}

/// The sessions in a folder. Cheap to clone. Several processes may use one folder.
///
/// Its methods read and write files, and so may block the thread for a moment.
#[derive(Clone)]
pub struct Sessions {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    /// Those that are recorded here, to bring their files up to date before reading.
    live: Mutex<Vec<(SessionId, Weak<Queue>)>>,
    /// The latest used last.
    indexes: Mutex<VecDeque<(SessionId, Arc<Mutex<Index>>)>>,
}

impl Sessions {
    /// Uses a folder, which is made if there is none.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, SessionError> {
        let folder = folder.into();
        fs::create_dir_all(&folder).map_err(SessionError::file("make the folder", &folder))?;
        let inner = Inner { folder, live: Mutex::default(), indexes: Mutex::default() };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Begins a session. It ends with its recorder.
    ///
    /// # Errors
    /// When its file cannot be made.
    pub fn record(
        &self,
        label: &str,
        role: SessionRole,
        sinks: Vec<Arc<dyn FrameSink>>,
    ) -> Result<Recorder, SessionError> {
        let started_unix_micros = unix_micros();
        let started = Instant::now();
        let (id, lock) = self.claim(started_unix_micros)?;
        let path = self.path_of(&id);
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(&path)
            .map_err(SessionError::file("make the session file", &path))?;
        let header = Header::new(label.to_owned(), role, started_unix_micros);
        let queue = Arc::new(Queue::default());
        writer::start(file, &header, Arc::clone(&queue), sinks, lock)
            .map_err(SessionError::file("write the session file", &path))?;
        let mut live = lock_of(&self.inner.live);
        live.retain(|(_, queue)| queue.strong_count() > 0);
        live.push((id.clone(), Arc::downgrade(&queue)));
        drop(live);
        Ok(Recorder::new(id, started, queue))
    }

    /// All sessions, the newest first. Of each, only the beginning and the end of its file are read, so
    /// that damage in its middle is not noticed here, but in [`Sessions::view`].
    ///
    /// # Errors
    /// When the folder cannot be read. A file that cannot be is listed with its problem.
    pub fn list(&self) -> Result<Vec<SessionView>, SessionError> {
        let folder = &self.inner.folder;
        let entries = fs::read_dir(folder).map_err(SessionError::file("list", folder))?;
        let mut ids: Vec<SessionId> = entries
            .filter_map(Result::ok)
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter_map(|name| name.strip_suffix(".jsonl").map(SessionId::new))
            .filter(is_safe)
            .collect();
        ids.sort_unstable_by(|a, b| b.cmp(a));
        Ok(ids.iter().filter_map(|id| self.glance(id)).collect())
    }

    /// What is known of a session.
    ///
    /// # Errors
    /// When there is none, or its file cannot be read.
    pub fn view(&self, id: &SessionId) -> Result<SessionView, SessionError> {
        let path = self.existing(id)?;
        let is_live = self.bring_up_to_date(id);
        let index = self.index(id);
        let index = self.scanned(&index, &path)?;
        let header = format::read_header(&path).map_err(SessionError::file("read", &path))?;
        let problem = header.as_ref().err().copied().map(str::to_owned);
        let problem = problem.or_else(|| index.problem(is_live)).or_else(|| self.write_problem(id));
        Ok(view_of(id, header.ok(), is_live, index.frames(), index.size_in_bytes(), problem))
    }

    /// The frames after a number, at most so many (and never more than 10 000). 0 begins at the first.
    ///
    /// # Errors
    /// When there is no such session, or its file cannot be read.
    pub fn page(&self, id: &SessionId, after: u64, limit: usize) -> Result<FramePage, SessionError> {
        let path = self.existing(id)?;
        self.bring_up_to_date(id);
        let index = self.index(id);
        let index = self.scanned(&index, &path)?;
        let frames =
            index.page(&path, id, after, limit.min(MAX_PAGE)).map_err(SessionError::file("read", &path))?;
        Ok(FramePage { frames, total: index.frames() })
    }

    /// The bytes of a frame, for showing.
    ///
    /// # Errors
    /// When there is no such session or frame, or the file cannot be read.
    pub fn bytes(&self, id: &SessionId, number: u64) -> Result<FrameBytes, SessionError> {
        Ok(match String::from_utf8(self.raw(id, number)?) {
            Ok(text) => FrameBytes::Text(text),
            Err(error) => FrameBytes::Hex(hex(error.as_bytes())),
        })
    }

    /// The bytes of a frame.
    ///
    /// # Errors
    /// When there is no such session or frame, or the file cannot be read.
    pub fn raw(&self, id: &SessionId, number: u64) -> Result<Vec<u8>, SessionError> {
        let path = self.existing(id)?;
        self.bring_up_to_date(id);
        let index = self.index(id);
        let index = self.scanned(&index, &path)?;
        let bytes = index.bytes(&path, number).map_err(SessionError::file("read", &path))?;
        bytes.ok_or_else(|| SessionError::NoSuchFrame { id: id.clone(), number })
    }

    /// Deletes a session.
    ///
    /// # Errors
    /// When there is none, when it goes on, or when its file cannot be deleted.
    pub fn delete(&self, id: &SessionId) -> Result<(), SessionError> {
        let path = self.existing(id)?;
        if self.is_live(id) {
            return Err(SessionError::Live { id: id.clone() });
        }
        fs::remove_file(&path).map_err(SessionError::file("delete", &path))?;
        live::forget(&self.lock_path(id));
        lock_of(&self.inner.indexes).retain(|(other, _)| other != id);
        Ok(())
    }

    /// Takes a name that no session has: the time, so that names sort by it, and a count where that is taken.
    fn claim(&self, unix_micros: u64) -> Result<(SessionId, Lock), SessionError> {
        let time = format::timestamp(unix_micros);
        let mut count = 1_u32;
        loop {
            let id = SessionId::new(if count == 1 { time.clone() } else { format!("{time}-{count}") });
            let path = self.lock_path(&id);
            match Lock::take(&path) {
                Ok(lock) if !self.path_of(&id).exists() => return Ok((id, lock)),
                Ok(_) => count += 1,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => count += 1,
                Err(error) => return Err(SessionError::file("lock", &path)(error)),
            }
        }
    }

    fn path_of(&self, id: &SessionId) -> PathBuf {
        self.inner.folder.join(format!("{id}.{EXTENSION}"))
    }

    fn lock_path(&self, id: &SessionId) -> PathBuf {
        self.inner.folder.join(format!("{id}.live"))
    }

    /// The file of a session, if there is one. Names come from outside, and must not lead elsewhere.
    fn existing(&self, id: &SessionId) -> Result<PathBuf, SessionError> {
        let path = self.path_of(id);
        if is_safe(id) && path.is_file() {
            return Ok(path);
        }
        Err(SessionError::NotFound { id: id.clone() })
    }

    fn queue_of(&self, id: &SessionId) -> Option<Arc<Queue>> {
        let live = lock_of(&self.inner.live);
        live.iter().find(|(other, _)| other == id).and_then(|(_, queue)| queue.upgrade())
    }

    /// Waits until the file of a session that is recorded here has all that was told. Whether it goes on.
    fn bring_up_to_date(&self, id: &SessionId) -> bool {
        if let Some(queue) = self.queue_of(id) {
            queue.wait_until_written();
        }
        self.is_live(id)
    }

    fn is_live(&self, id: &SessionId) -> bool {
        live::is_live(&self.lock_path(id))
    }

    fn write_problem(&self, id: &SessionId) -> Option<String> {
        self.queue_of(id).and_then(|queue| queue.problem())
    }

    fn index(&self, id: &SessionId) -> Arc<Mutex<Index>> {
        let mut indexes = lock_of(&self.inner.indexes);
        let at = indexes.iter().position(|(other, _)| other == id);
        let entry = at.and_then(|at| indexes.remove(at)).unwrap_or_else(|| (id.clone(), Arc::default()));
        let index = Arc::clone(&entry.1);
        indexes.push_back(entry);
        if indexes.len() > MAX_INDEXES {
            indexes.pop_front();
        }
        index
    }

    fn scanned<'a>(
        &self,
        index: &'a Arc<Mutex<Index>>,
        path: &Path,
    ) -> Result<MutexGuard<'a, Index>, SessionError> {
        let mut index = lock_of(index);
        index.scan(path).map_err(SessionError::file("read", path))?;
        Ok(index)
    }

    /// What the ends of a session's file say. Nothing when it was deleted meanwhile.
    fn glance(&self, id: &SessionId) -> Option<SessionView> {
        let path = self.path_of(id);
        let is_live = self.bring_up_to_date(id);
        let read = format::read_header(&path).and_then(|header| Ok((header, index::tail(&path)?)));
        match read {
            Ok((header, tail)) => {
                let torn = (tail.is_torn && !is_live).then_some(index::TORN);
                let problem = header.as_ref().err().copied().or(torn).map(str::to_owned);
                let problem = problem.or_else(|| self.write_problem(id));
                Some(view_of(id, header.ok(), is_live, tail.frames, tail.size_in_bytes, problem))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                let problem = Some(format!("its file cannot be read: {error}"));
                Some(view_of(id, None, is_live, 0, 0, problem))
            }
        }
    }
}

fn view_of(
    id: &SessionId,
    header: Option<Header>,
    is_live: bool,
    frames: u64,
    size_in_bytes: u64,
    problem: Option<String>,
) -> SessionView {
    let header = header.unwrap_or_else(|| Header::unknown(id));
    SessionView {
        id: id.clone(),
        label: header.label,
        role: header.role,
        started_unix_micros: header.started_unix_micros,
        is_live,
        frames,
        size_in_bytes,
        problem,
    }
}

/// Whether a name is one that a session can have: it names a file of its own and no other place.
fn is_safe(id: &SessionId) -> bool {
    let name = id.as_str();
    !name.is_empty()
        && name.len() <= 100
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn unix_micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or('?');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn lock_of<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
