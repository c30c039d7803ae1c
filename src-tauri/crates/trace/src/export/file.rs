//! Writing a file in place of another, all of it or nothing.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// What is being written.
pub(super) enum Replacement {
    /// A new file beside the old one, which only its owner can read.
    Beside(BufWriter<NamedTempFile>, PathBuf),
    /// What is no file (a pipe, a terminal) is written to as it is.
    Straight(BufWriter<File>),
}

impl Replacement {
    /// Begins to write what is to be at `path`.
    pub(super) fn begin(path: &Path) -> io::Result<Self> {
        // A link stays one, to another content.
        let path = fs::canonicalize(path).or_else(|_| std::path::absolute(path))?;
        match fs::metadata(&path) {
            Ok(it) if it.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            Ok(it) if !it.is_file() => {
                let file = File::options().write(true).open(&path)?;
                Ok(Self::Straight(BufWriter::new(file)))
            }
            _ => {
                let folder = path.parent().ok_or(io::ErrorKind::InvalidFilename)?;
                let file = NamedTempFile::with_prefix_in(".jackfield-", folder)?;
                Ok(Self::Beside(BufWriter::new(file), path))
            }
        }
    }

    /// It is whole.
    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Self::Beside(file, path) => {
                let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.persist(path).map(drop).map_err(|error| error.error)
            }
            Self::Straight(mut file) => file.flush(),
        }
    }
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Beside(file, _) => file.write(bytes),
            Self::Straight(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Beside(file, _) => file.flush(),
            Self::Straight(file) => file.flush(),
        }
    }
}
