//! What components are, remembered by digest, so that a list of hundreds need not read them all.
//!
//! Losing it costs time and nothing else, so whatever goes wrong with it is passed over.

use std::fs;
use std::path::{Path, PathBuf};

use jackfield_component::Component;
use jackfield_protocol::{ComponentInfo, Digest};

use crate::{digest, files};

/// Another version may read more out of the same component.
const FOLDER: &str = concat!("info-", env!("CARGO_PKG_VERSION"), "-1");

#[derive(Debug, Clone)]
pub(crate) struct InfoCache {
    folder: PathBuf,
}

impl InfoCache {
    pub(crate) fn new(root: &Path) -> Self {
        let folder = root.join(FOLDER);
        if fs::create_dir_all(&folder).is_ok() {
            let _ = files::sweep(&folder);
        }
        Self { folder }
    }

    /// What a component is; `read` is asked only if that is not known yet.
    pub(crate) fn info<E>(
        &self,
        digest: &Digest,
        read: impl FnOnce() -> Result<Component, E>,
    ) -> Result<ComponentInfo, E> {
        let path = digest::hex(digest).map(|hex| self.folder.join(format!("{hex}.json")));
        if let Some(info) = path.as_deref().and_then(|path| load(path, digest)) {
            return Ok(info);
        }
        let info = read()?.info().clone();
        if let (Some(path), Ok(text)) = (path, serde_json::to_vec(&info)) {
            let _ = files::write(&self.folder, &path, &text);
        }
        Ok(info)
    }
}

fn load(path: &Path, digest: &Digest) -> Option<ComponentInfo> {
    let info: ComponentInfo = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    (info.digest == *digest).then_some(info)
}
