//! Notices that component files have changed, when it is asked to look.
//!
//! Looking is asking the file system for a few times and lengths, which takes microseconds; so it is
//! done at every call, and a call never runs code that is older than its file. Nothing watches in
//! between: an idle workload uses no CPU, and it is the same on every system and every file system.
//!
//! A file that was written a moment ago may be written again without its time changing, as times are
//! only so fine. So such a file is read again, until its time is long enough ago.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use jackfield_component::{Component, read_file};
use jackfield_protocol::{Digest, Error};
use sha2::{Digest as _, Sha256};

/// Times of files are at least this fine, on the file systems in use; FAT's are the coarsest.
const COARSEST_TIME: Duration = Duration::from_secs(2);

/// What a file looks like from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    /// Whether a later change is sure to change the stamp.
    is_settled: bool,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        let modified = metadata.modified().ok();
        let age = modified.and_then(|modified| SystemTime::now().duration_since(modified).ok());
        Some(Self {
            modified,
            length: metadata.len(),
            is_settled: age.is_some_and(|age| age > COARSEST_TIME),
        })
    }

    fn is_same(&self, other: &Self) -> bool {
        (self.modified, self.length) == (other.modified, other.length)
    }
}

struct Known {
    digest: Digest,
    /// None before it was read for the first time here.
    stamp: Option<Stamp>,
}

/// The files of a workload, as they were when they were read last.
pub(crate) struct Files(HashMap<PathBuf, Known>);

/// A file that is another now.
pub(crate) struct Changed {
    pub(crate) path: PathBuf,
    /// The component in it, or why there is none.
    pub(crate) component: Result<Component, Error>,
}

impl Files {
    /// The files, each with the component that was read from it some time ago.
    pub(crate) fn new(files: impl IntoIterator<Item = (PathBuf, Digest)>) -> Self {
        let known = |(path, digest)| (path, Known { digest, stamp: None });
        Self(files.into_iter().map(known).collect())
    }

    /// Reads what has changed since the last time, in the order of the paths. What cannot be read is
    /// told once, and not again before it changes.
    pub(crate) fn changed(&mut self) -> Vec<Changed> {
        let mut changed: Vec<_> = self.0.iter_mut().filter_map(|(path, known)| look(path, known)).collect();
        changed.sort_by(|a, b| a.path.cmp(&b.path));
        changed
    }
}

fn look(path: &Path, known: &mut Known) -> Option<Changed> {
    // A file that is gone for a moment is about to be replaced: what runs goes on until there is one.
    let stamp = Stamp::of(path)?;
    let is_same = known.stamp.is_some_and(|known| known.is_same(&stamp));
    if is_same && known.stamp.is_some_and(|known| known.is_settled) {
        return None;
    }
    known.stamp = Some(stamp);
    if digest(path).is_some_and(|digest| digest == known.digest) {
        return None;
    }
    match read_file(path).map_err(Error::from) {
        Ok(component) if component.info().digest == known.digest => None,
        Ok(component) => {
            known.digest = component.info().digest.clone();
            Some(Changed { path: path.to_owned(), component: Ok(component) })
        }
        // While it is the same it was told already, or is being written.
        Err(_) if is_same => None,
        Err(error) => Some(Changed { path: path.to_owned(), component: Err(error) }),
    }
}

/// The digest of a file's bytes, which is quicker to get than a component.
fn digest(path: &Path) -> Option<Digest> {
    let mut hasher = Sha256::new();
    io::copy(&mut fs::File::open(path).ok()?, &mut hasher).ok()?;
    Some(Digest::from_sha256(hasher.finalize().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(text: &str) -> Vec<u8> {
        wat::parse_str(text).unwrap()
    }

    fn settle(path: &Path) {
        let long_ago = SystemTime::now() - Duration::from_secs(60);
        fs::File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
    }

    #[test]
    fn a_change_is_noticed_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wasm");
        fs::write(&path, component("(component)")).unwrap();
        let digest = read_file(&path).unwrap().info().digest.clone();
        let mut files = Files::new([(path.clone(), digest)]);
        assert!(files.changed().is_empty());

        // Of the same length, and within the same tick of the clock.
        for name in ["a", "b"] {
            fs::write(&path, component(&format!("(component (core module ${name}))"))).unwrap();
            let changed = files.changed();
            assert!(matches!(changed.as_slice(), [Changed { component: Ok(_), .. }]));
            assert!(files.changed().is_empty());
        }
        settle(&path);
        assert!(files.changed().is_empty(), "another time, and the same bytes");
        assert!(files.0.values().all(|known| known.stamp.is_some_and(|stamp| stamp.is_settled)));

        fs::write(&path, "half of").unwrap();
        assert!(matches!(files.changed().as_slice(), [Changed { component: Err(_), .. }]));
        assert!(files.changed().is_empty(), "told once");
        fs::remove_file(&path).unwrap();
        assert!(files.changed().is_empty());
        fs::write(&path, component("(component)")).unwrap();
        assert_eq!(files.changed().len(), 1);
    }
}
