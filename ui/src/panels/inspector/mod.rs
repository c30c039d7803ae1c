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

use egui::{Label, Response, RichText, ScrollArea, Ui};

use super::widgets::dim;
use crate::action::{Action, Selection};
use crate::model::{Model, OpenWorkload};

pub(super) fn show(ui: &mut Ui, model: &Model, open: &OpenWorkload, actions: &mut Vec<Action>) {
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
