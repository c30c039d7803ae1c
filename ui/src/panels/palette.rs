//! The command palette: a field, and what matches.

use egui::{Align, Align2, Button, Id, Key, Modal, Modifiers, ScrollArea, TextEdit, Ui, vec2};

use super::widgets::{dialog_frame, dim, name_field};
use crate::action::{Action, PaletteAction};
use crate::model::{Model, PaletteEntry, PaletteState};
use crate::theme;

const WIDTH: f32 = 520.0;
const HEIGHT: f32 = 340.0;

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let Some(palette) = &model.palette else { return };
    let entries = palette.entries(model);
    keys(ui, palette, actions);
    let id = Id::new("palette");
    let area = Modal::default_area(id).anchor(Align2::CENTER_TOP, vec2(0.0, 90.0));
    let modal = Modal::new(id)
        .area(area)
        .frame(dialog_frame(ui))
        .backdrop_color(theme::tokens(ui.ctx()).shade)
        .show(ui.ctx(), |ui| {
            ui.set_width(WIDTH);
            field(ui, palette, actions);
            ui.separator();
            let area = ScrollArea::vertical().max_height(HEIGHT).min_scrolled_height(HEIGHT);
            area.auto_shrink([false, true]).show(ui, |ui| {
                if entries.is_empty() {
                    ui.label(dim(ui, "No command matches."));
                }
                for (index, entry) in entries.iter().enumerate() {
                    row(ui, index, entry, palette, actions);
                }
            });
        });
    if modal.should_close() {
        actions.push(Action::Palette(PaletteAction::Close));
    }
}

/// Keys that the text field must not see.
fn keys(ui: &Ui, palette: &PaletteState, actions: &mut Vec<Action>) {
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if pressed(Key::ArrowDown) {
        actions.push(Action::Palette(PaletteAction::Step(1)));
    }
    if pressed(Key::ArrowUp) {
        actions.push(Action::Palette(PaletteAction::Step(-1)));
    }
    if pressed(Key::Enter) {
        actions.push(Action::Palette(PaletteAction::Accept(palette.highlighted)));
    }
}

fn field(ui: &mut Ui, palette: &PaletteState, actions: &mut Vec<Action>) {
    let mut query = palette.query.clone();
    let field = TextEdit::singleline(&mut query).hint_text("Type a command").desired_width(f32::INFINITY);
    let response = ui.add(field);
    name_field(&response, "Find a command");
    response.request_focus();
    if response.changed() {
        actions.push(Action::Palette(PaletteAction::Query(query)));
    }
}

fn row(ui: &mut Ui, index: usize, entry: &PaletteEntry, palette: &PaletteState, actions: &mut Vec<Action>) {
    let is_highlighted = index == palette.highlighted;
    let shortcut = entry.command.map(|command| command.shortcut_text(ui.ctx())).unwrap_or_default();
    let button = Button::selectable(is_highlighted, entry.text.as_str())
        .shortcut_text(shortcut)
        .min_size(vec2(ui.available_width(), 24.0));
    let response = ui.add(button).on_hover_text(&entry.description);
    let is_chosen = response.clicked();
    if is_highlighted
        && ui.input(|input| input.events.iter().any(|event| matches!(event, egui::Event::Key { .. })))
    {
        response.scroll_to_me(Some(Align::Center));
    }
    if is_chosen {
        actions.push(Action::Palette(PaletteAction::Accept(index)));
    }
}
