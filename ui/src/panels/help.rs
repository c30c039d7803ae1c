//! The help window: every command with its keys, and what the mouse does on the canvas.

use egui::{Grid, Id, Modal, RichText, ScrollArea, Ui};

use super::widgets::{dialog_frame, dim, heading};
use crate::action::Action;
use crate::command::Command;
use crate::model::Model;
use crate::theme;

const HEIGHT: f32 = 520.0;

/// What the mouse and the keyboard do on the canvas.
const CANVAS: [(&str, &str); 13] = [
    ("Drag from the library", "add a component where you let it go; Escape gives it up"),
    ("Drag a card", "move it; undo takes it back"),
    ("Drag the background", "move what is seen; so does the middle button, and the wheel"),
    ("Ctrl and the wheel, or pinch", "zoom around the pointer"),
    ("Click a card or a link", "show it in the inspector"),
    ("Right click a card, a port or a link", "say what can be done with it"),
    ("Drag from a port to a port", "link an import to an export"),
    ("Drag from an import to the empty canvas", "choose what provides it"),
    ("Tab and arrow keys", "go from card to card"),
    ("Click a host chip", "list the imports that the host provides"),
    ("Rest on a port or a link", "show its functions, or why it is linked"),
    ("A ring around a link's handle", "its calls are observed; figures stand below it"),
    (
        "A red dot, a clock, a cross over it",
        "calls are held, delayed, or fail; click the link to change that",
    ),
];

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    if !model.help_open {
        return;
    }
    let modal = Modal::new(Id::new("help"))
        .frame(dialog_frame(ui))
        .backdrop_color(theme::tokens(ui.ctx()).shade)
        .show(ui.ctx(), |ui| {
            ui.set_width(600.0);
            ui.heading("Commands and shortcuts");
            // A dialog's room depends on where it was, and so on its size: both heights stop the circle.
            let height = HEIGHT.min(ui.ctx().content_rect().height() - 160.0);
            ScrollArea::vertical().max_height(height).min_scrolled_height(height).show(ui, |ui| {
                commands(ui);
                heading(ui, "On the canvas");
                Grid::new("canvas help").num_columns(2).show(ui, |ui| {
                    for (input, effect) in CANVAS {
                        ui.label(input);
                        ui.label(dim(ui, effect));
                        ui.end_row();
                    }
                });
            });
            ui.separator();
            if ui.button("Close help").clicked() {
                actions.push(Action::CloseHelp);
            }
        });
    if modal.should_close() {
        actions.push(Action::CloseHelp);
    }
}

fn commands(ui: &mut Ui) {
    Grid::new("command help").num_columns(3).show(ui, |ui| {
        for command in Command::ALL {
            ui.label(command.text());
            ui.label(RichText::new(command.shortcut_text(ui.ctx())).monospace());
            ui.label(dim(ui, command.tooltip()));
            ui.end_row();
        }
    });
}
