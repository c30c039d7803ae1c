//! The toolbar: what is done most, and what is going on.

use egui::{Align, Label, Layout, RichText, Ui, WidgetInfo, WidgetType};
use jackfield_protocol::ComponentName;

use super::traces::{observe_all, observe_switch};
use super::widgets::{
    command_button, command_button_named, cut_name, dim, name_button, run_on_click, state_label,
};
use crate::action::Action;
use crate::command::Command;
use crate::model::{Model, OpenWorkload};
use crate::theme::{self, space, words};

/// In a window that is narrower, what the file menu has as well makes room for what only the toolbar shows.
const ROOM_FOR_FILES: f32 = 940.0;
/// In one that is narrower still, so does the palette, which has a key.
const ROOM_FOR_PALETTE: f32 = 700.0;
const RESTART: &str = "Restart to apply";
/// Room for the state and a button behind a workload's name.
const BESIDE_TITLE: f32 = 130.0;
const RESTART_TO_OBSERVE: &str = "Restart to observe";

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    ui.add_space(2.0);
    ui.horizontal(|ui| {
        let has_files = ui.available_width() > ROOM_FOR_FILES || model.current().is_none();
        // From its right end, so that what is long ends before the button there.
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.available_width() > ROOM_FOR_PALETTE {
                command_button(ui, model, Command::Palette, actions);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.shrink_clip_rect(ui.max_rect());
                if has_files {
                    files(ui, model, actions);
                }
                buttons(ui, model, actions);
                if let Some(workload) = model.current() {
                    about(ui, workload, actions);
                }
                progress(ui, model);
            });
        });
    });
    ui.add_space(2.0);
}

fn files(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    for command in [Command::New, Command::Open, Command::Save] {
        command_button(ui, model, command, actions);
    }
    ui.separator();
}

fn buttons(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
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
}

/// What is going on in the workload. What can be done about it comes first where there is little room.
fn about(ui: &mut Ui, workload: &OpenWorkload, actions: &mut Vec<Action>) {
    let view = &workload.view;
    let room = (ui.available_width() - BESIDE_TITLE).clamp(40.0, 240.0);
    let title = workload.title();
    // Both ends are kept: the last one says whether it is saved.
    let label = ui.add(Label::new(cut_name(ui, &title, room)).extend());
    label.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &title));
    label.on_hover_text(format!("{}\n{}", view.name, words::place(view)));
    state_label(ui, &view.state);
    let can_restart = view.state.is_active() && workload.can_stop();
    let is_outdated = view.needs_restart || view.outdated_service.is_some();
    if is_outdated && can_restart && command_button_named(ui, RESTART, RESTART, Command::Restart) {
        actions.push(Action::Run(Command::Restart));
    }
    let waits = &view.probes.needs_restart;
    if !is_outdated && can_restart && !waits.is_empty() {
        observe_after_restart(ui, waits, actions);
    }
    for listening in &view.listening {
        let text = format!("{} answers at {}", listening.component, listening.url);
        let button = ui.button(&listening.url).on_hover_text(format!("{text}\nClick to copy"));
        if button.clicked() {
            actions.push(Action::Copy(listening.url.clone()));
        }
    }
    if let Some(service) = &view.outdated_service {
        let warning = theme::tokens(ui.ctx()).warning;
        let text = RichText::new(words::outdated(service)).color(warning);
        ui.add(Label::new(text).truncate());
    }
}

/// What the user waits for.
fn progress(ui: &mut Ui, model: &Model) {
    let Some((text, seconds)) = model.progress() else { return };
    ui.add_space(space::MEDIUM);
    let text = if seconds < 2 { format!("{text}…") } else { format!("{text}… {seconds} s") };
    ui.add(Label::new(dim(ui, text)).truncate());
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
