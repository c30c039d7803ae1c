//! The dock below the canvas and its tabs.

use egui::{Button, Ui};

use super::{logs, problems};
use crate::action::Action;
use crate::command::Command;
use crate::model::{DockTab, Model, OpenWorkload};

pub(super) fn show(ui: &mut Ui, model: &Model, workload: &OpenWorkload, actions: &mut Vec<Action>) {
    ui.add_space(2.0);
    let (errors, warnings) = workload.problem_counts();
    let tab = model.preferences.dock_tab;
    ui.horizontal_wrapped(|ui| {
        let problems = match errors + warnings {
            0 => "Problems".to_owned(),
            count => format!("Problems ({count})"),
        };
        for (text, this, command) in [
            ("Logs", DockTab::Logs, Command::ShowLogs),
            (problems.as_str(), DockTab::Problems, Command::ShowProblems),
        ] {
            if ui.add(Button::selectable(tab == this, text)).on_hover_text(command.tooltip()).clicked() {
                actions.push(Action::Run(command));
            }
        }
        ui.separator();
        if tab == DockTab::Logs {
            logs::tools(ui, model, workload, actions);
        }
    });
    ui.separator();
    match tab {
        DockTab::Logs => logs::show(ui, workload, actions),
        DockTab::Problems => problems::show(ui, workload, actions),
    }
}
