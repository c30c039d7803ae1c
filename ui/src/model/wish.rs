//! What files are wanted for, and what the system's dialog says then.

use jackfield_protocol::{TraceFormat, TraceSelection, WorkloadId};

use super::exchange::{ExchangeAction, ExportEdit, ExportForm, ImportEdit};
use super::traces::TraceAction;
use super::{Effect, Model};

/// What a file is wanted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathWish {
    /// To record a workload's traces into it.
    Record(WorkloadId),
    /// To read a recording from it.
    OpenRecording,
    /// To write traces to it.
    Export(TraceSelection, TraceFormat),
    /// To write a workload to it in this form; with a name for it.
    ExportWorkload(ExportForm, String),
    /// To read a manifest from it.
    Manifest,
}

impl PathWish {
    /// What the dialog says.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            Self::Record(_) => "Record traces",
            Self::OpenRecording => "Open a recording",
            Self::Export(..) => "Export traces",
            Self::ExportWorkload(..) => "Export the workload",
            Self::Manifest => "Import a wasmCloud manifest",
        }
    }

    /// Whether a file is to be written, and a name for it; nothing if one is to be read.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        match self {
            Self::Record(_) => Some("traces.jsonl"),
            Self::OpenRecording | Self::Manifest => None,
            Self::Export(_, TraceFormat::Json) => Some("traces.jsonl"),
            Self::Export(_, TraceFormat::Chrome) => Some("traces.chrome.json"),
            Self::Export(_, TraceFormat::Otlp) => Some("traces.otlp.json"),
            Self::ExportWorkload(_, name) => Some(name),
        }
    }

    /// Which files there are to choose from: what they are called, and how their names end.
    #[must_use]
    pub fn kind(&self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Record(_) | Self::OpenRecording | Self::Export(..) => ("Traces", &["jsonl", "json"]),
            Self::ExportWorkload(ExportForm::Wasm, _) => ("Components", &["wasm"]),
            Self::ExportWorkload(ExportForm::Wac, _) => ("Sources for wac", &["wac"]),
            Self::ExportWorkload(ExportForm::Wasmcloud, _) | Self::Manifest => {
                ("Manifests", &["yaml", "yml"])
            }
        }
    }
}

impl Model {
    /// A file was chosen.
    pub(super) fn path_picked(&mut self, wish: PathWish, path: String) -> Vec<Effect> {
        match wish {
            PathWish::ExportWorkload(..) => {
                self.apply_to_exchange(ExchangeAction::Export(ExportEdit::Chosen(path)))
            }
            PathWish::Manifest => self.apply_to_exchange(ExchangeAction::Import(ImportEdit::Path(path))),
            wish => self.apply_to_traces(TraceAction::PathChosen(wish, path)),
        }
    }
}
