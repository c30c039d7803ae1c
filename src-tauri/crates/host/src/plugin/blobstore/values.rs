//! Objects on their way out of a guest and into it.

use std::{
    io::Read as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::io::AsyncReadExt as _;
use wasmtime_wasi::p2::{
    DynInputStream, OutputStream, Pollable, StreamError, StreamResult,
    pipe::{AsyncReadStream, MemoryInputPipe},
};

use super::{
    store::{BlobError, ObjectId, Source, Writer},
    wit::Blobs,
};

/// The largest object that a guest can have as one list.
const MAX_LIST_IN_BYTES: u64 = 256 << 20;

/// How much a guest may write at once.
const CHUNK_IN_BYTES: usize = 64 * 1024;

/// An object that a guest writes.
#[derive(Clone, Default)]
pub(super) struct Outgoing(Arc<Mutex<Draft>>);

#[derive(Default)]
struct Draft {
    writer: Option<Box<dyn Writer>>,
    has_body: bool,
    target: Option<ObjectId>,
}

impl Outgoing {
    fn draft(&self) -> MutexGuard<'_, Draft> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The stream of its content; none if it was given out before.
    pub(super) fn body(&self, blobs: &Blobs) -> Result<Option<Body>, BlobError> {
        let mut draft = self.draft();
        if std::mem::replace(&mut draft.has_body, true) {
            return Ok(None);
        }
        draft.writer = Some(blobs.store().writer()?);
        Ok(Some(Body(self.clone())))
    }

    /// Says where it is to be, once it is finished.
    pub(super) fn aim(&self, id: ObjectId) -> Result<(), BlobError> {
        let mut draft = self.draft();
        if draft.target.is_some() {
            return Err(BlobError::HasName);
        }
        draft.target = Some(id);
        Ok(())
    }

    /// Puts it in its place; if it was given none, it is forgotten.
    pub(super) fn finish(&self, blobs: &Blobs) -> Result<(), BlobError> {
        let draft = std::mem::take(&mut *self.draft());
        let Some(id) = draft.target else { return Ok(()) };
        let writer = draft.writer.map_or_else(|| blobs.store().writer(), Ok)?;
        writer.finish(&id)
    }
}

/// The stream of an outgoing object's content. Writing to a file fills the system's buffers and does not wait
/// for the disk, so it is done at once.
pub(super) struct Body(Outgoing);

#[wasmtime_wasi::async_trait]
impl Pollable for Body {
    async fn ready(&mut self) {}
}

#[wasmtime_wasi::async_trait]
impl OutputStream for Body {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let mut draft = self.0.draft();
        let writer = draft.writer.as_mut().ok_or(StreamError::Closed)?;
        writer.write(&bytes).map_err(|error| StreamError::LastOperationFailed(error.into()))
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(CHUNK_IN_BYTES)
    }
}

/// An object that a guest reads.
pub(super) struct Incoming(pub(super) Source);

impl Incoming {
    /// All of it at once.
    pub(super) fn into_list(self) -> Result<Vec<u8>, BlobError> {
        let size_in_bytes = self.0.size_in_bytes();
        if size_in_bytes > MAX_LIST_IN_BYTES {
            return Err(BlobError::TooLarge { size_in_bytes });
        }
        match self.0 {
            Source::Bytes(bytes) => Ok(bytes.into()),
            Source::File { file, size_in_bytes } => {
                let mut bytes = Vec::new();
                file.take(size_in_bytes).read_to_end(&mut bytes)?;
                Ok(bytes)
            }
        }
    }

    /// All of it, little by little.
    pub(super) fn into_stream(self) -> DynInputStream {
        match self.0 {
            Source::Bytes(bytes) => Box::new(MemoryInputPipe::new(bytes)),
            Source::File { file, size_in_bytes } => {
                Box::new(AsyncReadStream::new(tokio::fs::File::from_std(file).take(size_in_bytes)))
            }
        }
    }
}
