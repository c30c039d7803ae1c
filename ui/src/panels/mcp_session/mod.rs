//! The session tab: what is recorded, the frames of one session, and one frame in full.

mod details;
mod hex;
mod past;
mod table;

use egui::{Panel, Ui};

use super::mcp::{part, rest};
use super::widgets::empty;
use crate::action::Action;
use crate::model::Model;
use crate::theme::words;

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    part(ui, Panel::left("sessions"), 230.0, |ui| past::show(ui, model, actions));
    match &model.session.open {
        Some(open) => {
            let width = (ui.available_width() * 0.34).max(260.0);
            part(ui, Panel::right("frame"), width, |ui| details::show(ui, model, open, actions));
            rest(ui, |ui| table::show(ui, open, actions));
        }
        None => empty(ui, words::SESSION_EMPTY),
    }
}
