//! Values in a file, which survive a restart and a kill.
//!
//! The file is a redb database. Every change is a transaction that is on the disk before the guest hears that
//! it was made.

use std::{
    collections::HashMap,
    fs,
    ops::Bound::{Excluded, Included, Unbounded},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use redb::{Database, DatabaseError, ReadableDatabase as _, ReadableTable as _, TableDefinition, TableError};

use super::store::{Change, Store, StoreError};
use crate::plugin::PluginError;

/// All values: bucket and key to value.
const VALUES: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("values");

/// How much of a file is kept in memory; without a limit, redb would take up to a gigabyte.
const CACHE_IN_BYTES: usize = 8 << 20;

/// The files that are open, so that workloads with the same file share it: redb lets nobody else in.
#[derive(Debug, Default)]
pub(super) struct Files {
    open: Mutex<HashMap<PathBuf, Weak<FileStore>>>,
}

#[derive(Debug)]
pub(super) struct FileStore {
    database: Database,
}

impl Files {
    /// Opens a file, which is made if it is not there.
    pub(super) fn open(&self, path: &Path) -> Result<Arc<FileStore>, PluginError> {
        let real = real_path(path).map_err(|error| {
            PluginError::new(format!("its folder cannot be made ({error}): {}", path.display()))
        })?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, file| file.strong_count() > 0);
        if let Some(file) = open.get(&real).and_then(Weak::upgrade) {
            return Ok(file);
        }
        let database = Database::builder()
            .set_cache_size(CACHE_IN_BYTES)
            .create(&real)
            .map_err(|error| cannot_open(error, path))?;
        let file = Arc::new(FileStore { database });
        open.insert(real, Arc::downgrade(&file));
        Ok(file)
    }
}

/// The same for every way to name the file.
fn real_path(path: &Path) -> std::io::Result<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let folder = folder.canonicalize()?;
    let file = path.file_name().map_or_else(|| folder.clone(), |name| folder.join(name));
    Ok(file.canonicalize().unwrap_or(file))
}

fn cannot_open(error: DatabaseError, path: &Path) -> PluginError {
    let path = path.display();
    PluginError::new(match error {
        DatabaseError::DatabaseAlreadyOpen => format!(
            "another program has the file open; stop it, or set another `path` in [host.\"wasi:keyvalue\"]: {path}"
        ),
        error => format!(
            "the file cannot be opened ({error}); set another `path` in [host.\"wasi:keyvalue\"], or remove the \
             file if nothing in it is needed: {path}"
        ),
    })
}

impl FileStore {
    fn write<T>(
        &self,
        work: impl FnOnce(
            &mut redb::Table<'_, (&'static str, &'static str), &'static [u8]>,
        ) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let transaction = self.database.begin_write().map_err(file_error)?;
        let done = work(&mut transaction.open_table(VALUES).map_err(file_error)?)?;
        transaction.commit().map_err(file_error)?;
        Ok(done)
    }

    /// `none` is the answer where nothing was ever written.
    fn read<T>(
        &self,
        none: T,
        work: impl FnOnce(
            &redb::ReadOnlyTable<(&'static str, &'static str), &'static [u8]>,
        ) -> Result<T, redb::StorageError>,
    ) -> Result<T, StoreError> {
        let transaction = self.database.begin_read().map_err(file_error)?;
        match transaction.open_table(VALUES) {
            Ok(table) => work(&table).map_err(file_error),
            Err(TableError::TableDoesNotExist(_)) => Ok(none),
            Err(error) => Err(file_error(error)),
        }
    }
}

#[allow(clippy::needless_pass_by_value, reason = "so that it fits into `map_err`")]
fn file_error(error: impl Into<redb::Error>) -> StoreError {
    StoreError::File { reason: error.into().to_string() }
}

impl Store for FileStore {
    fn may_wait(&self) -> bool {
        true
    }

    fn get(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(None, |table| Ok(table.get((bucket, key))?.map(|value| value.value().to_vec())))
    }

    fn change(&self, bucket: &str, changes: Vec<(String, Option<Vec<u8>>)>) -> Result<(), StoreError> {
        self.write(|table| {
            for (key, value) in &changes {
                let key = (bucket, key.as_str());
                match value {
                    Some(value) => table.insert(key, value.as_slice()).map(drop),
                    None => table.remove(key).map(drop),
                }
                .map_err(file_error)?;
            }
            Ok(())
        })
    }

    fn keys(
        &self,
        bucket: &str,
        after: Option<&str>,
        skip: u64,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let start = after.map_or(Included((bucket, "")), |after| Excluded((bucket, after)));
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        self.read(Vec::new(), |table| {
            let mut keys = Vec::new();
            let mut skipped = 0;
            for entry in table.range::<(&str, &str)>((start, Unbounded))? {
                let (place, _) = entry?;
                let (its_bucket, key) = place.value();
                if its_bucket != bucket || keys.len() >= limit {
                    break;
                }
                if skipped < skip {
                    skipped += 1;
                } else {
                    keys.push(key.to_owned());
                }
            }
            Ok(keys)
        })
    }

    fn update(&self, bucket: &str, key: &str, change: &mut Change<'_>) -> Result<(), StoreError> {
        self.write(|table| {
            let old = table.get((bucket, key)).map_err(file_error)?.map(|value| value.value().to_vec());
            if let Some(new) = change(old.as_deref())? {
                table.insert((bucket, key), new.as_slice()).map_err(file_error)?;
            }
            Ok(())
        })
    }
}
