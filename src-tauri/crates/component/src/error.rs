//! Why a file could not be read as a component, and what its owner can do about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use jackfield_protocol::{Error, ErrorKind};

/// A file or some bytes that could not be read as a component.
///
/// Displays as the problem with the path last: `a core module, not a component: ./square.wasm`.
#[derive(Debug)]
pub struct ReadError {
    /// What is wrong.
    pub problem: ReadProblem,
    /// The file, as it was named; none for bytes.
    pub path: Option<PathBuf>,
}

impl ReadError {
    pub(crate) fn of_file(problem: ReadProblem, path: &Path) -> Self {
        Self { problem, path: Some(path.to_owned()) }
    }

    pub(crate) fn of_bytes(problem: ReadProblem) -> Self {
        Self { problem, path: None }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{}: {}", self.problem, path.display()),
            None => self.problem.fmt(f),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        let wrapped = Self::new(error.problem.kind(), error.to_string());
        match error.problem.help() {
            Some(help) => wrapped.with_help(help),
            None => wrapped,
        }
    }
}

/// What is wrong with a file that is not a component.
#[derive(Debug, thiserror::Error)]
pub enum ReadProblem {
    /// Nothing is there.
    #[error("no such file")]
    NotFound,
    /// The user may not read it.
    #[error("no permission to read the file")]
    NotPermitted,
    /// The operating system reported something else.
    #[error("the file cannot be read ({0})")]
    Unreadable(io::Error),
    /// It is a folder.
    #[error("a folder, not a component")]
    Folder,
    /// It is a device, a pipe or a socket, which might never end.
    #[error("not an ordinary file")]
    NotAFile,
    /// It is longer than [`crate::MAX_COMPONENT_IN_BYTES`].
    #[error("{size_in_bytes} bytes long, more than the {} that are read", crate::MAX_COMPONENT_IN_BYTES)]
    TooLarge {
        /// How long it is.
        size_in_bytes: u64,
    },
    /// It has no bytes.
    #[error("an empty file, not a component")]
    Empty,
    /// Its first bytes are not those of WebAssembly.
    #[error("not a WebAssembly component, but {looks_like}")]
    NotWasm {
        /// What it is instead, as far as its first bytes tell: `a gzip archive`.
        looks_like: &'static str,
        /// What to do, if that can be said.
        help: Option<&'static str>,
    },
    /// It is WebAssembly, but in the text format.
    #[error("WebAssembly text (WAT), not a binary component")]
    Wat,
    /// It is a core module.
    #[error("a core module, not a component")]
    CoreModule,
    /// It is a WIT package encoded as a component: types without code.
    #[error("a WIT package encoded as WebAssembly: it holds types, and no code that could run")]
    WitPackage,
    /// Its header names a version or a layer that is not a component's.
    #[error("WebAssembly of version {version}, layer {layer}, not a component (version 13, layer 1)")]
    UnknownVersion {
        /// The version in its header.
        version: u16,
        /// The layer in its header: 0 for core modules, 1 for components.
        layer: u16,
    },
    /// It begins like a component and ends in the middle.
    #[error("a component that is cut off after {size_in_bytes} bytes")]
    CutOff {
        /// How much there is of it.
        size_in_bytes: usize,
    },
    /// The validator refuses it.
    #[error("not a valid component ({message}, at byte {offset})")]
    Invalid {
        /// Why, in the validator's words.
        message: String,
        /// Where in the file.
        offset: usize,
        /// Whether it is refused only because it uses a proposal that is not supported.
        unsupported: bool,
    },
    /// It imports what nothing in a workload can offer.
    #[error(
        "a component that imports a core module, component or value (`{import}`), which nothing can provide"
    )]
    UnlinkableImport {
        /// The import's name.
        import: String,
    },
    /// Its types, printed or as a graph, would take more than [`crate::MAX_TEXT_IN_BYTES`].
    #[error("a component whose types take more than {} bytes to describe", crate::MAX_TEXT_IN_BYTES)]
    TypesTooLong,
}

impl ReadProblem {
    /// Its kind for programs.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound | Self::NotPermitted | Self::Unreadable(_) | Self::Folder | Self::NotAFile => {
                ErrorKind::File
            }
            _ => ErrorKind::NotAComponent,
        }
    }

    /// What to do about it, if that can be said.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::NotFound => Some("check the path; if it is the result of a build, build it first"),
            Self::NotPermitted => Some("give yourself the right to read it (on Unix: `chmod u+r FILE`)"),
            Self::Folder => Some("name the component's file, which usually ends in .wasm"),
            Self::Empty => Some("build or fetch it again: an empty file is often what a failed build leaves"),
            Self::NotWasm { help, .. } => help.or(Some(
                "name a component's file: what `cargo build --target wasm32-wasip2` makes, for example",
            )),
            Self::Wat => Some("compile it first: `wasm-tools parse FILE.wat -o FILE.wasm`"),
            Self::CoreModule => Some(
                "build for the target wasm32-wasip2, or make a component of it: \
                 `wasm-tools component new MODULE.wasm -o COMPONENT.wasm`, with `--adapt \
                 wasi_snapshot_preview1.wasm` if it was built for wasm32-wasip1",
            ),
            Self::WitPackage => Some("name the component that implements it instead"),
            Self::UnknownVersion { .. } => Some(
                "build it again with a current toolchain: its format is older or newer than what is read here",
            ),
            Self::CutOff { .. } => Some("build or fetch it again"),
            Self::Invalid { unsupported: true, .. } => {
                Some("build it without that proposal: it is not supported here")
            }
            Self::Invalid { .. } => {
                Some("build or fetch it again; `wasm-tools validate FILE` gives a second opinion")
            }
            Self::Unreadable(_)
            | Self::NotAFile
            | Self::TooLarge { .. }
            | Self::UnlinkableImport { .. }
            | Self::TypesTooLong => None,
        }
    }
}

impl From<io::Error> for ReadProblem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::NotFound,
            io::ErrorKind::PermissionDenied => Self::NotPermitted,
            _ => Self::Unreadable(error),
        }
    }
}
