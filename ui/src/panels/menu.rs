//! The menu bar.

use egui::{Button, MenuBar, Ui};

use super::widgets::{name_button, run_on_click};
use crate::action::Action;
use crate::command::Command;
use crate::model::{Model, UndoLog};
use crate::theme::words;

const VIEW: [&[Command]; 4] = [
    &[Command::ThemeSystem, Command::ThemeDark, Command::ThemeLight],
    &[Command::Fit, Command::ZoomIn, Command::ZoomOut, Command::ZoomReset, Command::Arrange],
    &[Command::ToggleComponents, Command::ToggleInspector, Command::ToggleDock],
    &[Command::ShowLogs, Command::ShowProblems, Command::NextWorkload, Command::PreviousWorkload],
];

const MCP: [&[Command]; 4] = [
    &[Command::ShowMcp, Command::ShowSession, Command::LargeDock],
    &[
        Command::ConnectWorkload,
        Command::ConnectCommand,
        Command::ConnectUrl,
        Command::Disconnect,
        Command::Reconnect,
        Command::ForgetConnection,
        Command::ServeWorkload,
        Command::StopServing,
    ],
    &[Command::ReloadOffers, Command::CallTool, Command::CancelCall],
    &[
        Command::ReplayFrame,
        Command::EditFrame,
        Command::PairedFrame,
        Command::FollowFrames,
        Command::ClearFrameFilter,
    ],
];

const TRACE: [&[Command]; 7] = [
    &[Command::ShowTraces],
    &[Command::ObserveOff, Command::ObserveTiming, Command::ObserveValues],
    &[Command::ObserveAllOff, Command::ObserveAllTiming, Command::ObserveAllValues],
    &[Command::ToggleBreakpoint, Command::ContinueHeld, Command::ReleaseAll],
    &[Command::RecordTraces, Command::StopRecording, Command::OpenRecording],
    &[Command::ExportJson, Command::ExportChrome, Command::ExportOtlp, Command::SendTraces],
    &[Command::FollowTraces, Command::ClearTraceFilter, Command::CopyTrace, Command::ClearTraces],
];

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    MenuBar::new().ui(ui, |ui| {
        ui.menu_button("File", |ui| {
            items(ui, model, &[Command::New, Command::Open], actions);
            let submenu = ui.menu_button("Open sample", |ui| samples(ui, model, actions));
            name_button(&submenu.response, "Open sample");
            ui.separator();
            items(ui, model, &[Command::Save, Command::SaveAs], actions);
            ui.separator();
            items(ui, model, &[Command::ExportWorkload, Command::ImportManifest], actions);
            ui.separator();
            items(ui, model, &[Command::AddFile], actions);
            ui.separator();
            items(ui, model, &[Command::Close], actions);
            items(ui, model, &[Command::Quit], actions);
        });
        ui.menu_button("Edit", |ui| {
            items(ui, model, &[Command::Undo, Command::Redo], actions);
            ui.separator();
            items(ui, model, &[Command::Delete, Command::Rename, Command::ToggleService], actions);
            ui.separator();
            let links = [Command::LinkToRules, Command::LinkToHost, Command::LinkToStub];
            items(ui, model, &links, actions);
            ui.separator();
            items(ui, model, &[Command::Deselect, Command::FindInLibrary], actions);
        });
        ui.menu_button("View", |ui| {
            for (index, group) in VIEW.into_iter().enumerate() {
                if index > 0 {
                    ui.separator();
                }
                items(ui, model, group, actions);
            }
        });
        ui.menu_button("Run", |ui| {
            items(ui, model, &[Command::Start, Command::Stop, Command::Restart], actions);
            ui.separator();
            let log = [Command::PauseLog, Command::FollowLog, Command::ClearLog, Command::CopyLog];
            items(ui, model, &[Command::ClearLogFilter], actions);
            items(ui, model, &log, actions);
        });
        ui.menu_button("Trace", |ui| {
            for (index, group) in TRACE.into_iter().enumerate() {
                if index > 0 {
                    ui.separator();
                }
                items(ui, model, group, actions);
            }
        });
        ui.menu_button("MCP", |ui| {
            for (index, group) in MCP.into_iter().enumerate() {
                if index > 0 {
                    ui.separator();
                }
                items(ui, model, group, actions);
            }
        });
        ui.menu_button("Help", |ui| items(ui, model, &[Command::Help, Command::Palette], actions));
    });
}

fn items(ui: &mut Ui, model: &Model, commands: &[Command], actions: &mut Vec<Action>) {
    for &command in commands {
        let text = text_now(model, command);
        let button = Button::new(&text)
            .shortcut_text(command.shortcut_text(ui.ctx()))
            .selected(command.is_on(model) == Some(true));
        let response = ui.add_enabled(command.is_enabled(model), button);
        name_button(&response, &text);
        run_on_click(response, command, actions);
    }
}

fn samples(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    if model.samples.is_empty() {
        ui.label(words::NO_SAMPLES);
    }
    for sample in &model.samples {
        let item = ui.button(&sample.name).on_hover_text(&sample.description);
        name_button(&item, &format!("Open sample {}", sample.name));
        if item.clicked() {
            actions.push(Action::Open(sample.path.clone()));
        }
    }
}

/// What an item says: undo and redo name the edit.
fn text_now(model: &Model, command: Command) -> String {
    let undo = model.current().map(|workload| &workload.undo);
    let edit = match command {
        Command::Undo => undo.and_then(UndoLog::undo_label),
        Command::Redo => undo.and_then(UndoLog::redo_label),
        _ => None,
    };
    match edit {
        Some(edit) => format!("{} {edit}", command.text()),
        None => command.text().to_owned(),
    }
}
