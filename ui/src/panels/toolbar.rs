//! The toolbar: what is done most, and what is going on.

use egui::{Align, Layout, RichText, Ui};
use jackfield_protocol::ComponentName;

use super::traces::{observe_all, observe_switch};
use super::widgets::{command_button, command_button_named, dim, name_button, run_on_click, state_label};
use crate::action::Action;
use crate::command::Command;
use crate::model::Model;
use crate::theme::{self, space, words};

const RESTART: &str = "Restart to apply";
const RESTART_TO_OBSERVE: &str = "Restart to observe";

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    ui.add_space(2.0);
    ui.horizontal(|ui| {
        command_button(ui, model, Command::New, actions);
        command_button(ui, model, Command::Open, actions);
        command_button(ui, model, Command::Save, actions);
        ui.separator();
        command_button(ui, model, Command::Start, actions);
        command_button(ui, model, Command::Stop, actions);
        ui.separator();
        if model.current().is_some() {
            ui.horizontal(|ui| {
                observe_switch(ui, model, actions);
                observe_all(ui, model, actions);
            });
            recording(ui, model, actions);
            ui.separator();
        }
        if let Some(workload) = model.current() {
            ui.label(workload.title());
            state_label(ui, &workload.view.state);
            if let Some(service) = &workload.view.outdated_service {
                let warning = theme::tokens(ui.ctx()).warning;
                ui.label(RichText::new(words::outdated(service)).color(warning));
            }
            let is_outdated = workload.view.needs_restart || workload.view.outdated_service.is_some();
            let needs_restart = is_outdated && Command::Restart.is_enabled(model);
            if needs_restart && command_button_named(ui, RESTART, RESTART, Command::Restart) {
                actions.push(Action::Run(Command::Restart));
            }
            let waits = &workload.view.probes.needs_restart;
            if !needs_restart && !waits.is_empty() && Command::Restart.is_enabled(model) {
                observe_after_restart(ui, waits, actions);
            }
            for listening in &workload.view.listening {
                let text = format!("{} answers at {}", listening.component, listening.url);
                let button = ui.button(&listening.url).on_hover_text(format!("{text}\nClick to copy"));
                if button.clicked() {
                    actions.push(Action::Copy(listening.url.clone()));
                }
            }
        }
        if let Some((text, seconds)) = model.progress() {
            ui.add_space(space::MEDIUM);
            let text = if seconds < 2 { format!("{text}…") } else { format!("{text}… {seconds} s") };
            ui.label(dim(ui, text));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            command_button(ui, model, Command::Palette, actions);
        });
    });
    ui.add_space(2.0);
}

/// A service that runs already is observed below itself only after a restart.
fn observe_after_restart(ui: &mut Ui, waits: &[ComponentName], actions: &mut Vec<Action>) {
    let names: Vec<&str> = waits.iter().map(ComponentName::as_str).collect();
    let hint = format!("Calls below {} are seen after a restart", names.join(", "));
    let button = ui.button(RESTART_TO_OBSERVE).on_hover_text(hint);
    if button.clicked() {
        actions.push(Action::Run(Command::Restart));
    }
}

/// That traces are being recorded, and the way to stop that.
fn recording(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let Some(path) = model.current().and_then(|workload| workload.view.recording.as_ref()) else { return };
    let text = RichText::new("● Recording").color(theme::tokens(ui.ctx()).error);
    let button = ui.button(text).on_hover_text(format!("Traces go to {path}"));
    name_button(&button, "recording");
    run_on_click(button, Command::StopRecording, actions);
}
