//! The list of connections, and the ways to make one.

use egui::{Align, Button, Color32, Layout, RichText, ScrollArea, Ui};
use jackfield_protocol::ConnectionState;

use super::super::widgets::{command_button, dim, dot, name_button};
use crate::action::{Action, McpAction, SessionAction};
use crate::command::Command;
use crate::model::Model;
use crate::model::mcp::Connection;
use crate::theme::{self, Tokens, space};

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    ScrollArea::vertical().id_salt("connections").auto_shrink([false, false]).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            for command in [Command::ConnectWorkload, Command::ConnectCommand, Command::ConnectUrl] {
                command_button(ui, model, command, actions);
            }
        });
        ui.add_space(space::SMALL);
        for connection in &model.mcp.connections {
            row(ui, model, connection, actions);
        }
        serving(ui, model, actions);
    });
}

pub(in crate::panels) fn color(state: &ConnectionState, t: &Tokens) -> Color32 {
    match state {
        ConnectionState::Connecting => t.warning,
        ConnectionState::Ready => t.good,
        ConnectionState::Closed => t.text_dim,
        ConnectionState::Failed { .. } => t.error,
    }
}

fn word(state: &ConnectionState) -> &'static str {
    match state {
        ConnectionState::Connecting => "connecting",
        ConnectionState::Ready => "ready",
        ConnectionState::Closed => "closed",
        ConnectionState::Failed { .. } => "failed",
    }
}

fn row(ui: &mut Ui, model: &Model, connection: &Connection, actions: &mut Vec<Action>) {
    let view = &connection.view;
    let is_shown = model.mcp.shown == Some(view.id) && model.mcp.draft.is_none();
    ui.horizontal(|ui| {
        dot(ui, color(&view.state, theme::tokens(ui.ctx())));
        ui.with_layout(Layout::left_to_right(Align::Center).with_main_justify(false), |ui| {
            let response = ui.add(Button::selectable(is_shown, view.label.as_str()).truncate());
            name_button(&response, &format!("connection {}", view.label));
            let hint = format!("{}, {}", view.label, word(&view.state));
            if response.on_hover_text(hint).clicked() {
                actions.push(Action::Mcp(McpAction::Show(view.id)));
            }
        });
    });
    ui.indent(("connection", view.id), |ui| {
        ui.label(dim(ui, description(connection)));
        if is_shown {
            ui.horizontal_wrapped(|ui| controls(ui, model, connection, actions));
        }
    });
}

fn description(connection: &Connection) -> String {
    match &connection.view.server {
        Some(server) => {
            let name = server.title.as_ref().unwrap_or(&server.name);
            let state = match connection.view.state {
                ConnectionState::Ready => String::new(),
                _ => format!(", {}", word(&connection.view.state)),
            };
            format!("{name} {} · {}{state}", server.version, server.protocol_version)
        }
        None => word(&connection.view.state).to_owned(),
    }
}

fn controls(ui: &mut Ui, model: &Model, connection: &Connection, actions: &mut Vec<Action>) {
    let ways = if connection.view.state.is_open() { Command::Disconnect } else { Command::Reconnect };
    command_button(ui, model, ways, actions);
    let forget = ui.button("Forget").on_hover_text(Command::ForgetConnection.tooltip());
    name_button(&forget, "forget connection");
    if forget.clicked() {
        actions.push(Action::Run(Command::ForgetConnection));
    }
    // Nothing is recorded if the workbench was told so.
    if connection.view.session.as_str().is_empty() {
        return;
    }
    let session = ui.button("Session").on_hover_text("Show what was said over this connection");
    name_button(&session, "session of connection");
    if session.clicked() {
        actions.push(Action::Session(SessionAction::Open(connection.view.session.clone())));
    }
}

/// Serving the current workload to clients outside.
fn serving(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let Some(workload) = model.current() else { return };
    ui.separator();
    ui.label(dim(ui, format!("{} for other clients", workload.view.name)));
    match &workload.view.mcp_url {
        None => {
            command_button(ui, model, Command::ServeWorkload, actions);
        }
        Some(url) => {
            ui.label(RichText::new(url).monospace());
            ui.horizontal_wrapped(|ui| {
                let copy = ui.button("Copy").on_hover_text("Copy the address for an MCP client");
                name_button(&copy, "copy MCP address");
                if copy.clicked() {
                    actions.push(Action::Copy(url.clone()));
                }
                command_button(ui, model, Command::StopServing, actions);
            });
        }
    }
}
