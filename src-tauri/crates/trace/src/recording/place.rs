//! The file of a recording: made for its owner alone, and written by one recorder at a time.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::error::RecordingError;

/// The longest first line that is looked at.
const MAX_HEADER_BYTES: u64 = 256;
/// How the first line begins.
const MAGIC: &[u8] = b"{\"jackfield-traces\":";

/// A file to append to.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) file: File,
    /// Whether it ends within a line.
    pub(super) is_torn: bool,
}

/// Opens a file for appending; makes it if it is not there.
pub(super) fn open(path: &Path) -> Result<Place, RecordingError> {
    let doing = "record to the file";
    let mut file = options().open(path).map_err(|error| match is_shared_elsewhere(&error) {
        true => RecordingError::Busy { path: path.to_owned() },
        false => RecordingError::file(doing, path)(error),
    })?;
    lock(&file, path)?;
    let length = file.metadata().map_err(RecordingError::file(doing, path))?.len();
    if length == 0 {
        return Ok(Place { file, is_torn: false });
    }
    if check_header(&file, path)? == Header::Begun {
        // There is nothing in it yet, and a file that does not begin with a whole line would not be known again.
        file.set_len(0).map_err(RecordingError::file(doing, path))?;
        return Ok(Place { file, is_torn: false });
    }
    let is_torn = last_byte(&mut file).map_err(RecordingError::file("read the file", path))? != Some(b'\n');
    Ok(Place { file, is_torn })
}

/// Only the owner may read what a program was called with.
#[cfg(unix)]
fn options() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600);
    options
}

/// A file in the user's folder is the user's there. Others may read while this one writes, and not write.
#[cfg(windows)]
fn options() -> OpenOptions {
    use std::os::windows::fs::OpenOptionsExt as _;
    const FILE_SHARE_READ: u32 = 1;
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).share_mode(FILE_SHARE_READ);
    options
}

#[cfg(unix)]
fn is_shared_elsewhere(_: &io::Error) -> bool {
    false
}

#[cfg(windows)]
fn is_shared_elsewhere(error: &io::Error) -> bool {
    const ERROR_SHARING_VIOLATION: i32 = 32;
    error.raw_os_error() == Some(ERROR_SHARING_VIOLATION)
}

/// The lock goes with the process, however that ends. On Windows it would keep readers out, and is not needed.
#[cfg(unix)]
fn lock(file: &File, path: &Path) -> Result<(), RecordingError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(std::fs::TryLockError::WouldBlock) => Err(RecordingError::Busy { path: path.to_owned() }),
        // A file system without locks still takes a recording.
        Err(std::fs::TryLockError::Error(_)) => Ok(()),
    }
}

#[cfg(windows)]
fn lock(_: &File, _: &Path) -> Result<(), RecordingError> {
    Ok(())
}

/// What a recording begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    Whole,
    /// A program was killed before it had written the first line.
    Begun,
}

/// Nothing is appended to a file of another kind, and nothing else is read as a recording.
pub(super) fn check_header(file: &File, path: &Path) -> Result<Header, RecordingError> {
    let mut line = Vec::new();
    BufReader::new(file.take(MAX_HEADER_BYTES))
        .read_until(b'\n', &mut line)
        .map_err(RecordingError::file("read the file", path))?;
    let is_line = line.ends_with(b"\n");
    if line.starts_with(MAGIC) && is_line {
        Ok(Header::Whole)
    } else if !is_line
        && (line.len() as u64) < MAX_HEADER_BYTES
        && (MAGIC.starts_with(&line) || line.starts_with(MAGIC))
    {
        Ok(Header::Begun)
    } else {
        Err(RecordingError::NotARecording { path: path.to_owned() })
    }
}

fn last_byte(file: &mut File) -> io::Result<Option<u8>> {
    file.seek(SeekFrom::End(-1))?;
    let mut byte = [0];
    Ok((file.read(&mut byte)? == 1).then_some(byte[0]))
}
