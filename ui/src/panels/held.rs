//! The bar of held calls. It is there as long as a call is held, in every tab, and with it what lets the call go
//! on: as it came, with other arguments, with an answer, or not at all.

use egui::{
    Align, Button, CornerRadius, Frame, Grid, Label, Layout, Margin, RichText, ScrollArea, Stroke, TextEdit,
    TextStyle, Ui,
};
use jackfield_protocol::{HeldParam, Release};

use super::widgets::{dim, dot, name_button, name_field, run_on_click};
use crate::action::{Action, TraceAction};
use crate::command::Command;
use crate::model::Model;
use crate::model::traces::{Held, HeldEdit, ReleaseKind};
use crate::text::{count, printable, shortened, time_of_day};
use crate::theme::{self, space, words};

/// A form with more parameters scrolls.
const MAX_HEIGHT: f32 = 230.0;
/// So many held calls are named in the bar.
const MAX_NAMED: usize = 12;

/// Whether a call is held.
pub(super) fn are_there(model: &Model) -> bool {
    model.held().next().is_some()
}

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let t = theme::tokens(ui.ctx());
    let form_of = model.shown_held().filter(|_| !model.traces.is_hold_form_folded);
    let around =
        Frame::new().stroke(Stroke::new(1.5, t.error)).corner_radius(CornerRadius::same(space::CORNER));
    ui.add_space(space::SMALL);
    around.fill(t.panel).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let head = Frame::new().fill(t.error_ground).inner_margin(Margin::symmetric(10, 6));
        head.show(ui, |ui| bar(ui, model, actions));
        let Some(held) = form_of else { return };
        Frame::new().inner_margin(Margin::symmetric(10, 6)).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 5.0;
            ScrollArea::vertical().max_height(MAX_HEIGHT).auto_shrink([false, true]).show(ui, |ui| {
                form(ui, held, actions);
            });
        });
    });
    ui.add_space(space::SMALL);
}

fn bar(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let t = theme::tokens(ui.ctx());
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let all = ui.button("Release all");
            name_button(&all, "release all");
            run_on_click(all, Command::ReleaseAll, actions);
            let is_folded = model.traces.is_hold_form_folded;
            let fold = ui.button(if is_folded { "Show form" } else { "Hide form" });
            name_button(&fold, "fold held calls");
            if fold.clicked() {
                actions.push(Action::Trace(TraceAction::FoldHolds(!is_folded)));
            }
            let go_on = ui.add_enabled(
                Command::ContinueHeld.is_enabled(model),
                Button::new("Continue").fill(t.accent_ground),
            );
            name_button(&go_on, "continue held call");
            run_on_click(go_on, Command::ContinueHeld, actions);
            ui.with_layout(Layout::left_to_right(Align::Center).with_main_wrap(true), |ui| {
                dot(ui, t.error);
                let held = model.held().count();
                let verb = if held == 1 { "is" } else { "are" };
                let text = format!("{} {verb} held", count(held, "call"));
                ui.label(RichText::new(text).color(t.error).strong());
                names(ui, model, actions);
            });
        });
    });
}

fn names(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let shown = model.shown_held().map(|held| held.call.id);
    for held in model.held().take(MAX_NAMED) {
        let call = held.call.call.map(|call| format!(" {call}")).unwrap_or_default();
        let text = format!("{}{call}", held.title());
        let response =
            ui.add(Button::selectable(shown == Some(held.call.id), shortened(&printable(&text), 60)));
        name_button(&response, &format!("held call {}", held.call.id.0));
        if response.on_hover_text("Show it, and where it is held").clicked() {
            actions.push(Action::Trace(TraceAction::ShowHold(held.call.id)));
        }
    }
    let more = model.held().count().saturating_sub(MAX_NAMED);
    if more > 0 {
        ui.label(dim(ui, format!("and {more} more")));
    }
}

fn form(ui: &mut Ui, held: &Held, actions: &mut Vec<Action>) {
    let call = &held.call;
    ui.horizontal_wrapped(|ui| {
        let place = format!("{} calls {} of {}", call.consumer, call.function, call.provider.as_str());
        ui.label(RichText::new(printable(&place)).strong());
        let since = time_of_day(call.since_unix_micros);
        ui.label(dim(ui, format!("over {}, held since {since}", call.import)));
    });
    ui.add_enabled_ui(!held.is_released, |ui| {
        arguments(ui, held, actions);
        error(ui, held, ReleaseKind::Continue);
        ways(ui, held, actions);
    });
}

