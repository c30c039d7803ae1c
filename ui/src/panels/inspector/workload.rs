//! The inspector while nothing is selected: the workload itself.

use egui::{Label, RichText, Ui};
use jackfield_protocol::{Diagnostic, Edit, Fix, LinkTarget};

use super::super::widgets::{dim, empty, heading, name_button, state_label};
use super::{fact, fields, link};
use crate::action::{Action, Selection};
use crate::canvas::tooltip;
use crate::model::OpenWorkload;
use crate::model::compose::{self, Field};
use crate::theme::{self, words};

pub(super) fn show(ui: &mut Ui, open: &OpenWorkload, actions: &mut Vec<Action>) {
    let view = &open.view;
    fields::name(ui, open, &Field::WorkloadName, "workload name", actions);
    ui.horizontal(|ui| {
        ui.label(dim(ui, "workload"));
        state_label(ui, &view.state);
    });
    fact(ui, "Workload file", view.location());
    if let Some(namespace) = &view.namespace {
        fact(ui, "Namespace", namespace);
    }
    let plan = &view.plan;
    let links = plan.links.iter().filter(|link| link.target != LinkTarget::Types).count();
    for (name, count) in [("Components", plan.nodes.len()), ("Links", links), ("Entries", plan.entries.len())]
    {
        fact(ui, name, &count.to_string());
    }
    if plan.diagnostics.is_empty() {
        empty(ui, words::NOTHING_SELECTED);
        return;
    }
    heading(ui, &format!("What is wrong ({})", plan.diagnostics.len()));
    for found in &plan.diagnostics {
        problem(ui, open, found, actions);
    }
}

/// Where something is wrong, what, and what can be done at once.
fn problem(ui: &mut Ui, open: &OpenWorkload, found: &Diagnostic, actions: &mut Vec<Action>) {
    let Some(component) = found.component() else {
        ui.add(Label::new(found.message()).wrap());
        return;
    };
    let place =
        found.import().map_or_else(|| component.to_string(), |import| format!("{component}: {import}"));
    let place = RichText::new(place).color(theme::tokens(ui.ctx()).warning);
    if ui.link(place).on_hover_ui(|ui| tooltip::diagnostic(ui, found)).clicked() {
        actions.push(Action::Reveal(Selection::Component(component.clone())));
    }
    ui.add(Label::new(found.message()).wrap().selectable(true));
    if let Some(import) = found.import() {
        link::choices(ui, open, component, import, actions);
    }
    fixes_elsewhere(ui, found, actions);
}

/// A button for each fix that links another import than the one that the finding is about.
fn fixes_elsewhere(ui: &mut Ui, found: &Diagnostic, actions: &mut Vec<Action>) {
    for fix in found.fixes() {
        let Fix::Edit(Edit::SetLink { component, import, to: to @ Some(_) }) = fix else { continue };
        if found.import() == Some(&import) {
            continue;
        }
        let (edit, label) = compose::link_edit(&component, &import, to);
        let button = ui.button(&label);
        name_button(&button, &label);
        if button.clicked() {
            actions.push(Action::Edit(edit, label));
        }
    }
}
