//! Values by bucket and key: in the folder `/keyvalue`, if there is one (`wasmtime run --dir ./values::/keyvalue`), so
//! that they are there in the next run, too; otherwise in memory, for as long as the instance lives.
//!
//! A bucket is a folder, a value a file. A value is written beside its place and moved there when it is whole.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Result};
use std::path::{Path, PathBuf};

const FOLDER: &str = "/keyvalue";
/// No key's file has this name.
const PARTIAL: &str = ".partial";

type Buckets = BTreeMap<String, BTreeMap<String, Vec<u8>>>;

thread_local! {
    static MEMORY: RefCell<Buckets> = const { RefCell::new(BTreeMap::new()) };
}

/// The folder of a bucket, if values are kept in files.
fn folder(bucket: &str) -> Option<PathBuf> {
    let folder = Path::new(FOLDER);
    folder.is_dir().then(|| folder.join(to_file(bucket)))
}

/// What is not there is nothing.
fn found<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

pub(crate) fn get(bucket: &str, key: &str) -> Result<Option<Vec<u8>>> {
    match folder(bucket) {
        Some(folder) => found(fs::read(folder.join(to_file(key)))),
        None => Ok(MEMORY.with_borrow(|all| all.get(bucket)?.get(key).cloned())),
    }
}

/// Gives a key a value, or takes it away.
pub(crate) fn set(bucket: &str, key: &str, value: Option<Vec<u8>>) -> Result<()> {
    match (folder(bucket), value) {
        (Some(folder), Some(value)) => {
            fs::create_dir_all(&folder)?;
            let partial = folder.join(PARTIAL);
            fs::write(&partial, value)?;
            fs::rename(partial, folder.join(to_file(key)))
        }
        (Some(folder), None) => found(fs::remove_file(folder.join(to_file(key)))).map(drop),
        (None, value) => {
            MEMORY.with_borrow_mut(|all| {
                let bucket = all.entry(bucket.to_owned()).or_default();
                match value {
                    Some(value) => drop(bucket.insert(key.to_owned(), value)),
                    None => drop(bucket.remove(key)),
                }
            });
            Ok(())
        }
    }
}

/// The keys of a bucket, in their order.
pub(crate) fn keys(bucket: &str) -> Result<Vec<String>> {
    let Some(folder) = folder(bucket) else {
        let keys = |all: &Buckets| all.get(bucket).map(|it| it.keys().cloned().collect());
        return Ok(MEMORY.with_borrow(keys).unwrap_or_default());
    };
    let Some(files) = found(fs::read_dir(folder))? else { return Ok(Vec::new()) };
    let mut keys = Vec::new();
    for file in files {
        keys.extend(file?.file_name().to_str().and_then(from_file));
    }
    keys.sort();
    Ok(keys)
}

/// A name that no path misunderstands: all but letters and digits is written as `%` and two digits.
fn to_file(name: &str) -> String {
    let byte = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    if name.is_empty() { "%".to_owned() } else { name.bytes().map(byte).collect() }
}

/// The name that a file's name stands for; none if it stands for none.
fn from_file(file: &str) -> Option<String> {
    let mut parts = file.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts.filter(|_| file != "%") {
        let (digits, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend(rest.bytes());
    }
    String::from_utf8(bytes).ok().filter(|name| to_file(name) == file)
}
