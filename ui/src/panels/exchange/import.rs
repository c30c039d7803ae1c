//! The dialog in which a manifest becomes a workload, and what of it did not.

use egui::{Button, Label, RichText, Ui};
use jackfield_protocol::ImportFinding;

use super::super::widgets::{dim, name_button};
use super::result::{in_sentence_case, not_imported_title};
use super::{dialog, failure, path_field};
use crate::action::{Action, ExchangeAction};
use crate::command::Command;
use crate::model::Model;
use crate::model::exchange::{ImportDraft, ImportEdit, ImportState, findings_text, import_field};
use crate::theme::{self, space, words};

pub(super) fn show(ui: &Ui, model: &Model, actions: &mut Vec<Action>) {
    let Some(draft) = &model.exchange.import else { return };
    let mut edits = Vec::new();
    let mut others = Vec::new();
    let is_closed = dialog(
        ui,
        "import manifest",
        |ui| content(ui, draft, &mut edits),
        |ui| buttons(ui, draft, &mut others),
    );
    if is_closed {
        edits.push(ImportEdit::Close);
    }
    actions.extend(edits.into_iter().map(action));
    actions.extend(others);
}

fn action(edit: ImportEdit) -> Action {
    Action::Exchange(ExchangeAction::Import(edit))
}

fn content(ui: &mut Ui, draft: &ImportDraft, edits: &mut Vec<ImportEdit>) {
    if let ImportState::Done { name, findings } = &draft.state {
        ui.heading(format!("Imported {name}"));
        ui.label(dim(ui, &draft.path));
        ui.add_space(space::MEDIUM);
        ui.label(RichText::new(not_imported_title(findings.len())).strong());
        for found in findings {
            finding(ui, found);
        }
        ui.add_space(space::MEDIUM);
        ui.add(Label::new(dim(ui, words::IMPORT_UNSAVED)).wrap());
        return;
    }
    ui.heading("Import a wasmCloud manifest");
    ui.add(Label::new(dim(ui, words::IMPORT_HELP)).wrap());
    ui.add_space(space::MEDIUM);
    ui.add_enabled_ui(draft.state != ImportState::Opening, |ui| {
        let change = path_field(ui, import_field(), &draft.path, "/home/me/deployment.yaml", "manifest file");
        edits.extend(change.typed.map(ImportEdit::Path));
        if change.is_choosing {
            edits.push(ImportEdit::Choose);
        }
        if change.is_entered {
            edits.push(ImportEdit::Open);
        }
    });
    if let ImportState::Failed(error) = &draft.state {
        ui.add_space(space::SMALL);
        failure(ui, error);
    }
}

fn finding(ui: &mut Ui, found: &ImportFinding) {
    let warning = theme::tokens(ui.ctx()).warning;
    ui.horizontal_wrapped(|ui| {
        ui.label(dim(ui, format!("{}:{}", found.line, found.column)).monospace());
        let text = in_sentence_case(&found.to_string());
        ui.add(Label::new(RichText::new(text).color(warning)).wrap().selectable(true));
    });
    ui.indent((found.line, found.column, &found.key), |ui| {
        ui.add(Label::new(dim(ui, &found.note)).wrap().selectable(true));
    });
}

fn buttons(ui: &mut Ui, draft: &ImportDraft, actions: &mut Vec<Action>) {
    if let ImportState::Done { findings, .. } = &draft.state {
        if ui.button("Save workload…").clicked() {
            actions.push(action(ImportEdit::Close));
            actions.push(Action::Run(Command::SaveAs));
        }
        if !findings.is_empty() && ui.button("Copy list").clicked() {
            actions.push(Action::Copy(findings_text(&draft.path, findings)));
        }
    } else {
        let is_opening = draft.state == ImportState::Opening;
        let text = if is_opening { "Importing…" } else { "Import" };
        let button = Button::new(text).fill(theme::tokens(ui.ctx()).accent_ground);
        let button = ui.add_enabled(!is_opening && !draft.path.trim().is_empty(), button);
        name_button(&button, "import");
        if button.clicked() {
            actions.push(action(ImportEdit::Open));
        }
    }
    let close = ui.button("Close");
    name_button(&close, "close import");
    if close.clicked() {
        actions.push(action(ImportEdit::Close));
    }
}
