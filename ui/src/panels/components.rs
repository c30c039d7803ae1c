//! The left panel: the components of the workload.

use egui::{Align, Button, Layout, ScrollArea, Ui, WidgetInfo, WidgetType};

use super::widgets::{cut_name, dim, dot, heading};
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
                        let room = ui.available_width() - 2.0 * ui.spacing().button_padding.x;
                        let name = node.name.as_str();
                        let button = Button::selectable(is_selected, cut_name(ui, name, room)).truncate();
                        let size = text::size(node.component.size_in_bytes);
                        let hint = format!("{name}\n{}\n{size}", node.source);
                        let response = ui.add(button);
                        response.widget_info(|| {
                            WidgetInfo::selected(WidgetType::SelectableLabel, true, is_selected, name)
                        });
                        if response.on_hover_text(hint).clicked() {
                            actions.push(Action::Reveal(selection));
                        }
                    });
                });
            });
        }
    });
}
