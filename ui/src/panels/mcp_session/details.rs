//! One frame in full: its facts, its bytes, what was printed meanwhile, and sending it again.

use egui::{Button, ComboBox, Key, Label, Panel, RichText, ScrollArea, TextEdit, TextStyle, Ui};
use jackfield_protocol::{CallId, Endpoint, FrameBytes, WorkloadId};

use super::super::logs::name_combo;
use super::super::mcp::{part, result_text, trace_button, tree};
use super::super::widgets::{dim, empty, name_button, name_field, run_on_click};
use super::super::{logs_ink, mcp::connection_color};
use super::hex;
use crate::action::{Action, McpAction, SessionAction};
use crate::command::Command;
use crate::model::Model;
use crate::model::mcp::{BytesView, Details, FrameRow, OpenSession, frame_editor};
use crate::text::{duration, printable, shortened, since, size};
use crate::theme::{self, words};

/// So many lines of a call are shown beside its frame; the log has all of them.
const MAX_LINES: usize = 200;
/// A line is shown up to so many characters.
const MAX_LINE_CHARS: usize = 300;
/// In less height than this, the bytes need all of it.
const ROOM_FOR_LINES: f32 = 180.0;

pub(super) fn show(ui: &mut Ui, model: &Model, open: &OpenSession, actions: &mut Vec<Action>) {
    if let Some(text) = &open.editor {
        editor(ui, model, text, actions);
        return;
    }
    let Some(frame) = open.selected.and_then(|number| open.frames.get(number)) else {
        empty(ui, words::SESSION_NO_FRAME);
        return;
    };
    facts(ui, frame);
    ui.horizontal_wrapped(|ui| {
        views(ui, open, actions);
        pair(ui, model, open, frame, actions);
        replay(ui, model, open, actions);
        if let Some(call) = open.call() {
            log_button(ui, model, open, call, actions);
            trace_button(ui, model, workload_of(model, open), call, actions);
        }
    });
    if let Some(call) = open.call().filter(|_| ui.available_height() > ROOM_FOR_LINES) {
        let panel = Panel::bottom("lines of call").max_size(ui.available_height() * 0.6);
        part(ui, panel, 80.0, |ui| lines(ui, model, open, call));
    }
    match &open.bytes {
        Some(details) => bytes(ui, open, details, actions),
        None => {
            ui.label(dim(ui, "Reading its bytes…"));
        }
    }
}

fn facts(ui: &mut Ui, frame: &FrameRow) {
    ui.horizontal_wrapped(|ui| {
        let method = frame.method.as_deref().map(printable).unwrap_or_default();
        ui.label(RichText::new(format!("{} {method}", frame.kind.label())).strong());
        let mut facts = vec![format!("at {} s", since(frame.time_micros)), size(frame.size_in_bytes)];
        facts.extend(frame.id.as_deref().map(|id| format!("id {}", printable(id))));
        facts.extend(frame.duration_micros.map(duration));
        ui.label(dim(ui, facts.join(" · ")));
    });
    if let Some(problem) = &frame.problem {
        let text = RichText::new(printable(problem)).color(theme::tokens(ui.ctx()).error);
        ui.add(Label::new(text).wrap().selectable(true));
    }
}

fn views(ui: &mut Ui, open: &OpenSession, actions: &mut Vec<Action>) {
    for (text, label, view) in [
        ("Raw", "frame as bytes", BytesView::Raw),
        ("Tree", "frame as tree", BytesView::Tree),
        ("Hex", "frame as hex", BytesView::Hex),
    ] {
        let response = ui.add(Button::selectable(open.view == view, text));
        name_button(&response, label);
        if response.clicked() {
            actions.push(Action::Session(SessionAction::View(view)));
        }
    }
    let bytes = open.bytes.as_ref().and_then(|details| details.bytes.as_ref().ok());
    let copy = ui.add_enabled(bytes.is_some(), Button::new("Copy"));
    name_button(&copy, "copy frame");
    if copy.on_hover_text("Copy the bytes").clicked()
        && let Some(FrameBytes::Text(text) | FrameBytes::Hex(text)) = bytes
    {
        actions.push(Action::Copy(text.clone()));
    }
}

fn pair(ui: &mut Ui, model: &Model, open: &OpenSession, frame: &FrameRow, actions: &mut Vec<Action>) {
    let Some(number) = open.pair() else { return };
    let word = if frame.answers.is_some() { "Request" } else { "Response" };
    let button = Button::new(format!("{word} {number}"));
    let response = ui.add_enabled(Command::PairedFrame.is_enabled(model), button);
    name_button(&response, &format!("go to {}", word.to_lowercase()));
    run_on_click(response, Command::PairedFrame, actions);
}

fn replay(ui: &mut Ui, model: &Model, open: &OpenSession, actions: &mut Vec<Action>) {
    for (text, label, command) in
        [("Replay", "replay frame", Command::ReplayFrame), ("Edit…", "edit and replay", Command::EditFrame)]
    {
        let response = ui.add_enabled(command.is_enabled(model), Button::new(text));
        name_button(&response, label);
        run_on_click(response, command, actions);
    }
    over(ui, model, actions);
    // Only beside the frame that it is about.
    if let Some(sent) = open.sent.filter(|sent| open.selected == Some(*sent)) {
        ui.label(dim(ui, format!("Sent as frame {sent}")));
    }
}

