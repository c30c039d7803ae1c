//! The notice bar: what went wrong stays until the user has seen it.

use egui::{Align, CornerRadius, Frame, Layout, Margin, RichText, ScrollArea, Stroke, Ui};

use super::widgets::dim;
use crate::action::Action;
use crate::model::{Model, Notice, NoticeKind};
use crate::theme::{self, space};

/// More notices than this scroll.
const MAX_HEIGHT: f32 = 190.0;

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    ui.add_space(space::SMALL);
    ScrollArea::vertical().max_height(MAX_HEIGHT).auto_shrink([false, true]).show(ui, |ui| {
        for notice in model.notices.iter().rev() {
            one(ui, notice, actions);
        }
    });
    ui.add_space(space::SMALL);
}

fn one(ui: &mut Ui, notice: &Notice, actions: &mut Vec<Action>) {
    let t = theme::tokens(ui.ctx());
    let (ink, ground) = match notice.kind {
        NoticeKind::Error => (t.error, t.error_ground),
        NoticeKind::Information => (t.warning, t.warning_ground),
    };
    Frame::new()
        .fill(ground)
        .stroke(Stroke::new(1.0, ink))
        .corner_radius(CornerRadius::same(space::CORNER))
        .inner_margin(Margin::symmetric(10, 6))
        .show(ui, |ui| {
            ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                if ui.button("Dismiss").on_hover_text("Take this notice away").clicked() {
                    actions.push(Action::Dismiss(notice.id));
                }
                if ui.button("Copy notice").on_hover_text("Copy the whole text").clicked() {
                    actions.push(Action::Copy(notice.text()));
                }
                ui.with_layout(Layout::top_down(Align::Min), |ui| text(ui, notice));
            });
        });
}

fn text(ui: &mut Ui, notice: &Notice) {
    let times = if notice.times > 1 { format!("  (×{})", notice.times) } else { String::new() };
    ui.add(
        egui::Label::new(RichText::new(format!("{}{times}", notice.title)).strong()).wrap().selectable(true),
    );
    for detail in &notice.details {
        ui.add(egui::Label::new(RichText::new(detail).monospace()).wrap().selectable(true));
    }
    if let Some(help) = &notice.help {
        ui.add(egui::Label::new(dim(ui, help)).wrap());
    }
}
