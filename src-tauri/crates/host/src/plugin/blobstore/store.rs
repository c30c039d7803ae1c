//! What a backend of `wasi:blobstore` can do.

use std::{
    fs::File,
    io,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use thiserror::Error;

/// Keeps objects. A reader never sees half of an object: it is there when it was written as a whole.
pub(super) trait Store: Send + Sync {
    /// Whether a method may wait for a disk.
    fn may_wait(&self) -> bool;

    /// Makes an empty container.
    fn create_container(&self, container: &str) -> Result<(), BlobError>;

    /// When a container was made, in seconds since 1970; none if there is no such container.
    fn container(&self, container: &str) -> Result<Option<u64>, BlobError>;

    /// Removes a container with all that is in it.
    fn delete_container(&self, container: &str) -> Result<(), BlobError>;

    /// The names of the objects in a container, in their order.
    fn list(&self, container: &str) -> Result<Vec<String>, BlobError>;

    /// What is known of an object; none if there is no such object.
    fn info(&self, id: &ObjectId) -> Result<Option<ObjectInfo>, BlobError>;

    /// The bytes of an object from `start` to `end`, the latter included. What is behind its end is not there.
    fn read(&self, id: &ObjectId, start: u64, end: u64) -> Result<Source, BlobError>;

    /// Begins an object, which has no name yet.
    fn writer(&self) -> Result<Box<dyn Writer>, BlobError>;

    /// Removes objects; that one is not there is no error.
    fn delete_objects(&self, container: &str, objects: &[String]) -> Result<(), BlobError>;

    /// Writes an object again under another name.
    fn copy(&self, from: &ObjectId, to: &ObjectId) -> Result<(), BlobError>;

    /// Gives an object another name.
    fn rename(&self, from: &ObjectId, to: &ObjectId) -> Result<(), BlobError>;
}

/// An object while it is written. Dropping it leaves nothing behind.
pub(super) trait Writer: Send {
    /// Adds bytes at its end.
    fn write(&mut self, bytes: &[u8]) -> Result<(), BlobError>;

    /// Puts it in its place, and replaces what was there.
    fn finish(self: Box<Self>, id: &ObjectId) -> Result<(), BlobError>;
}

/// The whole name of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ObjectId {
    pub(super) container: String,
    pub(super) object: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ObjectInfo {
    /// Seconds since 1970.
    pub(super) created_at: u64,
    pub(super) size_in_bytes: u64,
}

/// Where the bytes of an object come from. It stays readable when the object is replaced or removed.
pub(super) enum Source {
    Bytes(Bytes),
    /// A file, from its current position on.
    File {
        file: File,
        size_in_bytes: u64,
    },
}

impl Source {
    pub(super) fn size_in_bytes(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File { size_in_bytes, .. } => *size_in_bytes,
        }
    }
}

/// How much of an object of `size` bytes lies from `start` to `end`, the latter included.
pub(super) fn length(size: u64, start: u64, end: u64) -> u64 {
    let end = end.saturating_add(1).min(size);
    end.saturating_sub(start)
}

/// Seconds since 1970 by this machine's clock.
pub(super) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Why a store did not do what it was asked. Guests hear the text.
#[derive(Debug, Error)]
pub(super) enum BlobError {
    #[error("there is no container `{0}`")]
    NoContainer(String),
    #[error("there is a container `{0}` already")]
    ContainerExists(String),
    #[error("there is no object `{}` in the container `{}`", .0.object, .0.container)]
    NoObject(ObjectId),
    #[error("the value has a name already, and can have only one")]
    HasName,
    #[error("the object is too large to be read at once ({size_in_bytes} bytes): read it as a stream")]
    TooLarge { size_in_bytes: u64 },
    #[error("the store is full: its limit is {limit_in_bytes} bytes (`limit` of [host.\"wasi:blobstore\"])")]
    Full { limit_in_bytes: u64 },
    #[error("`{0}` cannot be the name of a file, because it is too long")]
    NameTooLong(String),
    #[error("the store's folder failed: {0}")]
    Folder(#[from] io::Error),
}

impl From<BlobError> for String {
    fn from(error: BlobError) -> Self {
        error.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn ranges_include_their_end_and_stop_at_that_of_the_object() {
        for (size, start, end, expected) in [
            (10, 0, 9, 10),
            (10, 0, u64::MAX, 10),
            (10, 2, 2, 1),
            (10, 3, 2, 0),
            (10, 10, 20, 0),
            (0, 0, 0, 0),
        ] {
            assert_eq!(length(size, start, end), expected, "{start} to {end} of {size}");
        }
    }
}
