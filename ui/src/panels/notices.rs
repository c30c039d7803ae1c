//! The notice bar: what went wrong stays until the user has seen it, and what is being done about it until it
//! is done.

use egui::{Align, Color32, CornerRadius, Frame, Layout, Margin, RichText, ScrollArea, Stroke, Ui};

use super::library::progress_line;
use super::widgets::{dim, name_button};
use crate::action::{Action, LibraryAction};
use crate::model::{Fetching, LibraryRoom, Model, Notice, NoticeKind};
use crate::theme::{self, space, words};

/// More notices than this scroll.
const MAX_HEIGHT: f32 = 190.0;

/// Whether there is anything to show.
pub(super) fn are_there(model: &Model) -> bool {
    !(model.notices.is_empty() && model.library.fetching.is_empty())
}

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    ui.add_space(space::SMALL);
    ScrollArea::vertical().max_height(MAX_HEIGHT).auto_shrink([false, true]).show(ui, |ui| {
        for fetching in &model.library.fetching {
            progress(ui, fetching, &model.library, actions);
        }
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
        NoticeKind::Information => (t.good, t.raised),
    };
    framed(ui, ink, ground, |ui| {
        if ui.button("Dismiss").on_hover_text("Take this notice away").clicked() {
            actions.push(Action::Dismiss(notice.id));
        }
        if ui.button("Copy notice").on_hover_text("Copy the whole text").clicked() {
            actions.push(Action::Copy(notice.text()));
        }
        if let Some(fetching) = &notice.fetching
            && ui.button(words::PULL_AND_OPEN).on_hover_text(fetching.missing.join("\n")).clicked()
        {
            actions.push(Action::Library(LibraryAction::Fetch(notice.id)));
        }
        ui.with_layout(Layout::top_down(Align::Min), |ui| text(ui, notice));
    });
}

/// What is pulled for a workload that is to be opened.
fn progress(ui: &mut Ui, fetching: &Fetching, library: &LibraryRoom, actions: &mut Vec<Action>) {
    let t = theme::tokens(ui.ctx());
    framed(ui, t.warning, t.warning_ground, |ui| {
        let cancel = ui.button("Cancel").on_hover_text(words::GIVE_UP_FETCHING);
        name_button(&cancel, &format!("cancel opening {}", fetching.path));
        if cancel.clicked() {
            actions.push(Action::Library(LibraryAction::GiveUpFetching(fetching.path.clone())));
        }
        ui.with_layout(Layout::top_down(Align::Min), |ui| {
            let title = format!("Pulling what {} needs", fetching.path);
            ui.add(egui::Label::new(RichText::new(title).strong()).wrap());
            for reference in &fetching.missing {
                let line = library.transfers.get(reference).map_or_else(|| reference.clone(), progress_line);
                ui.add(egui::Label::new(RichText::new(line).monospace()).wrap());
            }
        });
    });
}

/// A frame whose content begins with buttons at its right end.
fn framed(ui: &mut Ui, ink: Color32, ground: Color32, content: impl FnOnce(&mut Ui)) {
    Frame::new()
        .fill(ground)
        .stroke(Stroke::new(1.0, ink))
        .corner_radius(CornerRadius::same(space::CORNER))
        .inner_margin(Margin::symmetric(10, 6))
        .show(ui, |ui| ui.with_layout(Layout::right_to_left(Align::Min), content));
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
