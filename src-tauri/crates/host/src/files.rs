//! Notices that component files have changed, when it is asked to look.
//!
//! Looking is asking the file system for a few times and lengths, which takes less than a microsecond; so it is
//! done at every call, and a call never runs code that is older than its file. Nothing watches in
//! between: an idle workload uses no CPU, and it is the same on every system and every file system.
//!
//! A file that was written a moment ago may be written again without its time changing, as times are
//! only so fine. So such a file is read again, until its time is long enough ago.
//!
//! Most of the time goes into following the path. So a file is kept open, and asked itself: it tells when it was
//! written, and when another took its name. Only what happens further up, to a folder or a symbolic link, it does
//! not know, and so its path is followed again after a moment.

use std::{
    collections::HashMap,
    fs::{self, File, Metadata},
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use jackfield_component::{Component, read_file};
use jackfield_protocol::{Digest, Error};
use sha2::{Digest as _, Sha256};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Times of files are at least this fine, on the file systems in use; FAT's are the coarsest.
const COARSEST_TIME: Duration = Duration::from_secs(2);

/// How long a path leads to the same file at least, while the file itself says so.
const MOMENT: Duration = Duration::from_millis(20);

/// A file that is gone for a moment is about to be replaced; one that is gone for longer is not.
const ABSENCE: Duration = Duration::from_secs(5);

/// What is left of the files that are kept open: few beside the 1024 that a process may commonly have. The paths of
/// those beyond are followed at every call.
static OPEN: Semaphore = Semaphore::const_new(128);

/// What a file looks like from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    /// None where the system does not tell.
    identity: Option<Identity>,
}

/// Which file it is, and what changes when it is written, or its name is given to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    names: u64,
    changed: (i64, i64),
}

impl Identity {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            names: metadata.nlink(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }

    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Option<Self> {
        None
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().ok();
        Self { modified, length: metadata.len(), identity: Identity::of(metadata) }
    }

    /// Whether a later change is sure to change the stamp.
    fn is_settled(&self) -> bool {
        let age = self.modified.and_then(|modified| SystemTime::now().duration_since(modified).ok());
        age.is_some_and(|age| age > COARSEST_TIME)
    }
}

/// A file that is kept open.
struct Open {
    file: File,
    stamp: Stamp,
    _permit: SemaphorePermit<'static>,
}

impl Open {
    /// Keeps the file open that looks like `stamp`; none if it is another by now, or would not tell.
    fn new(path: &Path, stamp: Stamp) -> Option<Self> {
        stamp.identity?;
        let permit = OPEN.try_acquire().ok()?;
        let open = Self { file: File::open(path).ok()?, stamp, _permit: permit };
        open.is_same().then_some(open)
    }

    /// Whether it was not written since, and has its name still.
    fn is_same(&self) -> bool {
        self.file.metadata().is_ok_and(|metadata| Stamp::of(&metadata) == self.stamp)
    }
}

struct Known {
    digest: Digest,
    /// As it was when it was read last. None before it was read for the first time here.
    stamp: Option<Stamp>,
    /// Whether a later change is sure to change the stamp.
    is_settled: bool,
    /// Only what is settled.
    open: Option<Open>,
    absence: Absence,
}

impl Known {
    fn new(digest: Digest) -> Self {
        Self { digest, stamp: None, is_settled: false, open: None, absence: Absence::None }
    }
}

/// Whether there is nothing at the path of a file.
#[derive(Debug, Clone, Copy)]
enum Absence {
    None,
    Since(Instant),
    Told,
}

/// The files of a workload, as they were when they were read last.
pub(crate) struct Files {
    files: HashMap<PathBuf, Known>,
    /// When their paths were followed last.
    followed: Option<Instant>,
}

/// A file that is another now.
pub(crate) struct Changed {
    pub(crate) path: PathBuf,
    /// The component in it, or why there is none.
    pub(crate) component: Result<Component, Error>,
}

impl Files {
    /// The files, each with the component that was read from it some time ago.
    pub(crate) fn new(files: impl IntoIterator<Item = (PathBuf, Digest)>) -> Self {
        let files = files.into_iter().map(|(path, digest)| (path, Known::new(digest)));
        Self { files: files.collect(), followed: None }
    }

    /// Reads what has changed since the last time, in the order of the paths. What cannot be read is
    /// told once, and not again before it changes.
    pub(crate) fn changed(&mut self) -> Vec<Changed> {
        let now = Instant::now();
        let is_recent = self.followed.is_some_and(|followed| now.duration_since(followed) < MOMENT);
        if !is_recent {
            self.followed = Some(now);
        }
        let is_same = |known: &Known| is_recent && known.open.as_ref().is_some_and(Open::is_same);
        let look = |(path, known): (&PathBuf, &mut Known)| {
            if is_same(known) { None } else { look(path, known, now) }
        };
        let mut changed: Vec<_> = self.files.iter_mut().filter_map(look).collect();
        changed.sort_by(|a, b| a.path.cmp(&b.path));
        changed
    }
}

