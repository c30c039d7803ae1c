//! The dock below the canvas and its tabs. Logs and problems are of a workload; MCP and sessions need none.

use egui::{Button, Panel, Ui};

use super::widgets::name_button;
use super::{bare, fill, logs, mcp, mcp_session, problems, traces};
use crate::action::Action;
use crate::command::Command;
use crate::model::{DockTab, Model, OpenWorkload};
use crate::theme::space;

/// Of the window's height, when the dock is large.
const LARGE_SHARE: f32 = 0.78;
/// The least height that leaves room for a row of each tab.
const MIN_HEIGHT: f32 = 96.0;

/// The dock, if it is open and has something to show.
pub(super) fn show_panel(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let preferences = &model.preferences;
    let has_content = model.current().is_some() || preferences.dock_tab.needs_no_workload();
    if !preferences.dock_open || !has_content {
        return;
    }
    let panel = if preferences.dock_large {
        Panel::bottom("large dock").default_size(ui.available_height() * LARGE_SHARE)
    } else {
        Panel::bottom("dock").default_size(space::DOCK)
    };
    bare(ui, panel).resizable(true).min_size(MIN_HEIGHT).show(ui, |ui| {
        fill(ui);
        show(ui, model, actions);
    });
}

fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    ui.add_space(2.0);
    let tab = model.preferences.dock_tab;
    ui.horizontal_wrapped(|ui| {
        tabs(ui, model, actions);
        ui.separator();
        if let Some(workload) = model.current().filter(|_| tab == DockTab::Logs) {
            logs::tools(ui, model, workload, actions);
        }
        if tab == DockTab::Traces {
            traces::tools(ui, model, actions);
        }
    });
    ui.separator();
    match (tab, model.current()) {
        (DockTab::Logs, Some(workload)) => logs::show(ui, model, workload, actions),
        (DockTab::Problems, Some(workload)) => problems::show(ui, workload, actions),
        (DockTab::Mcp, _) => mcp::show(ui, model, actions),
        (DockTab::Session, _) => mcp_session::show(ui, model, actions),
        (DockTab::Traces, _) => traces::show(ui, model, actions),
        (DockTab::Logs | DockTab::Problems, None) => {}
    }
}

fn tabs(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let (errors, warnings) = model.current().map(OpenWorkload::problem_counts).unwrap_or_default();
    let problems = match errors + warnings {
        0 => "Problems".to_owned(),
        count => format!("Problems ({count})"),
    };
    for (text, this, command) in [
        ("Logs", DockTab::Logs, Command::ShowLogs),
        ("Traces", DockTab::Traces, Command::ShowTraces),
        (problems.as_str(), DockTab::Problems, Command::ShowProblems),
        ("MCP", DockTab::Mcp, Command::ShowMcp),
        ("Session", DockTab::Session, Command::ShowSession),
    ] {
        let button = Button::selectable(model.preferences.dock_tab == this, text);
        let response = ui.add_enabled(command.is_enabled(model), button).on_hover_text(command.tooltip());
        if this == DockTab::Mcp {
            // The menu has the same name.
            name_button(&response, "MCP tab");
        }
        if response.clicked() {
            actions.push(Action::Run(command));
        }
    }
    let large = Button::new("Large").selected(model.preferences.dock_large);
    let response = ui.add(large).on_hover_text(Command::LargeDock.tooltip());
    name_button(&response, "large dock");
    if response.clicked() {
        actions.push(Action::Run(Command::LargeDock));
    }
}
