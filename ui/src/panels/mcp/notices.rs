//! What a server sent of itself: log messages, and that its lists are others now.

use egui::{ComboBox, RichText, ScrollArea, TextStyle, Ui};

use super::super::logs::name_combo;
use super::super::widgets::{cut_line, dim, name_button};
use crate::action::{Action, McpAction};
use crate::model::mcp::{Connection, ServerNotice};
use crate::theme;

/// The levels of RFC 5424, the most severe last.
const LEVELS: [&str; 8] = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

pub(super) fn show(ui: &mut Ui, connection: &Connection, actions: &mut Vec<Action>) {
    ui.horizontal_wrapped(|ui| {
        ui.label(dim(ui, format!("From the server ({})", connection.notices_in_all)));
        let clear = ui.button("Clear").on_hover_text("Empty this list");
        name_button(&clear, "clear notices");
        if clear.clicked() {
            actions.push(Action::Mcp(McpAction::ClearNotices));
        }
        let logs = connection.view.server.as_ref().is_some_and(|server| server.has("logging"));
        if logs && connection.view.state.is_open() {
            level(ui, actions);
        }
    });
    let height = ui.text_style_height(&TextStyle::Monospace) + 3.0;
    ui.spacing_mut().item_spacing.y = 0.0;
    // A panel with less room than the usual least height of a list would grow with every frame.
    let area = ScrollArea::vertical().id_salt("notices").auto_shrink([false, false]).min_scrolled_height(0.0);
    let area = area.stick_to_bottom(true);
    area.show_rows(ui, height, connection.notices.len(), |ui, rows| {
        for notice in rows.filter_map(|row| connection.notices.get(row)) {
            one(ui, notice);
        }
    });
}

fn level(ui: &mut Ui, actions: &mut Vec<Action>) {
    let response = ComboBox::from_id_salt("log level").selected_text("Level").width(70.0).show_ui(ui, |ui| {
        for level in LEVELS {
            if ui.selectable_label(false, level).clicked() {
                actions.push(Action::Mcp(McpAction::LogLevel(level.to_owned())));
            }
        }
    });
    name_combo(&response.response, "log level of server", "");
}

fn one(ui: &mut Ui, notice: &ServerNotice) {
    let t = theme::tokens(ui.ctx());
    let color = match notice.level.as_str() {
        "warning" => t.warning,
        "error" | "critical" | "alert" | "emergency" => t.error,
        _ => t.text_dim,
    };
    let text = format!("{} {}", notice.level, notice.text);
    let font = TextStyle::Monospace.resolve(ui.style());
    let job = cut_line(&text, font, color, ui.available_width());
    ui.label(job).on_hover_text(RichText::new(&notice.text).monospace());
}
