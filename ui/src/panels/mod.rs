//! The window's panels. Each draws a part of the model and emits actions; none changes anything.

mod components;
mod dock;
mod exchange;
mod held;
mod help;
mod inspector;
mod leave;
mod library;
mod logs;
mod logs_ink;
mod mcp;
mod mcp_session;
mod menu;
mod notices;
mod palette;
mod problems;
mod status;
mod switcher;
mod table;
mod toolbar;
mod traces;
mod welcome;
mod widgets;

use egui::{CentralPanel, Color32, Frame, Panel, Ui, UiBuilder};

use crate::action::Action;
use crate::canvas;
use crate::model::Model;
use crate::theme::space;

/// Draws the whole window.
pub(crate) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    bare(ui, Panel::top("menu")).show_separator_line(false).show(ui, |ui| menu::show(ui, model, actions));
    bare(ui, Panel::top("toolbar")).show(ui, |ui| toolbar::show(ui, model, actions));
    if notices::are_there(model) {
        bare(ui, Panel::top("notices")).show(ui, |ui| notices::show(ui, model, actions));
    }
    if held::are_there(model) {
        bare(ui, Panel::top("held calls")).show(ui, |ui| held::show(ui, model, actions));
    }
    bare(ui, Panel::bottom("status")).show(ui, |ui| status::show(ui, model, actions));
    match model.current() {
        Some(workload) => {
            side_panels(ui, model, actions);
            CentralPanel::no_frame().show(ui, |ui| {
                switcher::show(ui, model, actions);
                canvas::show(ui, workload, actions);
            });
        }
        None => {
            left_panel(ui, model, actions);
            dock::show_panel(ui, model, actions);
            let frame = Frame::central_panel(ui.style()).fill(Color32::TRANSPARENT);
            CentralPanel::default().frame(frame).show(ui, |ui| welcome::show(ui, model, actions));
        }
    }
    canvas::show_label(ui, model.current().map(|workload| workload.canvas.viewport()));
    traces::send_dialog(ui, model, actions);
    exchange::show(ui, model, actions);
    leave::show(ui, model, actions);
    palette::show(ui, model, actions);
    help::show(ui, model, actions);
}

fn side_panels(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let Some(workload) = model.current() else { return };
    dock::show_panel(ui, model, actions);
    left_panel(ui, model, actions);
    if model.preferences.inspector_open {
        bare(ui, Panel::right("inspector"))
            .resizable(true)
            .default_size(space::RIGHT_PANEL)
            .min_size(180.0)
            .show(ui, |ui| {
                fill(ui);
                inspector::show(ui, model, workload, actions);
            });
    }
}

/// The components of the workload, if there is one, and the library.
fn left_panel(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    if !model.preferences.components_open {
        return;
    }
    let panel = Panel::left("components").resizable(true).default_size(space::LEFT_PANEL).min_size(160.0);
    bare(ui, panel).show(ui, |ui| {
        fill(ui);
        // Where the dock leaves little room, what is lowest is cut off. It must not stretch the panel into the dock.
        let mut ui = bounded(ui);
        if let Some(workload) = model.current() {
            components::show(&mut ui, workload, actions);
            ui.separator();
        }
        library::show(&mut ui, model, actions);
    });
}

/// A panel without a ground of its own: the window is cleared with that colour already, and where
/// there is no GPU, painting it twice is a good part of a frame's cost.
fn bare(ui: &Ui, panel: Panel) -> Panel {
    panel.frame(Frame::side_top_panel(ui.style()).fill(Color32::TRANSPARENT))
}

/// The same place, which stays as large as it is, whatever is put into it.
fn bounded(ui: &mut Ui) -> Ui {
    let rect = ui.max_rect();
    let mut bounded = ui.new_child(UiBuilder::new().max_rect(rect));
    bounded.shrink_clip_rect(rect);
    bounded
}

/// Keeps a panel at the size that it was given; it would shrink to what is in it.
fn fill(ui: &mut Ui) {
    ui.set_min_size(ui.available_size());
}
