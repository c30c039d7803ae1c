//! The traces tab: what calls into workloads caused, call by call, with values, times and what was printed.

mod details;
mod header;
mod list;
mod send;
mod tools;
mod tree;
mod waterfall;

use egui::{Button, Color32, Panel, RichText, Ui};
use jackfield_protocol::{Outcome, ProbeLevel};

pub(super) use send::show as send_dialog;
pub(super) use tools::{observe_all, observe_switch, show as tools};

use super::mcp::{part, rest};
use super::widgets::{command_button, empty, name_button, run_on_click};
use crate::action::Action;
use crate::command::Command;
use crate::model::traces::OpenTrace;
use crate::model::{Model, OpenWorkload};
use crate::theme::{self, Tokens, space, words};

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let room = &model.traces;
    if let Some(error) = &room.error {
        let text = format!("Could not list the traces that are kept: {error}");
        ui.colored_label(theme::tokens(ui.ctx()).error, text);
    }
    if room.list.is_empty() && room.open.is_none() {
        nothing_yet(ui, model, actions);
        return;
    }
    let width = (ui.available_width() * 0.42).clamp(260.0, 640.0);
    part(ui, Panel::left("trace list"), width, |ui| list::show(ui, model, actions));
    rest(ui, |ui| match &room.open {
        Some(open) => one(ui, model, open, actions),
        None => empty(ui, words::TRACE_NONE_SELECTED),
    });
}

fn one(ui: &mut Ui, model: &Model, open: &OpenTrace, actions: &mut Vec<Action>) {
    let Some(trace) = &open.trace else {
        match &open.error {
            Some(error) => {
                ui.colored_label(theme::tokens(ui.ctx()).error, error);
            }
            None => empty(ui, words::TRACE_LOADING),
        }
        return;
    };
    header::show(ui, model, open, trace, actions);
    if open.has_details {
        let height = (ui.available_height() * 0.45).max(70.0);
        part(ui, Panel::bottom("span details"), height, |ui| details::show(ui, open, trace, actions));
    }
    rest(ui, |ui| tree::show(ui, model, open, trace, actions));
}

/// Why there is nothing, and what helps.
fn nothing_yet(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let level = model.observe_level();
    let is_observed = model.current().is_some_and(OpenWorkload::is_observed);
    let text = match model.current() {
        None => words::TRACES_NO_WORKLOAD,
        Some(_) if is_observed => words::TRACES_WAITING,
        Some(_) => words::TRACES_OFF,
    };
    empty(ui, text);
    if model.current().is_none() {
        ui.vertical_centered(|ui| command_button(ui, model, Command::OpenRecording, actions));
        return;
    }
    if level == Some(ProbeLevel::Values) {
        return;
    }
    ui.vertical_centered(|ui| {
        ui.add_space(space::SMALL);
        let button =
            Button::new(RichText::new("Observe values").strong()).fill(theme::tokens(ui.ctx()).accent_ground);
        let response = ui.add(button);
        name_button(&response, "observe values now");
        run_on_click(response, Command::ObserveValues, actions);
        let response = ui.add(Button::new("Observe timing only").frame(false));
        name_button(&response, "observe timing now");
        run_on_click(response, Command::ObserveTiming, actions);
    });
}

/// The colour of how a call ended.
pub(super) fn outcome_color(outcome: &Outcome, t: &Tokens) -> Color32 {
    match outcome {
        Outcome::Ok => t.good,
        Outcome::Error | Outcome::Trap { .. } => t.error,
        Outcome::Denied | Outcome::TimedOut => t.warning,
        Outcome::Cancelled | Outcome::Unfinished => t.text_dim,
    }
}
