//! Writing files so that nobody ever sees half of one, and locks between processes.
//!
//! A file is written under another name in the same file system, brought to the disk, and renamed; then
//! the folder, too, is brought to the disk. A program that is killed on the way leaves the other name
//! behind, which is swept up later, and never a file that looks whole and is not.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

/// How long to wait for another process that holds a lock. Locks are held for milliseconds.
const MAX_WAIT: Duration = Duration::from_secs(10);
const RETRY_EVERY: Duration = Duration::from_millis(5);

/// What unfinished files are called.
const UNFINISHED_PREFIX: &str = ".unfinished-";

/// Held as long as it lives. The system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for the lock that the file at `path` stands for, and makes the file if need be.
    pub(crate) fn acquire(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let give_up_at = Instant::now() + MAX_WAIT;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if Instant::now() < give_up_at => {
                    std::thread::sleep(RETRY_EVERY);
                }
                Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::TimedOut.into()),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }
}

/// A new file in `folder` that vanishes unless it is finished. Locked, so that the [`sweep`] of another
/// process lets it live.
pub(crate) fn begin(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED_PREFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The user's mask applies, as to any file; the default would hide the file from other users.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let file = builder.tempfile_in(folder)?;
    file.as_file().try_lock()?;
    Ok(file)
}

/// Gives a whole file its name, in place of what may have had it.
pub(crate) fn finish(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Writes a whole file at `path` by way of `unfinished`, a folder in the same file system.
pub(crate) fn write(unfinished: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = begin(unfinished)?;
    file.write_all(bytes)?;
    finish(file, path)
}

/// Removes from `folder` what killed programs left there, and nothing that somebody still writes.
pub(crate) fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with(UNFINISHED_PREFIX) {
            continue;
        }
        let is_orphan = File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
        if is_orphan {
            ignore_missing(fs::remove_file(entry.path()))?;
        }
    }
    Ok(())
}

/// Somebody else may have removed it first.
pub(crate) fn ignore_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Only Unix lets a folder be opened, and only there a rename would otherwise be lost with the power.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_being_written_survives_a_sweep_and_what_was_left_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut alive = begin(folder.path()).unwrap();
        let left = folder.path().join(format!("{UNFINISHED_PREFIX}left"));
        let other = folder.path().join("other");
        fs::write(&left, "half").unwrap();
        fs::write(&other, "whole").unwrap();
        sweep(folder.path()).unwrap();
        assert!(!left.exists() && other.exists());
        alive.write_all(b"whole").unwrap();
        finish(alive, &folder.path().join("alive")).unwrap();
        assert_eq!(fs::read(folder.path().join("alive")).unwrap(), b"whole");
    }

    #[test]
    fn an_unfinished_file_leaves_what_it_would_replace() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.json");
        write(folder.path(), &path, b"old").unwrap();
        let mut file = begin(folder.path()).unwrap();
        file.write_all(b"ne").unwrap();
        drop(file);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
