//! Tabs for the open workloads, where there is more than one.

use egui::{Button, Ui};

use super::widgets::{dot, name_button};
use crate::action::Action;
use crate::canvas::state_color;
use crate::model::Model;
use crate::theme::{self, space, words};

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    if model.workloads.len() < 2 {
        return;
    }
    egui::Frame::new().inner_margin(egui::Margin::symmetric(8, 4)).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            for workload in &model.workloads {
                let view = &workload.view;
                let is_current = model.current == Some(view.id);
                dot(ui, state_color(&view.state, theme::tokens(ui.ctx())));
                let tab = ui
                    .add(Button::selectable(is_current, workload.title()))
                    .on_hover_text(words::place(view));
                tab.widget_info(|| {
                    let label = format!("workload {}", workload.title());
                    egui::WidgetInfo::selected(egui::WidgetType::SelectableLabel, true, is_current, label)
                });
                if tab.clicked() {
                    actions.push(Action::SwitchTo(view.id));
                }
                let close =
                    ui.add(Button::new("×").frame(false)).on_hover_text(format!("Close {}", view.name));
                name_button(&close, &format!("close {}", view.name));
                if close.clicked() {
                    actions.push(Action::Close(view.id));
                }
                ui.add_space(space::MEDIUM);
            }
        });
    });
}
