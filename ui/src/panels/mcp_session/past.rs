//! What is recorded on this machine, newest first.

use egui::{Button, RichText, ScrollArea, Ui};
use jackfield_protocol::{SessionRole, SessionView};

use super::super::widgets::{counter, dim, dot, name_button};
use crate::action::{Action, SessionAction};
use crate::model::Model;
use crate::text::{count, day_and_time, size};
use crate::theme::{self, words};

const ROW: f32 = 48.0;

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let sessions = &model.session.sessions;
    ui.horizontal(|ui| {
        counter(ui, count(sessions.len(), "session"));
        let reload = ui.button("⟲").on_hover_text("List the sessions again");
        name_button(&reload, "reload sessions");
        if reload.clicked() {
            actions.push(Action::Session(SessionAction::Reload));
        }
    });
    if let Some(view) = model.session.to_delete.as_ref().and_then(|id| model.session.view(id)) {
        ask(ui, view, actions);
    }
    if sessions.is_empty() {
        ui.add(egui::Label::new(dim(ui, words::SESSION_NONE)).wrap());
        return;
    }
    let area = ScrollArea::vertical().id_salt("sessions").auto_shrink([false, false]);
    area.show_rows(ui, ROW, sessions.len(), |ui, rows| {
        for view in rows.filter_map(|row| sessions.get(row)) {
            row(ui, model, view, actions);
        }
    });
}

fn ask(ui: &mut Ui, view: &SessionView, actions: &mut Vec<Action>) {
    ui.group(|ui| {
        let text = format!("Delete the session with {}? Its frames are lost.", view.label);
        ui.add(egui::Label::new(text).wrap());
        ui.horizontal(|ui| {
            let delete = ui.button("Delete");
            name_button(&delete, "delete session now");
            if delete.clicked() {
                actions.push(Action::Session(SessionAction::Delete(view.id.clone())));
            }
            if ui.button("Keep").clicked() {
                actions.push(Action::Session(SessionAction::KeepIt));
            }
        });
    });
}

fn role(role: SessionRole) -> &'static str {
    match role {
        SessionRole::Client => "client here",
        SessionRole::Server => "served here",
        SessionRole::Between => "between",
    }
}

fn row(ui: &mut Ui, model: &Model, view: &SessionView, actions: &mut Vec<Action>) {
    let is_shown = model.session.open.as_ref().is_some_and(|open| open.id == view.id);
    ui.allocate_ui(egui::vec2(ui.available_width(), ROW), |ui| {
        ui.set_min_height(ROW);
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.horizontal(|ui| {
            let t = theme::tokens(ui.ctx());
            if view.is_live {
                dot(ui, t.good);
            } else {
                let delete = ui.small_button("×").on_hover_text("Delete this session…");
                name_button(&delete, &format!("delete session {}", view.id));
                if delete.clicked() {
                    actions.push(Action::Session(SessionAction::AskDelete(view.id.clone())));
                }
            }
            let response = ui.add(Button::selectable(is_shown, view.label.as_str()).truncate());
            name_button(&response, &format!("session {}", view.id));
            if response.on_hover_text(format!("{} · {}", view.label, view.id)).clicked() {
                actions.push(Action::Session(SessionAction::Open(view.id.clone())));
            }
        });
        let live = if view.is_live { " · live" } else { "" };
        let when = day_and_time(view.started_unix_micros);
        let frames = usize::try_from(view.frames).unwrap_or(usize::MAX);
        let facts =
            format!("{} · {} · {}{live}", role(view.role), count(frames, "frame"), size(view.size_in_bytes));
        let text = match &view.problem {
            Some(problem) => RichText::new(problem).color(theme::tokens(ui.ctx()).warning),
            None => dim(ui, facts.clone()),
        };
        ui.add(egui::Label::new(text.small()).truncate()).on_hover_text(&facts);
        ui.add(egui::Label::new(dim(ui, when).small()).truncate());
    });
}
