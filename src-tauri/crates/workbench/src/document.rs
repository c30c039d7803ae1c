//! The text of an open workload, and all that it was before.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jackfield_host::workload::{Loaded, WORKLOAD_FILE_NAME, move_to};
use jackfield_protocol::{Error, ErrorKind};

/// How problems name a workload that has no file yet.
pub(crate) const UNSAVED: &str = "unsaved workload";

/// How many earlier texts are kept.
const MAX_REVISIONS: usize = 1000;

/// A workload's text with its history.
#[derive(Debug)]
pub(crate) struct Document {
    loaded: Arc<Loaded>,
    revision: u64,
    last_revision: u64,
    texts: BTreeMap<u64, Arc<str>>,
    /// What the file says, if there is a file.
    saved: Option<Arc<str>>,
}

impl Document {
    /// A workload as its file has it.
    pub(crate) fn saved(loaded: Loaded) -> Self {
        let saved = Some(Arc::from(loaded.text.as_str()));
        Self { saved, ..Self::unsaved(loaded) }
    }

    /// A workload that has no file.
    pub(crate) fn unsaved(loaded: Loaded) -> Self {
        let text = Arc::from(loaded.text.as_str());
        let texts = BTreeMap::from([(1, text)]);
        Self { loaded: Arc::new(loaded), revision: 1, last_revision: 1, texts, saved: None }
    }

    pub(crate) fn loaded(&self) -> &Arc<Loaded> {
        &self.loaded
    }

    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// Its file, if it has one.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.saved.as_ref().map(|_| self.loaded.workload.path.as_path())
    }

    pub(crate) fn is_modified(&self) -> bool {
        self.saved.as_deref() != Some(self.loaded.text.as_str())
    }

    /// The text that it had at a revision.
    pub(crate) fn text_at(&self, revision: u64) -> Option<Arc<str>> {
        self.texts.get(&revision).cloned()
    }

    /// Takes over a change, and gives the new revision.
    pub(crate) fn change(&mut self, loaded: Loaded) -> u64 {
        if loaded.text != self.loaded.text {
            self.last_revision += 1;
            self.revision = self.last_revision;
            self.texts.insert(self.revision, Arc::from(loaded.text.as_str()));
            while self.texts.len() > MAX_REVISIONS {
                self.texts.pop_first();
            }
        }
        self.loaded = Arc::new(loaded);
        self.revision
    }

    /// Goes to a revision whose text was loaded.
    pub(crate) fn restore(&mut self, revision: u64, loaded: Loaded) {
        self.loaded = Arc::new(loaded);
        self.revision = revision;
    }

    /// Takes over what its file says now.
    pub(crate) fn reload(&mut self, loaded: Loaded) {
        self.saved = Some(Arc::from(loaded.text.as_str()));
        self.change(loaded);
    }

    /// What a save would write, and where to.
    pub(crate) fn to_save(&self, path: Option<&str>) -> Result<Save, Error> {
        let own = self.path();
        let to = match (path, own) {
            (Some(path), _) => target(path)?,
            (None, Some(own)) => own.to_owned(),
            (None, None) => {
                return Err(Error::new(ErrorKind::Request, "the workload has no file yet")
                    .with_help("say which file to save it to"));
            }
        };
        let is_own = own == Some(to.as_path());
        let text = if is_own {
            self.loaded.text.clone()
        } else {
            move_to(&self.loaded.text, &self.loaded.workload.path, &to)?
        };
        let expected = if is_own { self.saved.clone() } else { None };
        Ok(Save { text, to, expected })
    }

    /// Takes note of what was written.
    pub(crate) fn was_saved(&mut self, loaded: Loaded) {
        self.saved = Some(Arc::from(loaded.text.as_str()));
        // Another folder can need other paths: a change like any other.
        self.change(loaded);
    }
}

/// A text on its way to a file.
#[derive(Debug)]
pub(crate) struct Save {
    pub(crate) text: String,
    pub(crate) to: PathBuf,
    /// What the file must still say, so that nobody's work is overwritten.
    expected: Option<Arc<str>>,
}

impl Save {
    /// Writes the file, as a whole or not at all.
    pub(crate) fn write(&self) -> Result<(), Error> {
        // Through a link, to what it leads to.
        let file = fs::canonicalize(&self.to).unwrap_or_else(|_| self.to.clone());
        let now = fs::read_to_string(&file).ok();
        if let (Some(expected), Some(now)) = (self.expected.as_deref(), now)
            && now != expected
            && now != self.text
        {
            let message = format!("something else has changed the file since: {}", self.to.display());
            return Err(Error::new(ErrorKind::File, message)
                .with_help("save under another name, or close the workload and open it again"));
        }
        self.replace(&file).map_err(|error| {
            Error::new(
                ErrorKind::File,
                format!("the file cannot be written ({error}): {}", self.to.display()),
            )
            .with_help("check that the folder is there and may be written to")
        })
    }

    fn replace(&self, file: &Path) -> std::io::Result<()> {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut new = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        new.write_all(self.text.as_bytes())?;
        new.as_file().sync_all()?;
        // A temporary file is its owner's alone; a workload file is as open as the one that it replaces.
        match fs::metadata(file) {
            Ok(old) => new.as_file().set_permissions(old.permissions())?,
            Err(_) => make_ordinary(new.as_file())?,
        }
        new.persist(file)?;
        Ok(())
    }
}

#[cfg(unix)]
fn make_ordinary(file: &fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_ordinary(_file: &fs::File) -> std::io::Result<()> {
    Ok(())
}

/// The file that a path means: a folder's is its `workload.toml`.
fn target(path: &str) -> Result<PathBuf, Error> {
    let path = Path::new(path);
    let absolute = std::path::absolute(path).map_err(|error| {
        Error::new(ErrorKind::File, format!("not a usable path ({error}): {}", path.display()))
    })?;
    Ok(if absolute.is_dir() { absolute.join(WORKLOAD_FILE_NAME) } else { absolute })
}
