//! The MCP tab: connections, what their servers offer, and a form to use it.

mod connect;
mod connections;
mod form;
mod notices;
mod offers;
mod result;
mod tool;
pub(super) mod tree;

pub(super) use connections::color as connection_color;
pub(super) use result::{text as result_text, trace_button};

use egui::{CentralPanel, Frame, Label, Margin, Panel, RichText, ScrollArea, Ui};
use jackfield_protocol::ConnectionState;

use super::bare;
use super::widgets::{dim, empty};
use crate::action::Action;
use crate::model::Model;
use crate::model::mcp::Connection;
use crate::theme::{self, words};

/// No part is made smaller than this.
const MIN_SIZE: f32 = 120.0;

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    part(ui, Panel::left("mcp connections"), 230.0, |ui| connections::show(ui, model, actions));
    rest(ui, |ui| match (&model.mcp.draft, model.mcp.shown()) {
        (Some(draft), _) => connect::show(ui, model, draft, actions),
        (None, Some(connection)) => server(ui, model, connection, actions),
        (None, None) => empty(ui, words::MCP_EMPTY),
    });
}

/// A part that keeps the width or the height that it was given, whatever is in it.
pub(super) fn part(ui: &mut Ui, panel: Panel, size: f32, content: impl FnOnce(&mut Ui)) {
    bare(ui, panel).resizable(true).default_size(size).min_size(size.min(MIN_SIZE)).show(ui, |ui| {
        super::fill(ui);
        content(&mut super::bounded(ui));
    });
}

/// What is left beside the other parts.
pub(super) fn rest(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let frame = Frame::new().inner_margin(Margin::symmetric(8, 0));
    CentralPanel::default().frame(frame).show(ui, content);
}

fn server(ui: &mut Ui, model: &Model, connection: &Connection, actions: &mut Vec<Action>) {
    let is_known = connection.view.server.is_some();
    match &connection.view.state {
        ConnectionState::Failed { reason, help } => failure(ui, reason, help.as_deref()),
        ConnectionState::Connecting => {
            ui.label(dim(ui, "Waiting for the server to answer…"));
        }
        ConnectionState::Closed if !is_known => empty(ui, "The connection is closed."),
        ConnectionState::Closed | ConnectionState::Ready => {}
    }
    if !is_known {
        return;
    }
    part(ui, Panel::left("mcp offers"), 260.0, |ui| offers::show(ui, connection, actions));
    rest(ui, |ui| tool::show(ui, model, actions));
}

fn failure(ui: &mut Ui, reason: &str, help: Option<&str>) {
    let t = theme::tokens(ui.ctx());
    ScrollArea::vertical().id_salt("failure").max_height(120.0).show(ui, |ui| {
        ui.add(Label::new(RichText::new(reason).color(t.error)).wrap().selectable(true));
        if let Some(help) = help {
            ui.add(Label::new(dim(ui, help)).wrap().selectable(true));
        }
    });
}
