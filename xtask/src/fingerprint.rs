//! Telling whether what was built is still what would be built, without asking a compiler.
//!
//! A stamp records a digest of everything that goes in and of everything that came out. The contents count
//! and not the times: a fresh checkout gives every file a new time, and two target directories
//! may share one source tree.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What a finished build left behind, kept as JSON in the target directory.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    /// Which way it was built: the toolchain, and the profile where there is more than one.
    pub(crate) variant: String,
    /// Digest of the sources, see [`digest`].
    pub(crate) inputs: String,
    /// The files that were written.
    pub(crate) outputs: Vec<PathBuf>,
    /// Digest of the written files, so that a deleted or edited one is noticed.
    pub(crate) output_digest: String,
}

impl Stamp {
    /// Describes a build that has just ended.
    pub(crate) fn new(variant: &str, inputs: String, mut outputs: Vec<PathBuf>) -> Result<Self> {
        outputs.sort();
        let output_digest = digest(&outputs, &[])?;
        Ok(Self { variant: variant.to_owned(), inputs, outputs, output_digest })
    }

    /// The stamp in `file`, unless there is none that can be read, or the outputs have changed since.
    pub(crate) fn read_intact(file: &Path) -> Option<Self> {
        let stamp: Self = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
        let intact = stamp.output_digest == digest(&stamp.outputs, &[]).ok()?;
        intact.then_some(stamp)
    }

    /// Keeps the stamp for the next run.
    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        write_if_changed(file, &serde_json::to_vec_pretty(self)?)
    }
}

/// A digest over the names and contents of files, and of all files below folders, in a stable order.
///
/// See [`files_below`] for `skip` and for what does not exist.
pub(crate) fn digest(paths: &[PathBuf], skip: &[&str]) -> Result<String> {
    let mut files = BTreeSet::new();
    for path in paths {
        files.extend(files_below(path, skip)?);
    }
    let mut hasher = Sha256::new();
    for file in &files {
        let contents = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        // With their lengths, so that nothing can move from a name to its contents unnoticed.
        for part in [file.as_os_str().as_encoded_bytes(), &contents] {
            hasher.update(part.len().to_le_bytes());
            hasher.update(part);
        }
    }
    Ok(format!("{:x}", hasher.finalize()))
}

/// All files below a folder, sorted. A file is below itself, and below what does not exist is nothing.
///
/// Left out is what `skip` names: a file or folder by its name, or `*.extension`.
pub(crate) fn files_below(path: &Path, skip: &[&str]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    collect(path, skip, &mut files)?;
    files.sort();
    Ok(files)
}

fn collect(path: &Path, skip: &[&str], files: &mut Vec<PathBuf>) -> Result<()> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(|| format!("cannot look at {}", path.display())),
    };
    if !metadata.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let entries = fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot list {}", path.display()))?;
        if !is_skipped(&entry.path(), skip) {
            collect(&entry.path(), skip, files)?;
        }
    }
    Ok(())
}

fn is_skipped(path: &Path, skip: &[&str]) -> bool {
    skip.iter().any(|pattern| match pattern.strip_prefix("*.") {
        Some(extension) => path.extension().is_some_and(|found| found == extension),
        None => path.file_name().is_some_and(|found| found == *pattern),
    })
}

/// Writes a file and the folders above it, but leaves a file that has these contents already alone: its time
/// is what others (Cargo, Tauri) look at to see whether they must build again.
pub(crate) fn write_if_changed(file: &Path, contents: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|found| found == contents) {
        return Ok(());
    }
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    }
    fs::write(file, contents).with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        write_if_changed(&folder.path().join("a/one.rs"), b"1").unwrap();
        write_if_changed(&folder.path().join("a/target/junk"), b"x").unwrap();
        write_if_changed(&folder.path().join("a/out.wasm"), b"x").unwrap();
        folder
    }

    fn digest_of(folder: &tempfile::TempDir) -> String {
        digest(&[folder.path().to_owned()], &["target", "*.wasm"]).unwrap()
    }

    #[test]
    fn contents_and_names_count() {
        let folder = tree();
        let before = digest_of(&folder);
        assert_eq!(before, digest_of(&folder));

        fs::write(folder.path().join("a/one.rs"), b"2").unwrap();
        assert_ne!(before, digest_of(&folder));

        fs::write(folder.path().join("a/one.rs"), b"1").unwrap();
        assert_eq!(before, digest_of(&folder));

        fs::rename(folder.path().join("a/one.rs"), folder.path().join("a/two.rs")).unwrap();
        assert_ne!(before, digest_of(&folder));
    }

    #[test]
    fn skipped_names_do_not_count() {
        let folder = tree();
        let before = digest_of(&folder);
        fs::write(folder.path().join("a/target/junk"), b"y").unwrap();
        fs::write(folder.path().join("a/out.wasm"), b"y").unwrap();
        assert_eq!(before, digest_of(&folder));
    }

    #[test]
    fn a_stamp_lasts_until_an_output_changes() {
        let folder = tree();
        let output = folder.path().join("a/out.wasm");
        let file = folder.path().join("stamps/samples.json");
        assert_eq!(Stamp::read_intact(&file), None);

        let stamp = Stamp::new("rustup", "in".to_owned(), vec![output.clone()]).unwrap();
        stamp.write(&file).unwrap();
        assert_eq!(Stamp::read_intact(&file), Some(stamp));

        fs::remove_file(&output).unwrap();
        assert_eq!(Stamp::read_intact(&file), None);
    }

    #[test]
    fn an_unchanged_file_keeps_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("same");
        fs::write(&file, b"same").unwrap();
        let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
        fs::File::open(&file).unwrap().set_modified(old).unwrap();
        write_if_changed(&file, b"same").unwrap();
        assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), old);
        write_if_changed(&file, b"new").unwrap();
        assert_ne!(fs::metadata(&file).unwrap().modified().unwrap(), old);
    }
}
