//! What can go wrong with the folder of the store, or with an image layout.

use std::io;
use std::path::{Path, PathBuf};

use jackfield_component::ReadProblem;
use jackfield_protocol::{Digest, Error, ErrorKind};

use crate::artifact::ManifestProblem;

/// Why the store or a layout could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file or folder could not be read or written.
    #[error("the library's folder cannot be used ({source}): {}", path.display())]
    Io {
        /// What could not be read or written.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process held the lock for ten seconds.
    #[error("another program has kept the library busy: {}", path.display())]
    Busy {
        /// The lock.
        path: PathBuf,
    },
    /// The list of names is not what this program writes.
    #[error("the library's index is damaged ({reason}): {}", path.display())]
    Damaged {
        /// The index.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A newer program has written it.
    #[error("a newer version of Jackfield wrote the library's index (format {format}): {}", path.display())]
    Newer {
        /// The index.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
    /// The content is not there.
    #[error("the library does not hold {digest}")]
    Missing {
        /// What was asked for.
        digest: Digest,
    },
    /// The content is not what it was when it was stored.
    #[error("the stored bytes of {digest} have changed; they were moved away: {}", moved_to.display())]
    Corrupt {
        /// What was asked for.
        digest: Digest,
        /// Where the changed bytes are now.
        moved_to: PathBuf,
    },
    /// A layout's content is not what its index says. Layouts belong to others, so nothing is moved.
    #[error("the bytes are not those of {digest}: {}", path.display())]
    LayoutCorrupt {
        /// What was asked for.
        digest: Digest,
        /// The file with other bytes.
        path: PathBuf,
    },
    /// The content is whole, but this version cannot read it as a component.
    #[error("{digest} is {problem}")]
    NotAComponent {
        /// What was asked for.
        digest: Digest,
        /// What is wrong with it.
        problem: ReadProblem,
    },
    /// The folder is not an image layout.
    #[error("not an OCI image layout ({reason}): {}", path.display())]
    NotALayout {
        /// The folder.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The layout that a reference means could not be mounted.
    #[error("`{name}` is not a registry but a folder on this machine ({problem})")]
    NotMounted {
        /// What stands for the host in references.
        name: String,
        /// What is wrong.
        problem: String,
        /// What to do about it.
        remedy: String,
    },
    /// A layout's manifest is not one of a component.
    #[error("`{name}` is {problem}: {}", path.display())]
    Manifest {
        /// The name in the layout.
        name: String,
        /// What is wrong.
        problem: ManifestProblem,
        /// The layout.
        path: PathBuf,
    },
    /// Nothing has this name.
    #[error("the library has nothing of the name `{name}`")]
    Unknown {
        /// The name, reference or digest.
        name: String,
    },
    /// A name that could be taken for something else.
    #[error("`{name}` cannot be a name in the library")]
    BadName {
        /// The name.
        name: String,
    },
}

impl StoreError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |source| match source.kind() {
            io::ErrorKind::TimedOut => Self::Busy { path: path.to_owned() },
            _ => Self::Io { path: path.to_owned(), source },
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotAComponent { .. } | Self::Manifest { .. } => ErrorKind::NotAComponent,
            Self::Missing { .. } | Self::Unknown { .. } | Self::BadName { .. } => ErrorKind::Request,
            _ => ErrorKind::File,
        }
    }

    fn help(&self) -> Option<&str> {
        Some(match self {
            Self::Io { .. } => "check that the folder can be written and that the disk is not full",
            Self::Busy { .. } => "try again; if it stays so, end the other program",
            Self::Damaged { .. } => {
                "move the index away: the components stay, and their names come back when they are pulled again"
            }
            Self::Newer { .. } => "use that version, or another folder",
            Self::Missing { .. } | Self::Corrupt { .. } => "pull it again",
            Self::LayoutCorrupt { .. } => "write the layout again",
            Self::NotAComponent { problem, .. } => return problem.help(),
            Self::NotALayout { .. } => "name a folder that has the files `oci-layout` and `index.json`",
            Self::NotMounted { remedy, .. } => remedy,
            Self::Manifest { .. } => return None,
            Self::Unknown { .. } => {
                "`jack library list` shows what there is; `jack library pull` fetches more"
            }
            Self::BadName { .. } => {
                "use up to 64 small letters, digits, `-`, `_` and `.`, beginning with a letter or a digit, \
                 and not ending in .wasm"
            }
        })
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let wrapped = Self::new(error.kind(), error.to_string());
        match error.help() {
            Some(help) => wrapped.with_help(help),
            None => wrapped,
        }
    }
}
