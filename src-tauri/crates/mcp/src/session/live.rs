//! Whether a session goes on: its recorder holds an advisory lock, which ends with its process however
//! that ends.
//!
//! The lock is on a file of its own, because on Windows a locked file cannot be read by others.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Held while a session goes on.
pub(super) struct Lock {
    path: PathBuf,
    file: Option<File>,
}

impl Lock {
    /// Takes the lock. Fails with `AlreadyExists` when the name is another session's.
    pub(super) fn take(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        // Someone who looks whether it is held holds it for a moment. So this waits instead of giving up.
        file.lock()?;
        Ok(Self { path: path.to_owned(), file: Some(file) })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        drop(self.file.take());
        forget(&self.path);
    }
}

/// Whether the lock is held, here or in another process.
pub(super) fn is_live(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Removes what a recorder left behind. It does no harm where that fails: a lock that nobody holds says nothing.
pub(super) fn forget(path: &Path) {
    let _ = fs::remove_file(path);
}