/// The connection over which frames are sent.
fn over(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let Some(chosen) = model.replay_connection().and_then(|id| model.mcp.connection(id)) else {
        ui.label(dim(ui, "no open connection"));
        return;
    };
    let label = chosen.view.label.as_str();
    let response = ComboBox::from_id_salt("replay over")
        .selected_text(shortened(label, 24))
        .width(110.0)
        .show_ui(ui, |ui| {
            for connection in model.mcp.connections.iter().filter(|other| other.view.state.is_open()) {
                let view = &connection.view;
                let text = RichText::new(format!("{} #{}", view.label, view.id.0))
                    .color(connection_color(&view.state, theme::tokens(ui.ctx())));
                if ui.selectable_label(view.id == chosen.view.id, text).clicked() {
                    actions.push(Action::Session(SessionAction::ReplayOver(view.id)));
                }
            }
        });
    name_combo(&response.response, "replay over", label);
}

fn bytes(ui: &mut Ui, open: &OpenSession, details: &Details, actions: &mut Vec<Action>) {
    let bytes = match &details.bytes {
        Ok(bytes) => bytes,
        Err(error) => {
            let text = RichText::new(error).color(theme::tokens(ui.ctx()).error);
            ui.add(Label::new(text).wrap().selectable(true));
            return;
        }
    };
    match (open.view, bytes, &details.tree) {
        (BytesView::Tree, _, Some(json)) => {
            tree::show(ui, json, "frame", |action| Action::Session(SessionAction::Tree(action)), actions);
        }
        (BytesView::Tree, FrameBytes::Text(text), None) => {
            ui.label(dim(ui, "These bytes are no JSON, or too long for a tree."));
            result_text(ui, text, "frame bytes");
        }
        (BytesView::Raw, FrameBytes::Text(text), _) => result_text(ui, text, "frame bytes"),
        (_, bytes, _) => hex::show(ui, bytes),
    }
}

fn log_button(ui: &mut Ui, model: &Model, open: &OpenSession, call: CallId, actions: &mut Vec<Action>) {
    let hint = format!("Show what was printed during call {call} in the log");
    let button = ui.button("Log lines").on_hover_text(hint);
    name_button(&button, "show log lines of frame");
    if button.clicked() {
        actions.push(Action::Mcp(McpAction::ShowCall(workload_of(model, open), call)));
    }
}

/// What was printed during the call that the frame caused.
fn lines(ui: &mut Ui, model: &Model, open: &OpenSession, call: CallId) {
    let workload = workload_of(model, open);
    ui.label(dim(ui, format!("Printed during call {call}")));
    let log = workload.and_then(|id| model.workload(id)).or_else(|| model.current()).map(|open| &open.log);
    let lines = log.map(|log| log.of_call(call, MAX_LINES)).unwrap_or_default();
    if lines.is_empty() {
        ui.label(dim(ui, "Nothing was printed."));
        return;
    }
    let (t, font) = (theme::tokens(ui.ctx()), TextStyle::Monospace.resolve(ui.style()));
    // As in the list of notices: the panel must not grow.
    let area = ScrollArea::vertical().id_salt("lines").auto_shrink([false, false]).min_scrolled_height(0.0);
    area.show(ui, |ui| {
        for line in lines {
            let job = logs_ink::job(&line.record.text, MAX_LINE_CHARS, &font, t, ui.available_width());
            ui.label(job);
        }
    });
}

/// The workload that answered: the one that the session's connection leads to, or that is served under the
/// session's name.
fn workload_of(model: &Model, open: &OpenSession) -> Option<WorkloadId> {
    let connection = model.mcp.connections.iter().find(|connection| connection.view.session == open.id);
    if let Some(Endpoint::Workload(id)) = connection.map(|connection| &connection.view.endpoint) {
        return Some(*id);
    }
    let label = &model.session.view(&open.id)?.label;
    model.workloads.iter().find(|workload| workload.view.name == *label).map(|workload| workload.view.id)
}

fn editor(ui: &mut Ui, model: &Model, text: &str, actions: &mut Vec<Action>) {
    ui.horizontal_wrapped(|ui| {
        let can_send = model.replay_connection().is_some();
        let send = ui.add_enabled(can_send, Button::new("Send"));
        name_button(&send, "send edited frame");
        if send.on_hover_text("Send it as it stands, whatever it is").clicked() {
            actions.push(Action::Session(SessionAction::SendEdited));
        }
        if ui.button("Cancel").clicked() {
            actions.push(Action::Session(SessionAction::CloseEditor));
        }
        over(ui, model, actions);
        if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
            let color = theme::tokens(ui.ctx()).warning;
            ui.label(RichText::new(format!("no JSON: {error}")).color(color));
        }
    });
    let mut edited = text.to_owned();
    ScrollArea::vertical().id_salt("editor").auto_shrink([false, false]).show(ui, |ui| {
        let field = TextEdit::multiline(&mut edited).id(frame_editor()).code_editor();
        let field = ui.add(field.desired_width(f32::INFINITY));
        name_field(&field, "edited frame");
        let is_alone = field.lost_focus() || ui.memory(|memory| memory.focused().is_none());
        if is_alone && ui.input(|input| input.key_pressed(Key::Escape)) {
            actions.push(Action::Session(SessionAction::CloseEditor));
        }
    });
    if edited != *text {
        actions.push(Action::Session(SessionAction::EditText(edited)));
    }
}
