//! The left panel: the components of the workload.

use egui::{Align, Button, Layout, ScrollArea, Ui};

use super::widgets::{dim, dot, heading};
use crate::action::{Action, Selection};
use crate::model::OpenWorkload;
use crate::{text, theme};

/// Of the panel's height; the library has the rest.
const SHARE: f32 = 0.4;

pub(super) fn show(ui: &mut Ui, workload: &OpenWorkload, actions: &mut Vec<Action>) {
    heading(ui, "Components");
    let height = ui.available_height() * SHARE;
    let area = ScrollArea::vertical()
        .id_salt("components")
        .max_height(height)
        .min_scrolled_height(0.0)
        .auto_shrink([false, true]);
    area.show(ui, |ui| {
        for (index, node) in workload.view.plan.nodes.iter().enumerate() {
            ui.horizontal(|ui| {
                dot(ui, theme::tokens(ui.ctx()).component(index));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let role = if node.is_service { "service" } else { "" };
                    ui.label(dim(ui, role));
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        let selection = Selection::Component(node.name.clone());
                        let is_selected = workload.selection.as_ref() == Some(&selection);
                        let button = Button::selectable(is_selected, node.name.as_str()).truncate();
                        let hint = format!("{}\n{}", node.source, text::size(node.component.size_in_bytes));
                        if ui.add(button).on_hover_text(hint).clicked() {
                            actions.push(Action::Reveal(selection));
                        }
                    });
                });
            });
        }
    });
}
