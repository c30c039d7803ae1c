//! The question where traces are to be sent.

use egui::{Button, Id, Key, Label, Modal, RichText, TextEdit, Ui};
use jackfield_protocol::TraceSelection;

use super::super::widgets::{dialog_fields, dialog_frame, dim, name_button, name_field};
use crate::action::{Action, TraceAction};
use crate::model::Model;
use crate::text::count;
use crate::theme::{self, space, words};

pub(in crate::panels) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let Some(draft) = &model.traces.sending else { return };
    let modal = Modal::new(Id::new("send traces"))
        .frame(dialog_frame(ui))
        .backdrop_color(theme::tokens(ui.ctx()).shade)
        .show(ui.ctx(), |ui| {
            ui.set_width(420.0);
            dialog_fields(ui);
            ui.heading("Send traces to a collector");
            let what = match &draft.traces {
                TraceSelection::These(ids) => count(ids.len(), "trace"),
                TraceSelection::Workload(id) => {
                    let name = model.workload(*id).map_or("the workload", |open| &open.view.name);
                    format!("All traces of {name}")
                }
                TraceSelection::Recording(path) => format!("All traces of {path}"),
                TraceSelection::All => "All traces".to_owned(),
            };
            ui.label(dim(ui, format!("{what}, as OTLP over HTTP")));
            ui.add_space(space::MEDIUM);
            let mut endpoint = draft.endpoint.clone();
            let field = TextEdit::singleline(&mut endpoint).hint_text(words::COLLECTOR_HINT);
            let response = ui.add(field.desired_width(f32::INFINITY));
            name_field(&response, "address of the collector");
            if response.changed() {
                actions.push(Action::Trace(TraceAction::Endpoint(Some(endpoint))));
            }
            let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if let Some(error) = &draft.error {
                ui.add(Label::new(RichText::new(error).color(theme::tokens(ui.ctx()).error)).wrap());
            }
            ui.add_space(space::LARGE);
            ui.horizontal(|ui| {
                let text = if draft.is_sending { "Sending…" } else { "Send" };
                let send = ui.add_enabled(!draft.is_sending, Button::new(text));
                name_button(&send, "send traces");
                if send.clicked() || is_entered {
                    actions.push(Action::Trace(TraceAction::Send));
                }
                if ui.button("Cancel").clicked() {
                    actions.push(Action::Trace(TraceAction::Endpoint(None)));
                }
            });
        });
    if modal.should_close() {
        actions.push(Action::Trace(TraceAction::Endpoint(None)));
    }
}
