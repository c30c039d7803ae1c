//! The problems tab: what is wrong with the workload, and what to do.

use egui::{Button, RichText, ScrollArea, Ui};
use jackfield_protocol::{
    ComponentName, Denial, Diagnostic, Edit, EditLinkEnd, Fix, Severity, WorkloadState,
};

use super::widgets::{dim, empty, name_button};
use crate::action::{Action, Selection};
use crate::model::OpenWorkload;
use crate::model::compose::{answer_edit, link_edit, network_edit};
use crate::theme::{self, words};

pub(super) fn show(ui: &mut Ui, workload: &OpenWorkload, actions: &mut Vec<Action>) {
    if workload.problem_counts() == (0, 0) {
        empty(ui, words::NO_PROBLEMS);
        return;
    }
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        if let WorkloadState::Failed { component, reason, .. } = &workload.view.state {
            let help = "Start the workload again, or look at the last lines of its log";
            row(ui, Severity::Error, reason, help, component.as_ref(), actions);
            ui.separator();
        }
        for found in &workload.view.plan.diagnostics {
            row(ui, found.severity(), &found.message(), &found.suggestion(), found.component(), actions);
            fixes(ui, found, actions);
            ui.separator();
        }
        for denial in &workload.denials {
            denied(ui, denial, actions);
            ui.separator();
        }
    });
}

fn row(
    ui: &mut Ui,
    severity: Severity,
    message: &str,
    suggestion: &str,
    component: Option<&ComponentName>,
    actions: &mut Vec<Action>,
) {
    let t = theme::tokens(ui.ctx());
    let (word, color) = match severity {
        Severity::Error => ("error", t.error),
        Severity::Warning => ("warning", t.warning),
    };
    ui.horizontal_top(|ui| {
        ui.add_sized([56.0, 20.0], egui::Label::new(RichText::new(word).color(color)));
        ui.vertical(|ui| {
            let button = Button::new(message).frame(false).wrap();
            let response = ui.add_enabled(component.is_some(), button).on_hover_text("Show the component");
            if let Some(name) = component.filter(|_| response.clicked()) {
                actions.push(Action::Reveal(Selection::Component(name.clone())));
            }
            ui.add(egui::Label::new(dim(ui, suggestion)).wrap().selectable(true));
        });
    });
}

/// A button for each change of the workload file that would make a finding go away.
fn fixes(ui: &mut Ui, found: &Diagnostic, actions: &mut Vec<Action>) {
    let fixes = found.fixes();
    let edits = fixes.iter().filter_map(|fix| match fix {
        Fix::Edit(Edit::SetLink { component, import, to }) => {
            let text = match to {
                Some(EditLinkEnd::Component(name)) => format!("Link to {name}"),
                Some(EditLinkEnd::Host) => "Link to the host".to_owned(),
                Some(EditLinkEnd::Stub) => format!("Link {import} to a stub"),
                None => "Remove the row".to_owned(),
            };
            Some((text, link_edit(component, import, to.clone())))
        }
        Fix::Edit(Edit::SetAnswer { component, import, function, answer }) => {
            let edit = answer_edit(component.clone(), import.clone(), function.clone(), answer.clone());
            Some(("Remove the answer".to_owned(), edit))
        }
        Fix::Edit(edit @ Edit::SetService(None)) => {
            Some(("Have no service".to_owned(), (edit.clone(), "Have no service".to_owned())))
        }
        _ => None,
    });
    let edits: Vec<_> = edits.collect();
    if edits.is_empty() {
        return;
    }
    beside(ui, |ui| {
        for (text, (edit, label)) in edits {
            let button = ui.button(text).on_hover_text(&label);
            name_button(&button, &format!("fix: {label}"));
            if button.clicked() {
                actions.push(Action::Edit(edit, label));
            }
        }
    });
}

/// What a component may not have, and the button that grants it.
fn denied(ui: &mut Ui, denial: &Denial, actions: &mut Vec<Action>) {
    let message = format!("{}: {}", denial.component, denial.wanted);
    row(ui, Severity::Warning, &message, &denial.help(), Some(&denial.component), actions);
    let Some(origin) = denial.grant.clone() else { return };
    beside(ui, |ui| {
        let (edit, label) = network_edit(denial.component.clone(), origin, true);
        let button =
            ui.button("Allow").on_hover_text("Write it into the workload file, and allow it at once");
        name_button(&button, &label);
        if button.clicked() {
            actions.push(Action::Edit(edit, label));
        }
    });
}

/// Below the text of a row.
fn beside(ui: &mut Ui, buttons: impl FnOnce(&mut Ui)) {
    ui.horizontal_wrapped(|ui| {
        ui.add_space(56.0 + ui.spacing().item_spacing.x);
        buttons(ui);
    });
}
