//! From a path to a workload with its components.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use jackfield_component::{Component, read_file};
use jackfield_protocol::{ComponentName, Error, ErrorKind, Problem};

use super::{ComponentSpec, Source, Workload, parse};

/// The name of the workload file in a folder.
pub const WORKLOAD_FILE_NAME: &str = "workload.toml";

/// Longer workload files are not read.
pub const MAX_WORKLOAD_FILE_IN_BYTES: u64 = 1 << 20;

/// A workload with the binaries of all its components.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The file, as it was read.
    pub text: String,
    /// What the file says.
    pub workload: Workload,
    /// The components that it names, in its order.
    pub components: IndexMap<ComponentName, Component>,
}

/// Where components come from that are not in files.
pub trait Sources {
    /// The component that an `oci://` reference or a name in the library means.
    ///
    /// # Errors
    /// If it is not on this machine; says how to get it.
    fn resolve(&self, source: &str) -> Result<Component, Error>;
}

/// There is no library: only files are sources.
#[derive(Debug, Clone, Copy, Default)]
pub struct OnlyFiles;

impl Sources for OnlyFiles {
    fn resolve(&self, source: &str) -> Result<Component, Error> {
        Err(Error::new(ErrorKind::WorkloadFile, format!("there is no library to look for `{source}` in"))
            .with_help("download the component and name its file: source = \"./NAME.wasm\""))
    }
}

/// Loads the workload at `path`: a workload file, or a folder that holds a `workload.toml`.
///
/// # Errors
/// If the file cannot be read, if it has problems, or if components cannot be read: all problems of
/// the file at once, or all unreadable components at once, each with its place in the file.
pub fn load(path: &Path, sources: &dyn Sources) -> Result<Loaded, Error> {
    let path = workload_file(path)?;
    load_text(read_text(&path)?, &path, sources, None)
}

/// Loads the workload that `text` would be in the file `path`.
///
/// Components that `known` has from the same source are taken from there and not read again.
///
/// # Errors
/// As [`load`], but for what concerns reading the file.
pub fn load_text(
    text: String,
    path: &Path,
    sources: &dyn Sources,
    known: Option<&Loaded>,
) -> Result<Loaded, Error> {
    let workload = parse(&text, path).map_err(|problems| {
        let message = format!("{} in the workload file", count(problems.len(), "problem"));
        Error::new(ErrorKind::WorkloadFile, message).with_problems(problems)
    })?;
    let components = read_components(&workload, sources, known)?;
    Ok(Loaded { text, workload, components })
}

fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// The file that `path` means.
fn workload_file(path: &Path) -> Result<PathBuf, Error> {
    let metadata = fs::metadata(path).map_err(|error| file_error(&error, path))?;
    if metadata.is_file() {
        return Ok(path.to_owned());
    }
    if !metadata.is_dir() {
        return Err(Error::new(ErrorKind::File, format!("not an ordinary file: {}", path.display())));
    }
    let inside = path.join(WORKLOAD_FILE_NAME);
    if inside.is_file() {
        return Ok(inside);
    }
    let problem = if inside.exists() { "a folder with no file" } else { "a folder with no" };
    let message = format!("{problem} `{WORKLOAD_FILE_NAME}` in it: {}", path.display());
    Err(Error::new(ErrorKind::File, message).with_help("name a workload file, or a folder that holds one"))
}

fn read_text(path: &Path) -> Result<String, Error> {
    let mut bytes = Vec::new();
    // One more byte than is allowed, to see whether there is more.
    File::open(path)
        .and_then(|file| file.take(MAX_WORKLOAD_FILE_IN_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| file_error(&error, path))?;
    let error = |message: &str| Error::new(ErrorKind::WorkloadFile, format!("{message}: {}", path.display()));
    if bytes.starts_with(b"\0asm") {
        let file = path.file_name().unwrap_or(path.as_os_str()).display();
        return Err(error("a WebAssembly binary, not a workload file").with_help(format!(
            "look at it with `jack inspect`, or write a {WORKLOAD_FILE_NAME} beside it with name = \"…\" and, \
             under [components.NAME], source = \"./{file}\""
        )));
    }
    if bytes.len() as u64 > MAX_WORKLOAD_FILE_IN_BYTES {
        return Err(error(&format!(
            "longer than {MAX_WORKLOAD_FILE_IN_BYTES} bytes, which is too long for a workload file"
        )));
    }
    String::from_utf8(bytes).map_err(|_| {
        error("not text in UTF-8, and so not a workload file")
            .with_help("a workload file is TOML text; if it is one, save it in UTF-8")
    })
}

fn file_error(error: &io::Error, path: &Path) -> Error {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            Error::new(ErrorKind::File, format!("no such file: {path}")).with_help("check the path")
        }
        io::ErrorKind::PermissionDenied => {
            Error::new(ErrorKind::File, format!("no permission to read the file: {path}"))
                .with_help("give yourself the right to read it (on Unix: `chmod u+r FILE`)")
        }
        _ => Error::new(ErrorKind::File, format!("the file cannot be read ({error}): {path}")),
    }
}

fn read_components(
    workload: &Workload,
    sources: &dyn Sources,
    known: Option<&Loaded>,
) -> Result<IndexMap<ComponentName, Component>, Error> {
    let mut components = IndexMap::new();
    // Two components can be instances of one binary.
    let mut read: HashMap<&Source, Component> = known.map(by_source).unwrap_or_default();
    let mut problems = Vec::new();
    let mut kind = None;
    for (name, spec) in &workload.components {
        let component = match (read.get(&spec.source), &spec.source) {
            (Some(component), _) => Ok(component.clone()),
            (None, Source::File(path)) => read_file(path).map_err(Error::from),
            (None, Source::Oci(_) | Source::Alias(_)) => sources.resolve(&spec.source_text),
        };
        match component {
            Ok(component) => {
                read.insert(&spec.source, component.clone());
                components.insert(name.clone(), component);
            }
            Err(error) => {
                kind.get_or_insert(error.kind);
                let message = format!("component `{name}`: {}", error.message);
                problems.push(Problem { message, ..problem(workload, spec, error) });
            }
        }
    }
    let Some(kind) = kind else { return Ok(components) };
    let message = format!("{} of the workload cannot be read", count(problems.len(), "component"));
    Err(Error::new(kind, message).with_problems(problems))
}

fn by_source(loaded: &Loaded) -> HashMap<&Source, Component> {
    let specs = loaded.workload.components.iter();
    specs.filter_map(|(name, spec)| Some((&spec.source, loaded.components.get(name)?.clone()))).collect()
}

fn problem(workload: &Workload, spec: &ComponentSpec, error: Error) -> Problem {
    Problem {
        message: error.message,
        help: error.help,
        pull: error.pull.map(String::from),
        path: workload.path.display().to_string(),
        line: spec.source_place.map(|place| place.line),
        column: spec.source_place.map(|place| place.column),
    }
}
