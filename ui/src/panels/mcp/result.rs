//! What came of using an offer, or how far it is.

use egui::{Button, Label, ProgressBar, RichText, ScrollArea, TextEdit, TextStyle, Ui};
use jackfield_protocol::{CallId, Endpoint, WorkloadId};

use super::super::widgets::{dim, empty, name_button, name_field};
use super::tree;
use crate::action::{Action, McpAction, SessionAction, TraceAction};
use crate::model::Model;
use crate::model::mcp::{Answer, Connection, MAX_SHOWN_CHARS, Running};
use crate::text::{duration, shortened};
use crate::theme::{self, words};

pub(super) fn show(ui: &mut Ui, model: &Model, connection: &Connection, actions: &mut Vec<Action>) {
    let running = model.mcp.running_selected();
    if let Some(running) = running {
        progress(ui, model, running);
    }
    let answer = connection.selected.as_ref().and_then(|key| connection.answers.get(key));
    match answer {
        Some(answer) => {
            if running.is_some() {
                ui.separator();
                ui.label(dim(ui, words::EARLIER_RESULT));
                ui.multiply_opacity(0.5);
            }
            shown(ui, model, connection, answer, actions);
        }
        None if running.is_none() => empty(ui, words::MCP_NO_ANSWER),
        None => {}
    }
}

fn progress(ui: &mut Ui, model: &Model, running: &Running) {
    let seconds = (model.now_seconds - running.since_seconds).max(0.0) as u64;
    let word = if running.is_cancelled { "Cancelling" } else { "Calling" };
    ui.label(format!("{word}… {seconds} s"));
    if let Some(text) = &running.progress {
        ui.label(dim(ui, text.as_str()));
    }
    if let Some(fraction) = running.fraction {
        ui.add(ProgressBar::new(fraction).desired_height(6.0));
    }
}

fn shown(ui: &mut Ui, model: &Model, connection: &Connection, answer: &Answer, actions: &mut Vec<Action>) {
    ui.horizontal_wrapped(|ui| {
        let t = theme::tokens(ui.ctx());
        let (word, color) = match (&answer.result, answer.is_error) {
            (Err(_), _) => ("No result", t.error),
            (Ok(_), true) => ("The tool failed", t.error),
            (Ok(_), false) => ("Done", t.good),
        };
        ui.label(RichText::new(word).color(color).strong());
        if let Some(micros) = answer.duration_micros {
            ui.label(dim(ui, duration(micros)));
        }
        views(ui, answer, actions);
        links(ui, model, connection, answer, actions);
    });
    match &answer.result {
        Err(error) => {
            ScrollArea::vertical().id_salt("failed").show(ui, |ui| {
                let text = RichText::new(error).color(theme::tokens(ui.ctx()).error);
                ui.add(Label::new(text).wrap().selectable(true));
            });
        }
        Ok(json) if answer.shows_tree => {
            tree::show(ui, json, "result", |action| Action::Mcp(McpAction::Tree(action)), actions);
        }
        Ok(_) => text(ui, &answer.text, "result text"),
    }
}

fn views(ui: &mut Ui, answer: &Answer, actions: &mut Vec<Action>) {
    if answer.result.is_err() {
        return;
    }
    for (text, label, shows_tree) in [("Text", "result as text", false), ("Tree", "result as tree", true)] {
        let response = ui.add(Button::selectable(answer.shows_tree == shows_tree, text));
        name_button(&response, label);
        if response.clicked() {
            actions.push(Action::Mcp(McpAction::ShowTree(shows_tree)));
        }
    }
    let copy = ui.button("Copy").on_hover_text("Copy the result, as JSON where the tree is shown");
    name_button(&copy, "copy result");
    if copy.clicked() {
        let json = answer.result.as_ref().ok().filter(|_| answer.shows_tree);
        let json = json.and_then(|tree| serde_json::to_string_pretty(tree.value()).ok());
        actions.push(Action::Copy(json.unwrap_or_else(|| answer.text.clone())));
    }
}

/// The ways to what is known besides: the recorded frame, and the lines that the call printed.
fn links(ui: &mut Ui, model: &Model, connection: &Connection, answer: &Answer, actions: &mut Vec<Action>) {
    let Some(number) = answer.request_frame else { return };
    let session = &connection.view.session;
    if session.as_str().is_empty() {
        return;
    }
    let frame = ui.button("Show frame").on_hover_text("Show the request in the session");
    name_button(&frame, "show frame");
    if frame.clicked() {
        actions.push(Action::Session(SessionAction::OpenAt(session.clone(), number)));
    }
    if let Some(call) = model.session.call_of(session, number) {
        log_button(ui, connection, call, actions);
        let workload = match connection.view.endpoint {
            Endpoint::Workload(id) => Some(id),
            _ => None,
        };
        trace_button(ui, model, workload, call, actions);
    }
}

/// The way to what a call into a workload caused, if it was observed.
pub(in crate::panels) fn trace_button(
    ui: &mut Ui,
    model: &Model,
    workload: Option<WorkloadId>,
    call: CallId,
    actions: &mut Vec<Action>,
) {
    let Some(trace) = model.traces.list.of_call(workload, call) else { return };
    let button = ui.button("Show trace").on_hover_text("Show every call below this one");
    name_button(&button, "show trace");
    if button.clicked() {
        actions.push(Action::Trace(TraceAction::Open(trace)));
    }
}

fn log_button(ui: &mut Ui, connection: &Connection, call: CallId, actions: &mut Vec<Action>) {
    let button = ui.button("Show log lines").on_hover_text("Show what was printed during this call");
    name_button(&button, "show log lines");
    if button.clicked() {
        let workload = match connection.view.endpoint {
            Endpoint::Workload(id) => Some(id),
            _ => None,
        };
        actions.push(Action::Mcp(McpAction::ShowCall(workload, call)));
    }
}

/// A text to read and to select from.
pub(in crate::panels) fn text(ui: &mut Ui, text: &str, label: &str) {
    let shown = shortened(text, MAX_SHOWN_CHARS);
    if shown.len() < text.len() {
        ui.label(dim(ui, format!("The first {MAX_SHOWN_CHARS} characters; copying takes all of it.")));
    }
    ScrollArea::vertical().id_salt(label).auto_shrink([false, false]).show(ui, |ui| {
        let mut shown: &str = &shown;
        let field = TextEdit::multiline(&mut shown).font(TextStyle::Monospace).desired_rows(2);
        let response = ui.add(field.desired_width(f32::INFINITY));
        name_field(&response, label);
    });
}
