//! What can be wrong with a recording as a whole.

use std::io;
use std::path::{Path, PathBuf};

use jackfield_protocol::{Error, ErrorKind};

/// Why a file cannot be recorded to, or read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// It holds something else.
    #[error("the file is no recording of traces: {}", path.display())]
    NotARecording {
        /// The file.
        path: PathBuf,
    },
    /// Its format is not known here.
    #[error("the recording was made by a newer Jackfield: {}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// It is written to already.
    #[error("traces are being recorded to this file already: {}", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// It has no trace with this number.
    #[error("the recording has {total} traces, and none with number {number}: {}", path.display())]
    NoSuchTrace {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        number: u64,
        /// How many there are.
        total: u64,
    },
    /// The system refuses it.
    #[error("cannot {doing}: {source}: {}", path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// The file or the folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl RecordingError {
    pub(super) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { doing, path, source }
    }
}

impl From<RecordingError> for Error {
    fn from(error: RecordingError) -> Self {
        let (kind, help) = match &error {
            RecordingError::NotARecording { .. } => (
                ErrorKind::File,
                "name a file that traces were recorded to, or for recording one that is not there yet",
            ),
            RecordingError::Newer { .. } => (ErrorKind::File, "update Jackfield"),
            RecordingError::Busy { .. } => {
                (ErrorKind::Request, "stop that recording first, or name another file")
            }
            RecordingError::NoSuchTrace { .. } => (ErrorKind::Request, "`jack trace list FILE` lists them"),
            RecordingError::File { .. } => {
                (ErrorKind::File, "check that the folder is there, its permissions and the free space")
            }
        };
        Self::new(kind, error.to_string()).with_help(help)
    }
}
