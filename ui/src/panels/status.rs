//! The status bar: one line about what is open.

use egui::{Align, Label, Layout, RichText, Ui};
use jackfield_protocol::LinkTarget;

use super::widgets::{dim, state_label};
use crate::action::Action;
use crate::command::Command;
use crate::model::{Model, OpenWorkload};
use crate::text::count;
use crate::theme::{self, words};

/// Less than the names and versions of two programs take.
const ROOM_FOR_VERSIONS: f32 = 210.0;

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        match model.current() {
            Some(workload) => about(ui, workload, actions),
            None => {
                ui.label(dim(ui, "No workload is open"));
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if let Some(heartbeat) = &model.heartbeat {
                let versions =
                    format!("Jackfield {} · Wasmtime {}", heartbeat.version, heartbeat.wasmtime_version);
                // What is open goes before it.
                if ui.available_width() > ROOM_FOR_VERSIONS {
                    ui.add(Label::new(dim(ui, versions)).extend());
                }
            }
        });
    });
}

fn about(ui: &mut Ui, workload: &OpenWorkload, actions: &mut Vec<Action>) {
    let plan = &workload.view.plan;
    ui.label(workload.title()).on_hover_text(words::place(&workload.view));
    state_label(ui, &workload.view.state);
    ui.label(dim(ui, count(plan.nodes.len(), "component")));
    let links_to =
        |is_it: fn(&LinkTarget) -> bool| plan.links.iter().filter(|link| is_it(&link.target)).count();
    let to_host = links_to(|target| matches!(target, LinkTarget::Host { .. }));
    let to_nobody = links_to(|target| *target == LinkTarget::Types);
    ui.label(dim(ui, count(plan.links.len() - to_host - to_nobody, "link")));
    ui.label(dim(ui, count(to_host, "host import")));
    let (errors, warnings) = workload.problem_counts();
    let t = theme::tokens(ui.ctx());
    let color = match (errors, warnings) {
        (0, 0) => t.text_dim,
        (0, _) => t.warning,
        _ => t.error,
    };
    let text = RichText::new(count(errors + warnings, "problem")).color(color);
    if ui.add(egui::Button::new(text).frame(false)).on_hover_text(Command::ShowProblems.tooltip()).clicked() {
        actions.push(Action::Run(Command::ShowProblems));
    }
}
