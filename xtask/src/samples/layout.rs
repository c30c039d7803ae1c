//! The sample components as an OCI image layout: a registry that needs no network.
//!
//! The application mounts it as the host `samples`, so that `oci://samples/square:0.1.0` means a component
//! from the first start on.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use jackfield_library::{Annotations, Layout, annotation};

use super::guests::Guest;
use crate::fingerprint::files_below;

/// The folder of the layout, below that of the samples.
const FOLDER: &str = "registry";

/// Writes the components that the library shows into `OUT/registry`, in place of what was there. Returns the files.
pub(super) fn write(out: &Path, components: &[(&Guest, Vec<u8>)]) -> Result<Vec<PathBuf>> {
    let folder = out.join(FOLDER);
    // Whoever has the old one open keeps it, and nobody sees half of a new one.
    let (new, old) = (out.join(".registry-new"), out.join(".registry-old"));
    for leftover in [&new, &old] {
        remove(leftover)?;
    }
    let layout = Layout::create(&new)?;
    for (guest, bytes) in components.iter().filter(|(guest, _)| guest.is_in_library) {
        let component = jackfield_component::read_bytes(bytes.clone())
            .with_context(|| format!("the sample {} is not a component", guest.package))?;
        layout.add(&component, &guest.package, &guest.version, &annotations(guest))?;
    }
    if folder.exists() {
        fs::rename(&folder, &old)?;
    }
    fs::rename(&new, &folder).with_context(|| format!("cannot write {}", folder.display()))?;
    remove(&old)?;
    files_below(&folder, &[])
}

fn annotations(guest: &Guest) -> Annotations {
    let pairs = [
        (annotation::TITLE, &guest.package),
        (annotation::DESCRIPTION, &guest.description),
        (annotation::VERSION, &guest.version),
    ];
    pairs.into_iter().map(|(key, text)| (key.to_owned(), text.clone())).collect()
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}
