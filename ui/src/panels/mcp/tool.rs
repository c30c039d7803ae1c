//! The selected offer: what it is, its form and raw arguments, and what came of using it.

use egui::{Button, Label, Panel, RichText, ScrollArea, TextEdit, TextStyle, Ui};

use super::super::widgets::{dim, empty, name_button, name_field, run_on_click};
use super::form::Form;
use super::{bare, rest, result};
use crate::action::{Action, McpAction};
use crate::command::Command;
use crate::model::Model;
use crate::model::mcp::{Arguments, Connection, FormEdit, Offer, OfferKind};
use crate::text::{count, shortened};
use crate::theme::{self, space, words};

/// Wider than this, the result stands beside the form, else below it.
const SIDE_BY_SIDE: f32 = 620.0;

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let Some((connection, offer, arguments)) = model.mcp.selected() else {
        let instructions =
            model.mcp.shown().and_then(|shown| shown.view.server.as_ref()?.instructions.as_ref());
        match instructions {
            Some(text) => {
                ScrollArea::vertical().id_salt("instructions").show(ui, |ui| {
                    ui.label(dim(ui, words::MCP_NOTHING_SELECTED));
                    ui.add(Label::new(shortened(text, 20_000)).wrap().selectable(true));
                });
            }
            None => empty(ui, words::MCP_NOTHING_SELECTED),
        }
        return;
    };
    let panel = if ui.available_width() > SIDE_BY_SIDE {
        Panel::right("mcp result").default_size(ui.available_width() * 0.48).min_size(160.0)
    } else {
        Panel::bottom("mcp result below").default_size(ui.available_height() * 0.5).min_size(60.0)
    };
    bare(ui, panel).resizable(true).show(ui, |ui| {
        super::super::fill(ui);
        result::show(&mut super::super::bounded(ui), model, connection, actions);
    });
    rest(ui, |ui| {
        head(ui, model, connection, offer, arguments, actions);
        let salt = ("arguments", &offer.key, arguments.shows_text());
        ScrollArea::vertical().id_salt(salt).auto_shrink([false, false]).show(ui, |ui| {
            if arguments.shows_text() {
                raw(ui, arguments, actions);
            } else {
                ui.push_id(&offer.key, |ui| Form { arguments, actions }.show(ui));
            }
        });
    });
}

fn head(
    ui: &mut Ui,
    model: &Model,
    connection: &Connection,
    offer: &Offer,
    arguments: &Arguments,
    actions: &mut Vec<Action>,
) {
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(shortened(&offer.key.name, 200)).strong());
        if let Some(title) = &offer.title {
            ui.label(dim(ui, shortened(title, 200)));
        }
        for hint in &offer.hints {
            let t = theme::tokens(ui.ctx());
            let color = if hint == "may destroy" { t.warning } else { t.text_dim };
            ui.label(RichText::new(hint).small().color(color)).on_hover_text("What the server says of it");
        }
    });
    if let Some(text) = &offer.description {
        ScrollArea::vertical().id_salt("description").max_height(72.0).show(ui, |ui| {
            ui.add(Label::new(dim(ui, shortened(text, 10_000))).wrap().selectable(true));
        });
    }
    ui.horizontal_wrapped(|ui| {
        call_button(ui, model, offer, actions);
        faces(ui, arguments, actions);
        if offer.key.kind == OfferKind::Tool {
            timeout(ui, connection, actions);
        }
        let problems = arguments.problems().len();
        if problems > 0 {
            let color = theme::tokens(ui.ctx()).warning;
            let text = RichText::new(count(problems, "problem")).color(color);
            ui.label(text)
                .on_hover_text("The arguments do not fit the schema. They can be sent all the same.");
        }
    });
    let timeout = connection.timeout_millis().err();
    for error in arguments.to_send().err().into_iter().chain(timeout) {
        let error = RichText::new(error).color(theme::tokens(ui.ctx()).error);
        ui.add(Label::new(error).wrap());
    }
    ui.add_space(space::SMALL);
}

fn call_button(ui: &mut Ui, model: &Model, offer: &Offer, actions: &mut Vec<Action>) {
    let command = Command::CallTool;
    let ground = theme::tokens(ui.ctx()).accent_ground;
    let button = Button::new(offer.key.kind.verb()).fill(ground);
    let response = ui.add_enabled(command.is_enabled(model), button);
    name_button(&response, &offer.key.kind.verb().to_lowercase());
    run_on_click(response, command, actions);
    if model.mcp.running_selected().is_some() {
        let cancel = ui.add_enabled(Command::CancelCall.is_enabled(model), Button::new("Cancel"));
        name_button(&cancel, "cancel call");
        run_on_click(cancel, Command::CancelCall, actions);
    }
}

/// The form, or the raw text.
fn faces(ui: &mut Ui, arguments: &Arguments, actions: &mut Vec<Action>) {
    for (text, label, shows_text) in
        [("Form", "arguments as form", false), ("Raw", "arguments as JSON", true)]
    {
        let response = ui.add(Button::selectable(arguments.shows_text() == shows_text, text));
        name_button(&response, label);
        if response.clicked() {
            actions.push(Action::Mcp(McpAction::Form(FormEdit::ShowText(shows_text))));
        }
    }
}

fn timeout(ui: &mut Ui, connection: &Connection, actions: &mut Vec<Action>) {
    let mut text = connection.timeout.clone();
    let field = TextEdit::singleline(&mut text).hint_text("no limit").desired_width(54.0);
    let response = ui.add(field).on_hover_text("How long to wait for the tool, in seconds");
    name_field(&response, "time-out in seconds");
    if response.changed() {
        actions.push(Action::Mcp(McpAction::Timeout(text)));
    }
    ui.label(dim(ui, "s"));
}

fn raw(ui: &mut Ui, arguments: &Arguments, actions: &mut Vec<Action>) {
    if let Some(error) = arguments.error() {
        let text = format!("No JSON: {error}. The form stays as it was.");
        ui.add(Label::new(RichText::new(text).color(theme::tokens(ui.ctx()).error)).wrap());
    }
    let mut text = arguments.text().to_owned();
    let field = TextEdit::multiline(&mut text).id_salt("raw").font(TextStyle::Monospace).code_editor();
    let response = ui.add(field.desired_rows(6).desired_width(f32::INFINITY));
    name_field(&response, "raw arguments");
    if response.changed() {
        actions.push(Action::Mcp(McpAction::Form(FormEdit::Text(text))));
    }
    for (at, problem) in arguments.problems() {
        let at = if at.is_empty() { "/" } else { at };
        let text = RichText::new(format!("{at}: {problem}")).color(theme::tokens(ui.ctx()).warning);
        ui.add(Label::new(text).wrap());
    }
}
