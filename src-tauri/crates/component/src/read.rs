//! From a path or from bytes to a [`Component`].

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use jackfield_protocol::{ComponentInfo, Digest};
use sha2::{Digest as _, Sha256};

use crate::decode::decode;
use crate::header;
use crate::{Component, ReadError, ReadProblem};

/// Longer files are not read: 1 GiB, which is also the longest module that the validator takes.
pub const MAX_COMPONENT_IN_BYTES: u64 = 1 << 30;

/// Reads the component in the file at `path`.
///
/// What is not a component is refused by its first bytes, however long it is.
///
/// # Errors
/// Whatever is wrong with the file; see [`ReadProblem`].
pub fn read_file(path: &Path) -> Result<Component, ReadError> {
    load(path).and_then(read).map_err(|problem| ReadError::of_file(problem, path))
}

/// Reads the component that `bytes` are.
///
/// # Errors
/// Whatever is wrong with the bytes; see [`ReadProblem`].
pub fn read_bytes(bytes: Vec<u8>) -> Result<Component, ReadError> {
    read(bytes).map_err(ReadError::of_bytes)
}

fn load(path: &Path) -> Result<Vec<u8>, ReadProblem> {
    // Before opening: opening a pipe waits for its other end.
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(ReadProblem::Folder);
    }
    if !metadata.is_file() {
        return Err(ReadProblem::NotAFile);
    }
    let mut file = File::open(path)?;
    let mut bytes = Vec::new();
    (&mut file).take(header::HEAD_IN_BYTES as u64).read_to_end(&mut bytes)?;
    header::check(&bytes)?;
    let size_in_bytes = metadata.len();
    if size_in_bytes > MAX_COMPONENT_IN_BYTES {
        return Err(ReadProblem::TooLarge { size_in_bytes });
    }
    // The limit holds for a file that grows in the meantime, too.
    file.take(MAX_COMPONENT_IN_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn read(bytes: Vec<u8>) -> Result<Component, ReadProblem> {
    header::check(bytes.get(..header::HEAD_IN_BYTES).unwrap_or(&bytes))?;
    let decoded = decode(&bytes)?;
    let info = ComponentInfo {
        digest: Digest::from_sha256(Sha256::digest(&bytes).into()),
        size_in_bytes: bytes.len() as u64,
        ports: decoded.ports,
        producers: decoded.producers,
    };
    Ok(Component::new(info, decoded.types, bytes))
}
