//! The session tab: what is recorded, the frames of one session, and one frame in full.

mod details;
mod hex;
mod past;
mod table;

use egui::{CentralPanel, Panel, Ui};

use super::mcp::column;
use super::widgets::empty;
use crate::action::Action;
use crate::model::Model;
use crate::theme::words;

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    column(ui, Panel::left("sessions"), 230.0, |ui| past::show(ui, model, actions));
    match &model.session.open {
        Some(open) => {
            let width = (ui.available_width() * 0.42).max(240.0);
            column(ui, Panel::right("frame"), width, |ui| details::show(ui, model, open, actions));
            CentralPanel::no_frame().show(ui, |ui| table::show(ui, open, actions));
        }
        None => empty(ui, words::SESSION_EMPTY),
    }
}
