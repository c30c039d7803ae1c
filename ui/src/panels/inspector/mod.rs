//! The right panel: all about what is selected, and the fields that change it.

mod answers;
mod calls;
mod component;
mod fields;
mod highlight;
mod intervene;
mod link;
mod probe;
mod wit;
mod workload;

use egui::text::LayoutJob;
use egui::{Label, Response, RichText, ScrollArea, TextStyle, Ui};

use super::bounded;
use super::widgets::{cut_line, dim};
use crate::action::{Action, Selection};
use crate::model::{Model, OpenWorkload};

pub(super) fn show(ui: &mut Ui, model: &Model, open: &OpenWorkload, actions: &mut Vec<Action>) {
    // Whatever is in it, it must not stretch the panel over the canvas.
    let ui = &mut bounded(ui);
    let plan = &open.view.plan;
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| match &open.selection {
        None => workload::show(ui, open, actions),
        Some(Selection::Component(name)) => {
            if let Some(node) = plan.node(name) {
                component::show(ui, model, open, node, actions);
            }
        }
        Some(Selection::Link { consumer, import }) => {
            if let Some(found) = plan.link(consumer, import) {
                link::show(ui, open, found, actions);
            }
        }
    });
}

/// A name and what it stands for.
fn fact(ui: &mut Ui, name: &str, value: &str) -> Response {
    ui.horizontal_wrapped(|ui| {
        ui.label(dim(ui, name));
        ui.add(Label::new(value).wrap().selectable(true))
    })
    .inner
}

/// A long name of the binary.
fn code(ui: &mut Ui, text: &str) {
    ui.add(Label::new(RichText::new(text).monospace()).wrap().selectable(true));
}

/// A long name as the title of what unfolds below it: cut with an ellipsis where the panel ends.
fn title(ui: &Ui, text: &str) -> LayoutJob {
    let room = ui.available_width() - ui.spacing().indent - ui.spacing().scroll.allocated_width();
    let font = TextStyle::Monospace.resolve(ui.style());
    cut_line(text, font, ui.visuals().text_color(), room.max(40.0))
}
