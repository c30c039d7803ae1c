//! The form for a new connection.

use egui::{Grid, Key, Label, RichText, ScrollArea, TextEdit, Ui};

use super::super::widgets::{dim, heading, name_button, name_field};
use crate::action::{Action, McpAction};
use crate::model::Model;
use crate::model::mcp::{ConnectDraft, ConnectKind, connect_field};
use crate::theme::{self, space};

const WIDTH: f32 = 480.0;

pub(super) fn show(ui: &mut Ui, model: &Model, draft: &ConnectDraft, actions: &mut Vec<Action>) {
    let mut edited = draft.clone();
    let mut is_asked = false;
    ScrollArea::vertical().id_salt("connect form").auto_shrink([false, false]).show(ui, |ui| {
        Grid::new("connect").num_columns(2).spacing([space::MEDIUM, 6.0]).show(ui, |ui| match draft.kind {
            ConnectKind::Command => {
                let hint = "npx -y server --flag 'an argument'";
                let command = TextEdit::singleline(&mut edited.command).id(connect_field());
                is_asked |= field(ui, ["Command", "command line"], hint, command);
                let folder = TextEdit::singleline(&mut edited.folder);
                is_asked |= field(ui, ["Folder", "folder"], "the current folder", folder);
                pairs(ui, ["environment", "variable"], &mut edited.env);
            }
            ConnectKind::Url => {
                let url = TextEdit::singleline(&mut edited.url).id(connect_field());
                is_asked |= field(ui, ["URL", "server URL"], "http://127.0.0.1:8080/mcp", url);
                pairs(ui, ["header", "header"], &mut edited.headers);
            }
        });
        if let Some(error) = &draft.error {
            let error = RichText::new(error).color(theme::tokens(ui.ctx()).error);
            ui.add(Label::new(error).wrap().selectable(true));
        }
        ui.horizontal(|ui| {
            let connect = ui.button("Connect");
            name_button(&connect, "connect");
            is_asked |= connect.clicked();
            if ui.button("Cancel").clicked() {
                actions.push(Action::Mcp(McpAction::CloseForm));
            }
        });
        recent(ui, model, actions);
    });
    if edited != *draft {
        actions.push(Action::Mcp(McpAction::EditForm(edited)));
    }
    if is_asked {
        actions.push(Action::Mcp(McpAction::Connect));
    }
}

/// A labelled field. Whether Enter was pressed in it.
fn field(ui: &mut Ui, [title, label]: [&str; 2], hint: &str, field: TextEdit<'_>) -> bool {
    ui.label(dim(ui, title));
    let response = ui.add(field.hint_text(hint.to_owned()).desired_width(WIDTH));
    name_field(&response, label);
    ui.end_row();
    response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
}

/// Names and values. Values may be secret, and are not shown.
fn pairs(ui: &mut Ui, [what, one]: [&str; 2], pairs: &mut Vec<(String, String)>) {
    ui.label(dim(ui, if what == "header" { "Headers" } else { "Environment" }));
    ui.vertical(|ui| {
        let mut removed = None;
        for (index, (name, value)) in pairs.iter_mut().enumerate() {
            ui.horizontal(|ui| {
                let number = index + 1;
                let hint = if what == "header" { "Authorization" } else { "NAME" };
                let field = ui.add(TextEdit::singleline(name).hint_text(hint).desired_width(150.0));
                name_field(&field, &format!("{what} name {number}"));
                let secret =
                    TextEdit::singleline(value).password(true).hint_text("value").desired_width(260.0);
                let field = ui.add(secret);
                name_field(&field, &format!("{what} value {number}"));
                let remove = ui.button("×").on_hover_text("Remove");
                name_button(&remove, &format!("remove {what} {number}"));
                if remove.clicked() {
                    removed = Some(index);
                }
            });
        }
        if let Some(index) = removed {
            pairs.remove(index);
        }
        if ui.button(format!("Add {one}")).clicked() {
            pairs.push((String::new(), String::new()));
        }
    });
    ui.end_row();
}

fn recent(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    if model.preferences.mcp.recent.is_empty() {
        return;
    }
    heading(ui, "Used before");
    for (index, recent) in model.preferences.mcp.recent.iter().enumerate() {
        let button = ui.button(recent.label()).on_hover_text("Fill the form with this");
        name_button(&button, &format!("use {}", recent.label()));
        if button.clicked() {
            actions.push(Action::Mcp(McpAction::UseRecent(index)));
        }
    }
}
