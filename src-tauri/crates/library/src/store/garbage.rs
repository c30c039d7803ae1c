//! Components that no name means any more.

use std::fs;

use jackfield_protocol::Digest;

use super::{Store, StoreError};
use crate::files;

/// A component in the store that no reference and no alias means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unused {
    /// The component.
    pub digest: Digest,
    /// How much space it takes.
    pub size_in_bytes: u64,
}

impl Store {
    /// What [`Self::remove_unused`] would remove, in the order of the digests.
    ///
    /// # Errors
    /// If the folder or the index cannot be read.
    pub fn unused(&self) -> Result<Vec<Unused>, StoreError> {
        let used = self.index()?.used();
        let mut unused = Vec::new();
        for digest in self.digests()? {
            if used.contains(&digest) {
                continue;
            }
            // It may have been removed by another process since the folder was listed.
            if let Ok(metadata) = fs::metadata(self.blob_path(&digest)?) {
                unused.push(Unused { digest, size_in_bytes: metadata.len() });
            }
        }
        Ok(unused)
    }

    /// Removes every component without a name, and says which ones.
    ///
    /// # Errors
    /// If the folder cannot be written; some may have been removed then.
    pub fn remove_unused(&self) -> Result<Vec<Unused>, StoreError> {
        // Components come and get their names under the same lock, so that none is taken in between.
        let _lock = self.lock()?;
        let unused = self.unused()?;
        for component in &unused {
            let path = self.blob_path(&component.digest)?;
            files::ignore_missing(fs::remove_file(&path)).map_err(StoreError::io(&path))?;
        }
        Ok(unused)
    }
}
