//! The components on this machine, by digest, and the names that they have.
//!
//! ```text
//! blobs/sha256/HEX   a component; never changes once it is there
//! index.json         references and aliases
//! index.lock         held while the index changes or blobs come and go
//! unfinished/        what is being written
//! quarantine/HEX     bytes that were found not to have their digest
//! ```
//!
//! Several processes may use one folder at once, and any of them may be killed at any time: a
//! component appears whole or not at all, and the index only names what is there.

mod blob;
mod error;
mod garbage;
mod index;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use jackfield_component::Component;
use jackfield_protocol::Digest;

pub use blob::BlobWriter;
pub use error::StoreError;
pub use garbage::Unused;
pub use index::{AliasRecord, AliasTarget, Index, ReferenceRecord};

use crate::digest;
use crate::files::{self, Lock};
use crate::reference::RegistryReference;

const MAX_ALIAS_IN_BYTES: usize = 64;

/// A folder of components. Cheap to clone; clones are the same folder.
#[derive(Debug, Clone)]
pub struct Store {
    root: Arc<Path>,
}

impl Store {
    /// Opens the store in a folder, which is made if need be.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let store = Self { root: root.into() };
        for folder in [store.blobs(), store.unfinished()] {
            fs::create_dir_all(&folder).map_err(StoreError::io(&folder))?;
        }
        let _lock = store.lock()?;
        let unfinished = store.unfinished();
        files::sweep(&unfinished).map_err(StoreError::io(&unfinished))?;
        Ok(store)
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Every name, as of now.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn index(&self) -> Result<Index, StoreError> {
        Index::load(&self.index_path())
    }

    /// Whether a component is there. Its bytes are not looked at.
    #[must_use]
    pub fn holds(&self, digest: &Digest) -> bool {
        self.blob_path(digest).is_ok_and(|path| path.is_file())
    }

