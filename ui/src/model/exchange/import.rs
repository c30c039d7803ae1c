//! The dialog in which a manifest is imported.

use jackfield_protocol::{Error, ImportFinding};

/// Something that is done in the dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportEdit {
    /// Says which file.
    Path(String),
    /// Asks for a file.
    Choose,
    /// Opens what it describes.
    Open,
    /// Closes the dialog.
    Close,
}

/// What is asked for, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportDraft {
    /// The manifest's file.
    pub path: String,
    /// How far it is.
    pub state: ImportState,
}

/// How far an import is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportState {
    /// Nothing has been done yet.
    Asking,
    /// It is being read.
    Opening,
    /// It could not be done.
    Failed(Error),
    /// A workload was made of it.
    Done {
        /// Its name.
        name: String,
        /// What of the manifest is not in it.
        findings: Vec<ImportFinding>,
    },
}

impl ImportDraft {
    /// Nothing but a file's name.
    pub(super) fn new(path: String) -> Self {
        Self { path, state: ImportState::Asking }
    }
}

/// What is not in a workload, as text.
pub(crate) fn findings_text(path: &str, findings: &[ImportFinding]) -> String {
    let line =
        |found: &ImportFinding| format!("{path}:{}:{}: {found}: {}", found.line, found.column, found.note);
    findings.iter().map(line).collect::<Vec<_>>().join("\n")
}
