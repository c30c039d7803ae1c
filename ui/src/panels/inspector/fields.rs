//! Fields whose text is an edit once Enter is pressed in them or the keyboard goes elsewhere.

use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{Align, EventFilter, Key, Label, Layout, Response, RichText, TextEdit, Ui, vec2};
use jackfield_protocol::Node;

use super::super::widgets::{dim, heading, name_button, name_field};
use crate::action::{Action, ComposeAction};
use crate::model::OpenWorkload;
use crate::model::compose::{Field, Table, network_edit};
use crate::theme;

/// What a field looks like.
#[derive(Clone, Copy)]
pub(super) struct Looks<'a> {
    /// How it is found.
    pub(super) label: &'a str,
    /// What stands in it while it is empty.
    pub(super) hint: &'a str,
    pub(super) width: f32,
}

/// A text field, with what is wrong with its text below it.
pub(super) fn text(
    ui: &mut Ui,
    open: &OpenWorkload,
    field: &Field,
    looks: Looks<'_>,
    actions: &mut Vec<Action>,
) -> Response {
    let drafts = &open.compose.drafts;
    let mut typed = drafts.shown(field, &open.view);
    let edit = TextEdit::singleline(&mut typed)
        .id_salt(("inspector", field))
        .hint_text(looks.hint)
        .desired_width(looks.width);
    let response = ui.add(edit);
    name_field(&response, looks.label);
    let mut emit = |action: ComposeAction| actions.push(Action::Compose(action));
    if response.changed() {
        emit(ComposeAction::Type(field.clone(), typed));
    }
    let pressed = |key: Key| ui.input(|input| input.key_pressed(key));
    if response.has_focus() {
        keep_escape(ui, &response);
        if pressed(Key::Escape) {
            response.surrender_focus();
            emit(ComposeAction::Revert(field.clone()));
        }
    }
    if response.lost_focus() {
        emit(match field {
            field if pressed(Key::Enter) => ComposeAction::Commit(field.clone()),
            // On the way from a new row's key to its value there is nothing to add yet.
            Field::NewKey(..) => return response,
            field => ComposeAction::Leave(field.clone()),
        });
    }
    response
}

/// egui would take the keyboard away at Escape before anybody sees it, and what is selected would be
/// unselected as well.
fn keep_escape(ui: &Ui, field: &Response) {
    let filter = EventFilter { tab: false, horizontal_arrows: true, vertical_arrows: true, escape: true };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(field.id, filter));
}

/// The field for a name, with what is wrong with it; it takes the keyboard when the user asked to rename.
pub(super) fn name(ui: &mut Ui, open: &OpenWorkload, field: &Field, label: &str, actions: &mut Vec<Action>) {
    let looks = Looks { label, hint: "name", width: f32::INFINITY };
    let response = text(ui, open, field, looks, actions);
    if open.compose.wants_name_focus {
        response.request_focus();
        select_all(ui, &response, open.compose.drafts.shown(field, &open.view).chars().count());
        actions.push(Action::Compose(ComposeAction::NameFocused));
    }
    if let Some(problem) = open.compose.drafts.problem(field, &open.view) {
        let problem = RichText::new(problem).color(theme::tokens(ui.ctx()).error);
        ui.add(Label::new(problem).wrap());
    }
}

fn select_all(ui: &Ui, field: &Response, len: usize) {
    let mut state = TextEditState::load(ui.ctx(), field.id).unwrap_or_default();
    state.cursor.set_char_range(Some(CCursorRange::two(CCursor::default(), CCursor::new(len))));
    state.store(ui.ctx(), field.id);
}

/// The memory and time limits.
pub(super) fn limits(ui: &mut Ui, open: &OpenWorkload, node: &Node, actions: &mut Vec<Action>) {
    heading(ui, "Limits");
    let name = || node.name.clone();
    for (title, label, hint, field) in [
        ("Memory", "memory limit", "64MiB", Field::MemoryLimit(name())),
        ("Time", "time limit", "10s", Field::TimeLimit(name())),
    ] {
        ui.horizontal(|ui| {
            column(ui, 56.0, dim(ui, title));
            let looks = Looks { label, hint, width: 90.0 };
            text(ui, open, &field, looks, actions)
                .on_hover_text(format!("Such as {hint}; empty for the host's own limit"));
        });
    }
}

/// The rows of a table, and one to add another.
pub(super) fn table(ui: &mut Ui, open: &OpenWorkload, node: &Node, table: Table, actions: &mut Vec<Action>) {
    let word = table.word();
    heading(ui, if table == Table::Environment { "Environment" } else { "Config" });
    for (key, _) in table.rows(&node.settings) {
        let value = Field::Value(table, node.name.clone(), key.clone());
        row(ui, |ui, width| {
            column(ui, width, RichText::new(key).monospace());
            text(ui, open, &value, Looks { label: &format!("{word} {key}"), hint: "value", width }, actions);
            let remove = ui.button("×").on_hover_text("Remove");
            name_button(&remove, &format!("remove {word} {key}"));
            if remove.clicked() {
                let (edit, label) = table.edit(node.name.clone(), key.clone(), None);
                actions.push(Action::Compose(ComposeAction::Revert(value.clone())));
                actions.push(Action::Edit(edit, label));
            }
        });
    }
    let (key, value) = (Field::NewKey(table, node.name.clone()), Field::NewValue(table, node.name.clone()));
    row(ui, |ui, width| {
        text(ui, open, &key, Looks { label: &format!("new {word} key"), hint: "KEY", width }, actions);
        text(ui, open, &value, Looks { label: &format!("new {word} value"), hint: "value", width }, actions);
        let add = ui.button("+").on_hover_text("Add");
        name_button(&add, &format!("add {word}"));
        if add.clicked() {
            actions.push(Action::Compose(ComposeAction::Commit(key.clone())));
        }
    });
}

/// The origins that a component may talk to, and a field for another one.
pub(super) fn network(ui: &mut Ui, open: &OpenWorkload, node: &Node, actions: &mut Vec<Action>) {
    heading(ui, "Network");
    for origin in &node.settings.network {
        ui.horizontal(|ui| {
            column(ui, (ui.available_width() - 46.0).max(50.0), RichText::new(origin).monospace());
            let remove = ui.button("×").on_hover_text("Take it away");
            name_button(&remove, &format!("remove network {origin}"));
            if remove.clicked() {
                let (edit, label) = network_edit(node.name.clone(), origin.clone(), false);
                actions.push(Action::Edit(edit, label));
            }
        });
    }
    let field = Field::NewOrigin(node.name.clone());
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 46.0).max(50.0);
        let looks = Looks { label: "new network origin", hint: "https://api.example.com", width };
        text(ui, open, &field, looks, actions).on_hover_text("Scheme, host and, if it matters, port");
        let add = ui.button("+").on_hover_text("Allow");
        name_button(&add, "add network origin");
        if add.clicked() {
            actions.push(Action::Compose(ComposeAction::Commit(field.clone())));
        }
    });
}

/// A word before a field, so wide that the fields stand below one another.
fn column(ui: &mut Ui, width: f32, text: RichText) {
    let size = vec2(width, ui.spacing().interact_size.y);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_width(width);
        ui.add(Label::new(text).truncate());
    });
}

/// Two columns and a button.
fn row(ui: &mut Ui, content: impl FnOnce(&mut Ui, f32)) {
    ui.horizontal(|ui| {
        let width = ((ui.available_width() - 46.0) / 2.0).max(50.0);
        content(ui, width);
    });
}