fn arguments(ui: &mut Ui, held: &Held, actions: &mut Vec<Action>) {
    if held.call.params.is_empty() {
        ui.label(dim(ui, "It takes no arguments."));
        return;
    }
    Grid::new(("held arguments", held.call.id)).num_columns(3).spacing([10.0, 4.0]).show(ui, |ui| {
        for (at, (param, typed)) in held.call.params.iter().zip(&held.arguments).enumerate() {
            argument(ui, held, (at, param, typed), actions);
            ui.end_row();
        }
    });
    ui.horizontal(|ui| {
        let change = ui.add_enabled(held.is_changed(), Button::new("Continue with changed arguments"));
        name_button(&change, "continue with changed arguments");
        if change.on_disabled_hover_text("Change an argument above first").clicked() {
            release(held, ReleaseKind::Change, held.change(), actions);
        }
        error(ui, held, ReleaseKind::Change);
    });
}

fn argument(
    ui: &mut Ui,
    held: &Held,
    (at, param, typed): (usize, &HeldParam, &String),
    actions: &mut Vec<Action>,
) {
    ui.label(RichText::new(printable(&param.name)).monospace());
    ui.label(dim(ui, printable(&shortened(&param.ty, 60))).monospace()).on_hover_text(printable(&param.ty));
    let mut text = typed.clone();
    let is_long = text.len() > 80 || text.contains('\n');
    let field = if is_long {
        TextEdit::multiline(&mut text).desired_rows(2)
    } else {
        TextEdit::singleline(&mut text)
    };
    let field = field
        .font(TextStyle::Monospace)
        .desired_width((ui.available_width() - space::MEDIUM).clamp(120.0, 620.0));
    let response = ui.add_enabled(param.can_change, field);
    name_field(&response, &format!("argument {}", param.name));
    let response = response.on_disabled_hover_text(words::HELD_HANDLE);
    if response.changed() {
        actions.push(Action::Trace(TraceAction::EditHold(held.call.id, HeldEdit::Argument(at, text))));
    }
}

/// Other ways than to let it go on.
fn ways(ui: &mut Ui, held: &Held, actions: &mut Vec<Action>) {
    ui.horizontal_wrapped(|ui| {
        let can_answer = held.can_answer();
        let has_result = held.call.result_type.is_some();
        let answer =
            ui.add_enabled(can_answer, Button::new(if has_result { "Answer with" } else { "Answer" }));
        name_button(&answer, "answer held call");
        let reason = held.call.cannot_answer.clone().unwrap_or_default();
        let is_wanted = answer
            .on_hover_text("Its caller gets this, and it is not passed on")
            .on_disabled_hover_text(reason)
            .clicked();
        let mut is_entered = false;
        if let Some(ty) = &held.call.result_type {
            let mut text = held.answer.clone();
            let field = TextEdit::singleline(&mut text)
                .font(TextStyle::Monospace)
                .hint_text(shortened(ty, 40))
                .desired_width(220.0);
            let response = ui.add_enabled(can_answer, field);
            name_field(&response, "answer");
            is_entered = entered(ui, &response);
            if response.changed() {
                actions.push(Action::Trace(TraceAction::EditHold(held.call.id, HeldEdit::Answer(text))));
            }
        }
        if is_wanted || is_entered {
            release(held, ReleaseKind::Answer, held.answer(), actions);
        }
        error(ui, held, ReleaseKind::Answer);
        ui.separator();
        let fail = ui.button("Fail with").on_hover_text("It traps with this message, and is not passed on");
        name_button(&fail, "fail held call");
        let mut text = held.failure.clone();
        let response =
            ui.add(TextEdit::singleline(&mut text).hint_text("failed by hand").desired_width(236.0));
        name_field(&response, "failure message");
        if response.changed() {
            actions.push(Action::Trace(TraceAction::EditHold(held.call.id, HeldEdit::Fail(text))));
        }
        if fail.clicked() || entered(ui, &response) {
            release(held, ReleaseKind::Fail, held.fail(), actions);
        }
        error(ui, held, ReleaseKind::Fail);
    });
}

fn entered(ui: &Ui, field: &egui::Response) -> bool {
    field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter))
}

fn release(held: &Held, kind: ReleaseKind, how: Release, actions: &mut Vec<Action>) {
    actions.push(Action::Trace(TraceAction::Release(held.call.id, kind, how)));
}

/// Why it could not go on in this way.
fn error(ui: &mut Ui, held: &Held, here: ReleaseKind) {
    if let Some((_, text)) = held.error.as_ref().filter(|(kind, _)| *kind == here) {
        let text = RichText::new(text).color(theme::tokens(ui.ctx()).error);
        ui.add(Label::new(text).wrap().selectable(true));
    }
}
