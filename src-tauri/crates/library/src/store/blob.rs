//! A component on its way into the store.

use std::io::{self, Read as _, Seek as _, Write as _};

use jackfield_protocol::Digest;
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

/// Takes bytes as they come, and knows their digest at the end. Nobody sees the content before
/// [`super::Store::keep`]; dropped, it is gone.
#[derive(Debug)]
pub struct BlobWriter {
    file: NamedTempFile,
    hasher: Sha256,
    size_in_bytes: u64,
}

impl BlobWriter {
    pub(super) fn new(file: NamedTempFile) -> Self {
        Self { file, hasher: Sha256::new(), size_in_bytes: 0 }
    }

    /// Adds to the end.
    ///
    /// # Errors
    /// If the disk does not take it.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hasher.update(bytes);
        self.size_in_bytes += bytes.len() as u64;
        Ok(())
    }

    /// How much was written so far.
    #[must_use]
    pub fn size_in_bytes(&self) -> u64 {
        self.size_in_bytes
    }

    /// The digest of what was written so far.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::from_sha256(self.hasher.clone().finalize().into())
    }

    /// What was written so far.
    ///
    /// # Errors
    /// If the disk does not give it back.
    pub fn read_back(&mut self) -> io::Result<Vec<u8>> {
        // Through the same handle: on Windows the lock shuts others out, also of the same process.
        let file = self.file.as_file_mut();
        file.rewind()?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn into_file(self) -> NamedTempFile {
        self.file
    }
}
