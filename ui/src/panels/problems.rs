//! The problems tab: what is wrong with the workload, and what to do.

use egui::{Button, RichText, ScrollArea, Ui};
use jackfield_protocol::{ComponentName, Severity, WorkloadState};

use super::widgets::{dim, empty};
use crate::action::{Action, Selection};
use crate::model::OpenWorkload;
use crate::theme::{self, words};

pub(super) fn show(ui: &mut Ui, workload: &OpenWorkload, actions: &mut Vec<Action>) {
    if workload.problem_counts() == (0, 0) {
        empty(ui, words::NO_PROBLEMS);
        return;
    }
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        if let WorkloadState::Failed { component, reason } = &workload.view.state {
            let help = "Start the workload again, or look at the last lines of its log";
            row(ui, Severity::Error, reason, help, component.as_ref(), actions);
        }
        for found in &workload.view.plan.diagnostics {
            row(ui, found.severity(), &found.message(), &found.suggestion(), found.component(), actions);
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
    ui.separator();
}
