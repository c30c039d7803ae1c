//! Objects as files: a folder for each container, a file for each object.
//!
//! Links in there are neither: whatever they lead to is not the store's. Guests cannot make any, but a folder that came
//! from elsewhere may have some.

use std::{
    fs::{self, File},
    io::{self, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use tempfile::NamedTempFile;

use super::{
    name,
    store::{BlobError, ObjectId, ObjectInfo, Source, Store, Writer, length, seconds},
};
use crate::plugin::PluginError;

/// Where objects are while they are written. No container has this name, because theirs begin with no dot.
const PARTIAL: &str = ".partial";

/// What a program that was killed left in [`PARTIAL`] goes when it is this old.
const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Opens a folder, which is made if it is not there.
    pub(super) fn open(path: &Path) -> Result<Self, PluginError> {
        let error = |error: io::Error| {
            PluginError::new(format!(
                "the folder cannot be used ({error}); set another `path` in [host.\"wasi:blobstore\"]: {}",
                path.display()
            ))
        };
        fs::create_dir_all(path.join(PARTIAL)).map_err(error)?;
        let root = path.canonicalize().map_err(error)?;
        if !fs::symlink_metadata(root.join(PARTIAL)).map_err(error)?.is_dir() {
            return Err(error(is_link(PARTIAL)));
        }
        remove_leftovers(&root.join(PARTIAL)).map_err(error)?;
        Ok(Self { root })
    }

    fn place(&self, container: &str) -> Result<PathBuf, BlobError> {
        Ok(self.root.join(name::to_file(container)?))
    }

    /// The folder of a container that is there.
    fn existing(&self, container: &str) -> Result<PathBuf, BlobError> {
        let place = self.place(container)?;
        match metadata(&place)? {
            Some(metadata) if metadata.is_dir() => Ok(place),
            Some(metadata) if metadata.is_symlink() => Err(is_link(container).into()),
            _ => Err(BlobError::NoContainer(container.to_owned())),
        }
    }

    fn file(&self, id: &ObjectId) -> Result<PathBuf, BlobError> {
        Ok(self.existing(&id.container)?.join(name::to_file(&id.object)?))
    }
}

fn remove_leftovers(partial: &Path) -> io::Result<()> {
    let now = SystemTime::now();
    for entry in fs::read_dir(partial)? {
        let entry = entry?;
        let age = entry.metadata().and_then(|metadata| metadata.modified()).map(|at| now.duration_since(at));
        if matches!(age, Ok(Ok(age)) if age > MAX_AGE) {
            // Somebody else may have removed it meanwhile.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// Has the disk remember which names a folder has, without which a new name could be lost with the power.
#[cfg(unix)]
fn settle(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere, a folder cannot be opened for that.
#[cfg(not(unix))]
fn settle(_folder: &Path) -> io::Result<()> {
    Ok(())
}

fn is_link(name: &str) -> io::Error {
    let text = format!("there is a link in the place of `{name}`, and links are not followed");
    io::Error::new(io::ErrorKind::PermissionDenied, text)
}

/// Of what is there itself, and not of what it leads to; none if there is nothing.
fn metadata(path: &Path) -> io::Result<Option<fs::Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl Store for Folder {
    fn may_wait(&self) -> bool {
        true
    }

    fn create_container(&self, container: &str) -> Result<(), BlobError> {
        match fs::create_dir(self.place(container)?) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(BlobError::ContainerExists(container.to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn container(&self, container: &str) -> Result<Option<u64>, BlobError> {
        let metadata = metadata(&self.place(container)?)?.filter(fs::Metadata::is_dir);
        Ok(metadata.map(|metadata| metadata.modified()).transpose()?.map(seconds))
    }

    /// Only what is an object goes: a folder in which somebody keeps other things stays, and so do they.
    fn delete_container(&self, container: &str) -> Result<(), BlobError> {
        let objects = self.list(container)?;
        self.delete_objects(container, &objects)?;
        Ok(fs::remove_dir(self.existing(container)?)?)
    }

    fn list(&self, container: &str) -> Result<Vec<String>, BlobError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.existing(container)?)? {
            let entry = entry?;
            if let Some(name) = entry.file_name().to_str().and_then(name::from_file)
                && metadata(&entry.path())?.is_some_and(|metadata| metadata.is_file())
            {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn info(&self, id: &ObjectId) -> Result<Option<ObjectInfo>, BlobError> {
        let Some(metadata) = metadata(&self.file(id)?)?.filter(fs::Metadata::is_file) else {
            return Ok(None);
        };
        let created_at = seconds(metadata.modified()?);
        Ok(Some(ObjectInfo { created_at, size_in_bytes: metadata.len() }))
    }

    fn read(&self, id: &ObjectId, start: u64, end: u64) -> Result<Source, BlobError> {
        let path = self.file(id)?;
        match metadata(&path)? {
            None => return Err(BlobError::NoObject(id.clone())),
            Some(metadata) if metadata.is_symlink() => return Err(is_link(&id.object).into()),
            Some(_) => {}
        }
        let mut file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(BlobError::NoObject(id.clone()));
            }
            file => file?,
        };
        let size_in_bytes = length(file.metadata()?.len(), start, end);
        if size_in_bytes > 0 {
            file.seek(SeekFrom::Start(start))?;
        }
        Ok(Source::File { file, size_in_bytes })
    }

    fn writer(&self) -> Result<Box<dyn Writer>, BlobError> {
        let file = NamedTempFile::new_in(self.root.join(PARTIAL))?;
        Ok(Box::new(FileWriter { file, root: self.root.clone() }))
    }

    fn delete_objects(&self, container: &str, objects: &[String]) -> Result<(), BlobError> {
        let folder = self.existing(container)?;
        for object in objects {
            match fs::remove_file(folder.join(name::to_file(object)?)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }

    fn copy(&self, from: &ObjectId, to: &ObjectId) -> Result<(), BlobError> {
        let Source::File { mut file, .. } = self.read(from, 0, u64::MAX)? else {
            return Err(BlobError::NoObject(from.clone()));
        };
        let mut copy = NamedTempFile::new_in(self.root.join(PARTIAL))?;
        io::copy(&mut file, &mut copy)?;
        Box::new(FileWriter { file: copy, root: self.root.clone() }).finish(to)
    }

    fn rename(&self, from: &ObjectId, to: &ObjectId) -> Result<(), BlobError> {
        let (old, new) = (self.file(from)?, self.file(to)?);
        if metadata(&old)?.is_some_and(|metadata| metadata.is_symlink()) {
            return Err(is_link(&from.object).into());
        }
        match fs::rename(old, new) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(BlobError::NoObject(from.clone())),
            done => {
                done?;
                for id in [from, to] {
                    settle(&self.existing(&id.container)?)?;
                }
                Ok(())
            }
        }
    }
}

struct FileWriter {
    file: NamedTempFile,
    root: PathBuf,
}

impl Writer for FileWriter {
    fn write(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        Ok(self.file.write_all(bytes)?)
    }

    fn finish(self: Box<Self>, id: &ObjectId) -> Result<(), BlobError> {
        let path = Folder { root: self.root }.file(id)?;
        self.file.as_file().sync_all()?;
        self.file.persist(&path).map_err(|error| error.error)?;
        Ok(path.parent().map_or(Ok(()), settle)?)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn id(container: &str, object: &str) -> ObjectId {
        ObjectId { container: container.to_owned(), object: object.to_owned() }
    }

    #[test]
    fn links_in_the_folder_lead_nowhere() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let secret = elsewhere.path().join("secret");
        fs::write(&secret, "secret").unwrap();
        let store = Folder::open(folder.path()).unwrap();
        store.create_container("real").unwrap();
        fs::write(folder.path().join("real/plain"), "plain").unwrap();
        symlink(&secret, folder.path().join("real/link")).unwrap();
        symlink(elsewhere.path(), folder.path().join("outside")).unwrap();

        assert_eq!(store.list("real").unwrap(), ["plain"]);
        assert!(store.info(&id("real", "link")).unwrap().is_none());
        assert!(store.container("outside").unwrap().is_none());
        let write = |id: &ObjectId| {
            let mut writer = store.writer().unwrap();
            writer.write(b"new").unwrap();
            writer.finish(id)
        };
        for refused in [
            store.read(&id("real", "link"), 0, 10).map(drop),
            store.read(&id("outside", "secret"), 0, 10).map(drop),
            store.copy(&id("real", "link"), &id("real", "copy")),
            store.rename(&id("real", "link"), &id("real", "moved")),
            store.list("outside").map(drop),
            store.delete_objects("outside", &["secret".to_owned()]),
            write(&id("outside", "made")),
        ] {
            let error = refused.unwrap_err().to_string();
            assert!(error.contains("links are not followed"), "{error}");
        }
        // What is written takes the place of the link, and not of what it leads to.
        write(&id("real", "link")).unwrap();
        assert_eq!(store.list("real").unwrap(), ["link", "plain"]);
        assert_eq!(fs::read_to_string(&secret).unwrap(), "secret");
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1);
        assert!(Folder::open(folder.path()).is_ok());

        fs::remove_dir(folder.path().join(PARTIAL)).unwrap();
        symlink(elsewhere.path(), folder.path().join(PARTIAL)).unwrap();
        assert!(Folder::open(folder.path()).is_err());
    }
}
