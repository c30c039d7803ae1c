//! Calling a component's functions: a field for each parameter, the result below, and the instance that is kept
//! from call to call.

use egui::{CollapsingHeader, Label, RichText, TextEdit, Ui};
use jackfield_protocol::{CallOutcome, Error, Function, Node, TraceId, WorkloadState};

use super::super::widgets::{dim, heading, name_button, name_field};
use crate::action::{Action, CallAction, TraceAction};
use crate::model::calls::{Callable, Called, Kept, callables};
use crate::model::{Model, OpenWorkload};
use crate::theme;

pub(super) fn show(ui: &mut Ui, model: &Model, open: &OpenWorkload, node: &Node, actions: &mut Vec<Action>) {
    let all: Vec<(Callable, &Function)> = callables(&open.view.plan, node).collect();
    if all.is_empty() {
        return;
    }
    heading(ui, "Call");
    kept(ui, open, node, actions);
    for (callable, function) in all {
        let is_wanted = is_wanted(ui, open, &callable);
        let response = CollapsingHeader::new(format!("Call {}", function.display_name()))
            .id_salt(("call", node.name.as_str(), &callable.function))
            .open(is_wanted.then_some(true))
            .show(ui, |ui| form(ui, model, open, (&callable, function), actions));
        if is_wanted {
            response.header_response.scroll_to_me(Some(egui::Align::TOP));
        }
    }
}

/// Whether this form is to be brought into view, which is so once for each wish.
fn is_wanted(ui: &Ui, open: &OpenWorkload, callable: &Callable) -> bool {
    if open.calls.revealed.as_ref() != Some(callable) {
        return false;
    }
    let id = egui::Id::new(("call revealed", open.view.id));
    let seen: u64 = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    ui.data_mut(|data| data.insert_temp(id, open.calls.reveal));
    seen != open.calls.reveal
}

/// Whether the instance is kept, and what lives in it.
fn kept(ui: &mut Ui, open: &OpenWorkload, node: &Node, actions: &mut Vec<Action>) {
    let kept = open.calls.kept(&node.name);
    let mut is_kept = kept.is_some();
    let hint = "Calls go to one instance, whose state and resources live on; a call that fails ends it";
    let is_running = open.view.state == WorkloadState::Running;
    let switch = ui.add_enabled(is_running, egui::Checkbox::new(&mut is_kept, "Keep the instance"));
    let switch = switch.on_hover_text(hint).on_disabled_hover_text("Start the workload first");
    if switch.changed() {
        actions.push(Action::Calls(CallAction::Keep(node.name.clone(), is_kept)));
    }
    let Some(Kept::Open { handles, .. }) = kept else { return };
    for handle in handles {
        ui.horizontal(|ui| {
            ui.label(RichText::new(handle).monospace()).on_hover_text("Give it as an argument by its number");
            let drop = ui.small_button("×").on_hover_text("Drop it");
            name_button(&drop, &format!("drop {handle}"));
            if let (true, Some(number)) = (drop.clicked(), number(handle)) {
                actions.push(Action::Calls(CallAction::DropHandle(node.name.clone(), number)));
            }
        });
    }
}

/// 1 of `#1 (bucket)`.
fn number(handle: &str) -> Option<u64> {
    handle.strip_prefix('#')?.split(' ').next()?.parse().ok()
}

fn form(
    ui: &mut Ui,
    model: &Model,
    open: &OpenWorkload,
    (callable, function): (&Callable, &Function),
    actions: &mut Vec<Action>,
) {
    if let Some(docs) = &function.docs {
        ui.add(Label::new(dim(ui, docs.trim())).wrap());
    }
    let mut is_meant = false;
    for (place, param) in function.params.iter().enumerate() {
        ui.label(RichText::new(format!("{}: {}", param.name, param.ty)).monospace());
        let mut text = open.calls.text(callable, place).to_owned();
        let edit = TextEdit::singleline(&mut text)
            .id_salt(("call", callable.component.as_str(), &callable.function, place))
            .hint_text(&param.ty)
            .desired_width(f32::INFINITY);
        let field = ui.add(edit);
        name_field(&field, &format!("{} {}", function.display_name(), param.name));
        if field.changed() {
            actions.push(Action::Calls(CallAction::Type(callable.clone(), place, text)));
        }
        is_meant |= field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    }
    let called = open.calls.called(callable);
    ui.horizontal(|ui| {
        let is_running = matches!(called, Some(Called::Running { .. }));
        let can_call = open.view.state == WorkloadState::Running && !is_running;
        let call = ui.add_enabled(can_call, egui::Button::new("Call"));
        let call = call.on_disabled_hover_text("Start the workload first");
        name_button(&call, &format!("call {}", function.display_name()));
        if call.clicked() || (is_meant && can_call) {
            actions.push(Action::Calls(CallAction::Call(callable.clone(), function.params.len())));
        }
        if let Some(Called::Running { since_seconds, is_given_up, .. }) = called {
            running(ui, (callable, function), *is_given_up, actions);
            let seconds = (model.now_seconds - since_seconds).max(0.0) as u64;
            let word = if *is_given_up { "ending" } else { "running" };
            ui.label(dim(ui, if seconds < 2 { format!("{word}…") } else { format!("{word}… {seconds} s") }));
        }
    });
    match called {
        Some(Called::Done(Ok(outcome))) => {
            let trace = model.trace_of_call(open.view.id, callable);
            result(ui, outcome, trace, actions);
        }
        Some(Called::Done(Err(error))) => {
            failure(ui, error);
            show_trace(ui, model.trace_of_call(open.view.id, callable), actions);
        }
        _ => {}
    }
}

fn running(
    ui: &mut Ui,
    (callable, function): (&Callable, &Function),
    is_given_up: bool,
    actions: &mut Vec<Action>,
) {
    let cancel = ui.add_enabled(!is_given_up, egui::Button::new("Cancel"));
    name_button(&cancel, &format!("cancel call of {}", function.display_name()));
    if cancel.clicked() {
        actions.push(Action::Calls(CallAction::Cancel(callable.clone())));
    }
}

/// The way to what the call caused, if it was observed.
fn show_trace(ui: &mut Ui, trace: Option<TraceId>, actions: &mut Vec<Action>) {
    let Some(trace) = trace else { return };
    let button = ui.small_button("Show trace").on_hover_text("Show every call below this one");
    if button.clicked() {
        actions.push(Action::Trace(TraceAction::Open(trace)));
    }
}

fn result(ui: &mut Ui, outcome: &CallOutcome, trace: Option<TraceId>, actions: &mut Vec<Action>) {
    let text = outcome.result.as_deref().unwrap_or("no result");
    ui.add(Label::new(RichText::new(text).monospace()).wrap().selectable(true));
    ui.horizontal(|ui| {
        ui.label(dim(ui, format!("in {:.1} ms", outcome.duration_micros as f64 / 1000.0)));
        let copy = ui.small_button("Copy");
        name_button(&copy, "copy result");
        if copy.clicked() {
            actions.push(Action::Copy(text.to_owned()));
        }
        show_trace(ui, trace, actions);
    });
}

fn failure(ui: &mut Ui, error: &Error) {
    let color = theme::tokens(ui.ctx()).error;
    ui.add(Label::new(RichText::new(&error.message).color(color)).wrap().selectable(true));
    if let Some(help) = &error.help {
        ui.add(Label::new(dim(ui, help)).wrap().selectable(true));
    }
}
