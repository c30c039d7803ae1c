//! Manifests for wasmCloud's operator, from files to workloads.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use jackfield_host::workload::{Loaded, Sources, load_text};
use jackfield_protocol::{Error, ErrorKind, ImportFinding};

use crate::document::UNSAVED;

/// Longer manifests are not read.
const MAX_MANIFEST_IN_BYTES: u64 = 1 << 20;

/// Reads a manifest from a file, or from standard input if the path is `-`.
///
/// # Errors
/// If it cannot be read, is not text, or is too long.
pub fn read(path: &Path) -> Result<String, Error> {
    let name = path.display();
    let bytes = match path.as_os_str() == "-" {
        true => bounded(std::io::stdin().lock()),
        false => File::open(path).and_then(bounded),
    };
    let bytes = bytes.map_err(|error| {
        Error::new(ErrorKind::File, format!("the manifest cannot be read ({error}): {name}"))
            .with_help("check the path; `-` is standard input, in a terminal")
    })?;
    if bytes.len() as u64 > MAX_MANIFEST_IN_BYTES {
        let message =
            format!("longer than {MAX_MANIFEST_IN_BYTES} bytes, which is too long for a manifest: {name}");
        return Err(Error::new(ErrorKind::File, message));
    }
    String::from_utf8(bytes).map_err(|_| {
        Error::new(ErrorKind::File, format!("not text in UTF-8, and so not a manifest: {name}"))
            .with_help("a manifest is YAML text")
    })
}

/// One more byte than is allowed, to see whether there is more.
fn bounded(source: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MAX_MANIFEST_IN_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The workload that a manifest describes, and what of the manifest is not in it.
pub(crate) fn load(path: &Path, sources: &dyn Sources) -> Result<(Loaded, Vec<ImportFinding>), Error> {
    let text = read(path)?;
    let imported = jackfield_export::import(&text, &path.display().to_string())?;
    let loaded = load_text(imported.text, Path::new(UNSAVED), sources, None)?;
    Ok((loaded, imported.findings))
}
