//! The question before something that is not saved is closed.

use egui::{Id, Modal, Ui};

use super::widgets::{dialog_frame, dim};
use crate::action::Action;
use crate::model::Model;
use crate::theme::{self, space, words};

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    // While it is being saved, a dialog of the system may be in front.
    let Some(leaving) = model.leaving.filter(|leaving| !leaving.is_saving) else { return };
    let names: Vec<&str> = model.unsaved(leaving).map(|open| open.view.name.as_str()).collect();
    let modal = Modal::new(Id::new("leave"))
        .frame(dialog_frame(ui))
        .backdrop_color(theme::tokens(ui.ctx()).shade)
        .show(ui.ctx(), |ui| {
            ui.set_width(380.0);
            ui.heading(format!("Save {}?", names.join(", ")));
            ui.label(dim(ui, words::LEAVE_HELP));
            ui.add_space(space::LARGE);
            ui.horizontal(|ui| {
                for (text, keep) in
                    [("Save changes", Some(true)), ("Discard changes", Some(false)), ("Cancel", None)]
                {
                    if ui.button(text).clicked() {
                        actions.push(Action::Leave(keep));
                    }
                }
            });
        });
    if modal.should_close() {
        actions.push(Action::Leave(None));
    }
}
