//! Folders that components see among their files.
//!
//! What always holds: a component sees the volumes that its permissions name and no other file of this
//! machine; what it may not write, it cannot change; paths do not lead out of a volume, neither by
//! `..` nor by links (`wasmtime-wasi` resolves them step by step, below the opened folder); and a
//! temporary volume is gone when the workload is, also when its start failed.
//!
//! What is refused is told by [`refused`].

pub(crate) mod refused;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use indexmap::IndexMap;
use jackfield_protocol::ComponentName;
use tempfile::TempDir;
use wasmtime_wasi::{FsPerms, WasiCtx, filesystem::WasiFilesystemCtx};

use crate::{
    HostError,
    workload::{Access, VolumeGrant, VolumeSpec, Workload},
};

/// The volumes of a running workload.
#[derive(Debug, Default)]
pub(crate) struct Volumes {
    folders: IndexMap<String, PathBuf>,
    temporary: Mutex<Vec<TempDir>>,
}

impl Volumes {
    /// Makes or finds the volumes that a component has a permission for.
    ///
    /// # Errors
    /// If a folder is not there or cannot be made.
    pub(crate) fn prepare(workload: &Workload) -> Result<Self, HostError> {
        let mut volumes = Self::default();
        for (name, spec) in &workload.volumes {
            let mut grants = grants(workload).filter(|grant| grant.name == *name).peekable();
            if grants.peek().is_none() {
                continue;
            }
            let is_written = grants.any(|grant| grant.access == Access::Write);
            let error = |path: &Path, error: &io::Error| volume_error(name, path, error);
            let folder = match spec {
                VolumeSpec::Path(path) => {
                    find(path, is_written).map_err(|e| error(path, &e))?;
                    path.clone()
                }
                VolumeSpec::Temporary => {
                    volumes.make_temporary(&workload.name).map_err(|e| error(&std::env::temp_dir(), &e))?
                }
            };
            volumes.folders.insert(name.clone(), folder);
        }
        Ok(volumes)
    }

    fn make_temporary(&mut self, workload: &str) -> io::Result<PathBuf> {
        // For who looks into the folder and wonders.
        let plain: String = workload.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let folder = tempfile::Builder::new().prefix(&format!("jackfield-{plain}-")).tempdir()?;
        let path = folder.path().to_owned();
        self.temporary.get_mut().unwrap_or_else(PoisonError::into_inner).push(folder);
        Ok(path)
    }

    /// What a component finds among its files.
    ///
    /// # Errors
    /// If one of its volumes cannot be opened.
    pub(crate) fn files_of(
        &self,
        workload: &Workload,
        component: &ComponentName,
    ) -> Result<WasiFilesystemCtx, HostError> {
        let mut wasi = WasiCtx::builder();
        let spec = workload.components.get(component);
        for grant in spec.iter().flat_map(|spec| &spec.permissions.volumes) {
            let Some(folder) = self.folders.get(&grant.name) else { continue };
            let access = match grant.access {
                Access::Read => FsPerms::ReadOnly,
                Access::Write => FsPerms::ReadWrite,
            };
            wasi.preopened_dir(folder, &grant.at, access).map_err(|error| HostError::Volume {
                volume: grant.name.clone(),
                path: folder.clone(),
                reason: error.root_cause().to_string(),
            })?;
        }
        Ok(wasi.build().filesystem().clone())
    }

    /// Removes the temporary volumes. What cannot be removed now is tried again when this goes.
    pub(crate) fn clean_up(&self) {
        self.temporary.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn grants(workload: &Workload) -> impl Iterator<Item = &VolumeGrant> {
    workload.components.values().flat_map(|spec| &spec.permissions.volumes)
}

/// Makes sure that a folder is there. Where a component may write, a missing one is made, because a
/// fresh copy of a workload has no place for empty folders.
fn find(path: &Path, is_written: bool) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(io::Error::new(io::ErrorKind::NotADirectory, "it is not a folder")),
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_written => fs::create_dir(path),
        Err(error) => Err(error),
    }
}

fn volume_error(name: &str, path: &Path, error: &io::Error) -> HostError {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "there is no such folder".to_owned(),
        _ => error.to_string(),
    };
    HostError::Volume { volume: name.to_owned(), path: path.to_owned(), reason }
}