fn look(path: &Path, known: &mut Known, now: Instant) -> Option<Changed> {
    let Ok(metadata) = fs::metadata(path) else { return missed(path, known, now) };
    known.absence = Absence::None;
    let stamp = Stamp::of(&metadata);
    let is_same = known.stamp == Some(stamp);
    if is_same && known.is_settled {
        if known.open.is_none() {
            known.open = Open::new(path, stamp);
        }
        return None;
    }
    // The age is that of before it is read.
    (known.stamp, known.is_settled, known.open) = (Some(stamp), stamp.is_settled(), None);
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

/// What runs goes on until there is a file again. Whoever waits for that should know after a while.
fn missed(path: &Path, known: &mut Known, now: Instant) -> Option<Changed> {
    match known.absence {
        Absence::None => known.absence = Absence::Since(now),
        Absence::Since(since) if now.duration_since(since) >= ABSENCE => {
            known.absence = Absence::Told;
            let error = read_file(path).err()?;
            return Some(Changed { path: path.to_owned(), component: Err(error.into()) });
        }
        Absence::Since(_) | Absence::Told => {}
    }
    None
}

/// The digest of a file's bytes, which is quicker to get than a component.
fn digest(path: &Path) -> Option<Digest> {
    let mut hasher = Sha256::new();
    io::copy(&mut File::open(path).ok()?, &mut hasher).ok()?;
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
        assert!(files.files.values().all(|known| known.is_settled));

        fs::write(&path, "half of").unwrap();
        assert!(matches!(files.changed().as_slice(), [Changed { component: Err(_), .. }]));
        assert!(files.changed().is_empty(), "told once");
        fs::remove_file(&path).unwrap();
        assert!(files.changed().is_empty());
        fs::write(&path, component("(component)")).unwrap();
        assert_eq!(files.changed().len(), 1);
    }

    #[test]
    fn a_file_that_stays_away_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wasm");
        fs::write(&path, component("(component)")).unwrap();
        let digest = read_file(&path).unwrap().info().digest.clone();
        let mut files = Files::new([(path.clone(), digest)]);
        for _ in 0..2 {
            fs::remove_file(&path).unwrap();
            assert!(files.changed().is_empty(), "it may come back at once");
            for known in files.files.values_mut() {
                known.absence = Absence::Since(Instant::now() - ABSENCE);
            }
            let changed = files.changed();
            let [Changed { component: Err(error), .. }] = changed.as_slice() else { panic!("not told") };
            assert!(error.message.contains("a.wasm"), "{error}");
            assert!(files.changed().is_empty(), "told once");
            fs::write(&path, component("(component)")).unwrap();
            assert!(files.changed().is_empty(), "it is what runs");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_kept_open_tells_when_it_is_no_longer_the_one() {
        let folder = tempfile::tempdir().unwrap();
        let in_folder = |name: &str| folder.path().join(name);
        let of_name = |name: &str| component(&format!("(component (core module ${name}))"));
        let write = |name: &str, module: &str| {
            fs::write(in_folder(name), of_name(module)).unwrap();
            settle(&in_folder(name));
        };
        write("a.wasm", "a");
        write("other.wasm", "b");
        std::os::unix::fs::symlink("a.wasm", in_folder("link.wasm")).unwrap();
        let paths = [in_folder("a.wasm"), in_folder("link.wasm")];
        let known = |path: &PathBuf| (path.clone(), read_file(path).unwrap().info().digest.clone());
        let mut files = Files::new(paths.iter().map(known));
        // First they are read, then kept open.
        for _ in 0..2 {
            files.followed = None;
            assert!(files.changed().is_empty());
        }
        let is_open = |files: &Files| files.files.values().all(|known| known.open.is_some());
        let changed = |files: &mut Files| {
            let changed = files.changed();
            assert!(changed.iter().all(|changed| changed.component.is_ok()));
            changed.into_iter().map(|changed| changed.path).collect::<Vec<_>>()
        };
        assert!(is_open(&files));

        files.followed = Some(Instant::now() + MOMENT);
        assert!(changed(&mut files).is_empty());
        fs::rename(in_folder("other.wasm"), &paths[0]).unwrap();
        assert_eq!(changed(&mut files), paths, "another file has the name");
        fs::write(&paths[0], of_name("c")).unwrap();
        assert_eq!(changed(&mut files), paths, "it is written");

        // The link leads elsewhere, which the file that it led to does not know.
        write("other.wasm", "d");
        fs::remove_file(&paths[1]).unwrap();
        std::os::unix::fs::symlink("other.wasm", &paths[1]).unwrap();
        files.followed = None;
        assert_eq!(changed(&mut files), [paths[1].clone()]);
    }
}
