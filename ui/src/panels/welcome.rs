//! What the window shows while nothing is open: never an empty canvas.

use egui::{Button, CornerRadius, Frame, Margin, RichText, ScrollArea, Stroke, Ui};
use jackfield_protocol::Sample;

use super::widgets::{dim, name_button, run_on_click};
use crate::action::{Action, LibraryAction};
use crate::canvas::released_over;
use crate::command::Command;
use crate::model::Model;
use crate::theme::{self, space, words};

/// The page is no wider than lines can be read well.
const WIDTH: f32 = 560.0;

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    // Nothing is open: a component that is dropped here begins a workload.
    if let Some(dragged) = released_over(ui, ui.max_rect()) {
        let add = LibraryAction::Add { source: dragged.source.clone(), at: None };
        actions.push(Action::Library(add));
    }
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        let margin = ((ui.available_width() - WIDTH) / 2.0).max(0.0);
        ui.horizontal(|ui| {
            ui.add_space(margin);
            ui.vertical(|ui| {
                ui.set_max_width(WIDTH);
                page(ui, model, actions);
            });
        });
    });
}

fn page(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    ui.add_space(48.0);
    ui.label(RichText::new(words::NAME).size(30.0).strong());
    ui.label(dim(ui, words::TAGLINE).size(15.0));
    ui.add_space(space::LARGE);
    ui.horizontal_wrapped(|ui| {
        let accent = theme::tokens(ui.ctx()).accent_ground;
        let button = Button::new("Open a workload…").fill(accent);
        run_on_click(ui.add(button), Command::Open, actions);
        run_on_click(ui.button("New workload"), Command::New, actions);
        run_on_click(ui.button(Command::ImportManifest.text()), Command::ImportManifest, actions);
        ui.label(dim(ui, words::DROP_HINT));
    });
    ui.add_space(space::LARGE);
    ui.heading("Samples");
    if model.samples.is_empty() {
        ui.label(dim(ui, if model.is_loaded { words::NO_SAMPLES } else { words::LOADING }));
    }
    for sample in &model.samples {
        one_sample(ui, sample, actions);
    }
    ui.add_space(space::LARGE);
    let commands =
        [Command::New, Command::Open, Command::Palette, Command::Start, Command::Fit, Command::Help];
    for command in commands {
        ui.horizontal(|ui| {
            let keys = command.shortcut_text(ui.ctx());
            ui.add_sized([70.0, 18.0], egui::Label::new(RichText::new(keys).monospace()));
            ui.label(dim(ui, command.tooltip()));
        });
    }
    ui.add_space(space::LARGE);
}

fn one_sample(ui: &mut Ui, sample: &Sample, actions: &mut Vec<Action>) {
    let t = theme::tokens(ui.ctx());
    Frame::new()
        .fill(t.card)
        .stroke(Stroke::new(1.0, t.outline))
        .corner_radius(CornerRadius::same(space::CORNER_LARGE))
        .inner_margin(Margin::symmetric(14, 10))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal(|ui| {
                ui.label(RichText::new(&sample.name).strong());
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let button = ui.button("Open").on_hover_text(&sample.path);
                    name_button(&button, &format!("Open sample {}", sample.name));
                    if button.clicked() {
                        actions.push(Action::Open(sample.path.clone()));
                    }
                });
            });
            ui.add(egui::Label::new(dim(ui, &sample.description)).wrap());
        });
}
