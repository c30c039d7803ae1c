//! The dialogs in which a workload leaves for other runtimes, and in which one comes from there.

mod export;
mod import;
mod result;

use egui::{Button, Id, Key, Label, Modal, RichText, ScrollArea, TextEdit, Ui, vec2};
use jackfield_protocol::Error;

use super::widgets::{dialog_fields, dialog_frame, dim, name_button, name_field};
use crate::action::Action;
use crate::model::Model;
use crate::theme;

/// Dialogs are so wide where the window is.
const WIDTH: f32 = 580.0;
/// What the window keeps around a dialog.
const AROUND: f32 = 96.0;
const CHOOSE_WIDTH: f32 = 82.0;

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    export::show(ui, model, actions);
    import::show(ui, model, actions);
}

/// A dialog whose content scrolls where the window is too low for it. Whether it is to be closed.
fn dialog(ui: &Ui, name: &str, content: impl FnOnce(&mut Ui), buttons: impl FnOnce(&mut Ui)) -> bool {
    let window = ui.ctx().content_rect().size();
    let modal = Modal::new(Id::new(name))
        .frame(dialog_frame(ui))
        .backdrop_color(theme::tokens(ui.ctx()).shade)
        .show(ui.ctx(), |ui| {
            ui.set_width(WIDTH.min(window.x - AROUND));
            dialog_fields(ui);
            ScrollArea::vertical()
                .id_salt(name)
                .max_height((window.y - AROUND - 60.0).max(80.0))
                .auto_shrink([false, true])
                .show(ui, content);
            ui.separator();
            ui.horizontal(buttons);
        });
    modal.should_close()
}

/// What came of a field for a file's path and its button.
#[derive(Default)]
struct PathChange {
    /// It was typed.
    typed: Option<String>,
    /// Enter was pressed.
    is_entered: bool,
    /// The system's dialog is wanted.
    is_choosing: bool,
}

fn path_field(ui: &mut Ui, id: Id, path: &str, hint: &str, label: &str) -> PathChange {
    let mut change = PathChange::default();
    ui.horizontal(|ui| {
        let mut text = path.to_owned();
        // Room for the button, whose place in the order of the Tab key is behind the field.
        let width = (ui.available_width() - CHOOSE_WIDTH - ui.spacing().item_spacing.x).max(80.0);
        let field = ui.add(TextEdit::singleline(&mut text).id(id).hint_text(hint).desired_width(width));
        name_field(&field, label);
        change.is_entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        change.typed = field.changed().then_some(text);
        let choose = Button::new("Choose…").min_size(vec2(CHOOSE_WIDTH, 0.0));
        let choose = ui.add(choose).on_hover_text("Choose the file in a dialog of the system");
        name_button(&choose, &format!("choose {label}"));
        change.is_choosing = choose.clicked();
    });
    change
}

/// Why something could not be done, with all that was found.
fn failure(ui: &mut Ui, error: &Error) {
    let ink = theme::tokens(ui.ctx()).error;
    ui.add(Label::new(RichText::new(&error.message).color(ink).strong()).wrap().selectable(true));
    for problem in &error.problems {
        ui.add(Label::new(RichText::new(problem.to_string()).color(ink)).wrap().selectable(true));
    }
    for found in &error.diagnostics {
        let text = format!("{} ({})", found.message(), found.suggestion());
        ui.add(Label::new(RichText::new(text).color(ink)).wrap().selectable(true));
    }
    if let Some(help) = &error.help {
        ui.add(Label::new(dim(ui, help)).wrap().selectable(true));
    }
}
