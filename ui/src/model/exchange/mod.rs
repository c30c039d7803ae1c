//! Workloads that leave for other runtimes, and those that come from there: what is asked for in the two dialogs, and
//! what came of it.

mod apply;
mod export;
mod import;

use jackfield_protocol::WorkloadId;

pub use export::{ExportDraft, ExportEdit, ExportForm, ExportState};
pub(crate) use export::{out_of_reach, ways_in};
pub(crate) use import::findings_text;
pub use import::{ImportDraft, ImportEdit, ImportState};

/// The dialogs that are open.
#[derive(Debug, Default)]
pub struct ExchangeRoom {
    /// What a workload is exported as.
    pub export: Option<ExportDraft>,
    /// The manifest that is imported.
    pub import: Option<ImportDraft>,
}

impl ExchangeRoom {
    /// Whether one of them is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.export.is_some() || self.import.is_some()
    }
}

/// The field for the file of an export.
pub(crate) fn export_field() -> egui::Id {
    egui::Id::new("export file")
}

/// The field for the manifest that is imported.
pub(crate) fn import_field() -> egui::Id {
    egui::Id::new("manifest file")
}

/// Something that the user asks for in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExchangeAction {
    /// In the dialog for exports.
    Export(ExportEdit),
    /// In the dialog for imports.
    Import(ImportEdit),
}

/// What a request was sent for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExchangePurpose {
    /// To write an export.
    Write(WorkloadId),
    /// To open this manifest.
    Open(String),
}