    /// Begins to write a component of yet unknown digest.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn begin(&self) -> Result<BlobWriter, StoreError> {
        // Under the lock, so that no sweep comes between the file and its own lock.
        let _lock = self.lock()?;
        let unfinished = self.unfinished();
        files::begin(&unfinished).map(BlobWriter::new).map_err(StoreError::io(&unfinished))
    }

    /// Keeps what was written, and changes the index, so that the component has a name from its
    /// first moment and no clean-up takes it.
    ///
    /// # Errors
    /// If the folder cannot be written. Then neither has happened, or only the first.
    pub fn keep(&self, blob: BlobWriter, change: impl FnOnce(&mut Index)) -> Result<Digest, StoreError> {
        let digest = blob.digest();
        let path = self.blob_path(&digest)?;
        let file = blob.into_file();
        // The slow part needs no lock.
        file.as_file().sync_all().map_err(StoreError::io(&path))?;
        let lock = self.lock()?;
        files::finish(file, &path).map_err(StoreError::io(&path))?;
        self.change_index(&lock, change)?;
        Ok(digest)
    }

    /// Stores a component that is in memory, and changes the index.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn add(&self, component: &Component, change: impl FnOnce(&mut Index)) -> Result<(), StoreError> {
        let mut blob = self.begin()?;
        blob.write(component.bytes()).map_err(StoreError::io(&self.unfinished()))?;
        self.keep(blob, change).map(|_| ())
    }

    /// Changes the index, if the component that it is about is there.
    ///
    /// # Errors
    /// If it is not, or if the folder cannot be written.
    pub fn name(&self, digest: &Digest, change: impl FnOnce(&mut Index)) -> Result<(), StoreError> {
        let lock = self.lock()?;
        if !self.holds(digest) {
            return Err(StoreError::Missing { digest: digest.clone() });
        }
        self.change_index(&lock, change)
    }

    /// Gives an alias to a reference that was pulled, or to a component.
    ///
    /// # Errors
    /// If the name cannot be one, if the target is not there, or if the folder cannot be written.
    pub fn set_alias(
        &self,
        alias: &str,
        target: AliasTarget,
        source: Option<String>,
    ) -> Result<(), StoreError> {
        check_alias(alias)?;
        let digest = match &target {
            AliasTarget::Digest(digest) => digest.clone(),
            AliasTarget::Reference(reference) => {
                let index = self.index()?;
                let unknown = || StoreError::Unknown { name: reference.clone() };
                index.references.get(reference).ok_or_else(unknown)?.digest.clone()
            }
        };
        let record = AliasRecord { target, set_at_millis: now_millis(), source };
        self.name(&digest, |index| {
            index.set_alias(alias.to_owned(), record);
        })
    }

    /// Forgets an alias or a reference. The component stays until [`Self::remove_unused`].
    ///
    /// # Errors
    /// If there is no such name, or if the folder cannot be written.
    pub fn forget(&self, name: &str) -> Result<(), StoreError> {
        let lock = self.lock()?;
        let mut found = false;
        self.change_index(&lock, |index| {
            found = index.aliases.remove(name).is_some() | index.references.remove(name).is_some();
        })?;
        if found { Ok(()) } else { Err(StoreError::Unknown { name: name.to_owned() }) }
    }

    /// What a reference meant when it was last pulled.
    ///
    /// A reference with a digest is also found when the same manifest was pulled by a tag.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn find(&self, reference: &RegistryReference) -> Result<Option<ReferenceRecord>, StoreError> {
        let index = self.index()?;
        if let Some(record) = index.references.get(&reference.to_string()) {
            return Ok(Some(record.clone()));
        }
        let Some(manifest) = reference.digest() else { return Ok(None) };
        let name = reference.name();
        let is_same = |(key, record): &(&String, &ReferenceRecord)| {
            record.manifest == *manifest
                && key.parse::<RegistryReference>().is_ok_and(|other| other.name() == name)
        };
        Ok(index.references.iter().find(is_same).map(|(_, record)| record.clone()))
    }

    /// Reads a component and checks that its bytes are still the ones that were stored.
    ///
    /// # Errors
    /// If it is not there, cannot be read, or has changed; then it is moved to the quarantine.
    pub fn read(&self, digest: &Digest) -> Result<Component, StoreError> {
        let path = self.blob_path(digest)?;
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(StoreError::Missing { digest: digest.clone() });
            }
            Err(error) => return Err(StoreError::io(&path)(error)),
        };
        if digest::of(&bytes) != *digest {
            return Err(self.quarantine(digest));
        }
        jackfield_component::read_bytes(bytes)
            .map_err(|error| StoreError::NotAComponent { digest: digest.clone(), problem: error.problem })
    }

    /// Reads every component, and says what is wrong with those that have something wrong.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn check(&self) -> Result<Vec<StoreError>, StoreError> {
        let digests = self.digests()?;
        Ok(digests.iter().filter_map(|digest| self.read(digest).err()).collect())
    }

    /// Moves changed bytes away, so that a new pull heals the store and the evidence stays.
    fn quarantine(&self, digest: &Digest) -> StoreError {
        let folder = self.root.join("quarantine");
        let moved_to = folder.join(digest::hex(digest).unwrap_or_default());
        let move_away = || {
            let _lock = self.lock()?;
            let path = self.blob_path(digest)?;
            // A pull may have healed it in the meantime.
            let is_whole = fs::read(&path).is_ok_and(|bytes| digest::of(&bytes) == *digest);
            if is_whole {
                return Ok(());
            }
            fs::create_dir_all(&folder).map_err(StoreError::io(&folder))?;
            files::ignore_missing(fs::rename(&path, &moved_to)).map_err(StoreError::io(&path))
        };
        match move_away() {
            Ok(()) => StoreError::Corrupt { digest: digest.clone(), moved_to },
            Err(error) => error,
        }
    }

    fn change_index(&self, _lock: &Lock, change: impl FnOnce(&mut Index)) -> Result<(), StoreError> {
        let path = self.index_path();
        let before = Index::load(&path)?;
        let mut index = before.clone();
        change(&mut index);
        if index == before { Ok(()) } else { index.save(&self.unfinished(), &path) }
    }

    /// The components that are there, in the order of their digests.
    fn digests(&self) -> Result<Vec<Digest>, StoreError> {
        let folder = self.blobs();
        let mut digests = Vec::new();
        for entry in fs::read_dir(&folder).map_err(StoreError::io(&folder))? {
            let entry = entry.map_err(StoreError::io(&folder))?;
            digests.extend(digest::parse(&format!("sha256:{}", entry.file_name().to_string_lossy())));
        }
        digests.sort();
        Ok(digests)
    }

    fn lock(&self) -> Result<Lock, StoreError> {
        let path = self.root.join("index.lock");
        Lock::acquire(&path).map_err(StoreError::io(&path))
    }

    fn blob_path(&self, digest: &Digest) -> Result<PathBuf, StoreError> {
        let hex = digest::hex(digest).ok_or_else(|| StoreError::Missing { digest: digest.clone() })?;
        Ok(self.blobs().join(hex))
    }

    fn blobs(&self) -> PathBuf {
        self.root.join("blobs").join("sha256")
    }

    fn unfinished(&self) -> PathBuf {
        self.root.join("unfinished")
    }

    fn index_path(&self) -> PathBuf {
        self.root.join("index.json")
    }
}

/// A name that no file and no reference can have in a workload file.
pub(crate) fn check_alias(alias: &str) -> Result<(), StoreError> {
    let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
    let is_name = (1..=MAX_ALIAS_IN_BYTES).contains(&alias.len())
        && alias.bytes().all(fits)
        && alias.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !alias.ends_with(".wasm");
    if is_name { Ok(()) } else { Err(StoreError::BadName { name: alias.to_owned() }) }
}

/// Milliseconds since 1970, UTC.
pub(crate) fn now_millis() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}
