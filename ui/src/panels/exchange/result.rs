//! What came of an export.

use egui::{Label, RichText, Ui};
use jackfield_protocol::{ExportFinding, WrittenExport};

use super::super::widgets::{dim, heading, name_button};
use crate::action::Action;
use crate::text::{count, size};
use crate::theme::{self, space};

pub(super) fn exported(ui: &mut Ui, written: &WrittenExport, actions: &mut Vec<Action>) {
    ui.add_space(space::MEDIUM);
    ui.separator();
    let good = theme::tokens(ui.ctx()).good;
    for file in &written.files {
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new("Wrote").color(good));
            ui.add(Label::new(RichText::new(&file.path).monospace()).wrap().selectable(true));
            ui.label(dim(ui, size(file.size_in_bytes)));
        });
    }
    heading(ui, if written.commands.len() == 1 { "Run it" } else { "Run it, one after the other" });
    for command in &written.commands {
        copied(ui, command, "copy command", actions);
    }
    if !written.findings.is_empty() {
        heading(ui, &format!("Not in the file ({})", written.findings.len()));
        for finding in &written.findings {
            not_carried(ui, finding);
        }
    }
}

fn not_carried(ui: &mut Ui, finding: &ExportFinding) {
    let warning = theme::tokens(ui.ctx()).warning;
    let text = in_sentence_case(&finding.to_string());
    ui.add(Label::new(RichText::new(text).color(warning)).wrap().selectable(true));
    ui.indent(finding.about.to_string(), |ui| {
        if !finding.flags.is_empty() {
            let flags = format!("instead: {}", finding.flags.join(" "));
            ui.add(Label::new(RichText::new(flags).monospace()).wrap().selectable(true));
        }
        if let Some(help) = &finding.help {
            ui.add(Label::new(dim(ui, help)).wrap().selectable(true));
        }
    });
}

/// Text in a box of its own, with a button that copies it.
fn copied(ui: &mut Ui, text: &str, label: &str, actions: &mut Vec<Action>) {
    ui.horizontal_top(|ui| {
        let copy = ui.small_button("Copy");
        name_button(&copy, label);
        if copy.clicked() {
            actions.push(Action::Copy(text.to_owned()));
        }
        ui.add(Label::new(RichText::new(text).monospace()).wrap().selectable(true));
    });
}

/// The protocol's texts go on in the terminal behind a label, and stand alone here.
pub(super) fn in_sentence_case(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// How many parts of a manifest are not in a workload, as a heading.
pub(super) fn not_imported_title(findings: usize) -> String {
    match findings {
        0 => "Everything was carried over.".to_owned(),
        some => format!("Not carried over: {}", count(some, "part")),
    }
}
