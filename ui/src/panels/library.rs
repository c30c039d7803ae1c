//! The lower half of the left panel: what the library has, to be searched and dragged from.

mod card;

use egui::{ProgressBar, ScrollArea, TextEdit, Ui};
use jackfield_protocol::Transfer;

use super::widgets::{command_button_named, dim, empty, heading, name_button, name_field};
use crate::action::{Action, LibraryAction};
use crate::command::Command;
use crate::model::{LibraryRoom, Model, search_field};
use crate::text;
use crate::theme::{self, words};

pub(super) fn show(ui: &mut Ui, model: &Model, actions: &mut Vec<Action>) {
    let library = &model.library;
    ui.horizontal(|ui| {
        heading(ui, "Library");
        if command_button_named(ui, "Add file…", "Add file to library", Command::AddFile) {
            actions.push(Action::Run(Command::AddFile));
        }
    });
    search(ui, library, actions);
    pull(ui, library, actions);
    for transfer in library.transfers.values() {
        progress(ui, transfer, actions);
    }
    let Some(page) = &library.page else { return empty(ui, words::LIBRARY_LOADING) };
    for problem in &page.problems {
        let color = theme::tokens(ui.ctx()).warning;
        ui.add(egui::Label::new(egui::RichText::new(problem).color(color)).truncate()).on_hover_text(problem);
    }
    if page.entries.is_empty() {
        return empty(ui, if page.total == 0 { words::LIBRARY_EMPTY } else { words::LIBRARY_NO_MATCH });
    }
    let area = ScrollArea::vertical()
        .id_salt("library entries")
        .auto_shrink([false, false])
        .min_scrolled_height(0.0);
    area.show_rows(ui, card::HEIGHT, page.entries.len(), |ui, rows| {
        for entry in page.entries.get(rows).unwrap_or_default() {
            if let Some(version) = library.shown(entry) {
                card::show(ui, entry, version, actions);
            }
        }
    });
}

fn search(ui: &mut Ui, library: &LibraryRoom, actions: &mut Vec<Action>) {
    let mut query = library.query.clone();
    let field = TextEdit::singleline(&mut query).id(search_field()).hint_text(words::LIBRARY_SEARCH);
    let response = ui.add(field.desired_width(f32::INFINITY)).on_hover_text(words::LIBRARY_SEARCH_HELP);
    name_field(&response, "Search library");
    if response.changed() {
        actions.push(Action::Library(LibraryAction::Query(query)));
    }
}

fn pull(ui: &mut Ui, library: &LibraryRoom, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let mut reference = library.pull_text.clone();
        let width = (ui.available_width() - 56.0).max(40.0);
        let field = TextEdit::singleline(&mut reference).hint_text(words::LIBRARY_PULL).desired_width(width);
        let response = ui.add(field).on_hover_text(words::LIBRARY_PULL_HELP);
        name_field(&response, "Reference to pull");
        let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        if response.changed() {
            actions.push(Action::Library(LibraryAction::PullText(reference)));
        }
        let button = ui.add_enabled(library.can_pull(), egui::Button::new("Pull"));
        if button.on_hover_text(words::LIBRARY_PULL_HELP).clicked() || is_entered {
            actions.push(Action::Library(LibraryAction::Pull));
        }
    });
}

/// How far a transfer is, in a line.
pub(super) fn progress_line(transfer: &Transfer) -> String {
    let done = text::size(transfer.done_in_bytes);
    let amount = match transfer.total_in_bytes {
        Some(total) => format!("{done} of {}", text::size(total)),
        None => done,
    };
    format!("{}: {} {amount}", transfer.reference, transfer.step)
}

fn progress(ui: &mut Ui, transfer: &Transfer, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let cancel = ui.small_button("Cancel").on_hover_text("Give it up");
        name_button(&cancel, &format!("cancel {}", transfer.reference));
        if cancel.clicked() {
            actions.push(Action::Library(LibraryAction::Cancel(transfer.reference.clone())));
        }
        let line = progress_line(transfer);
        ui.add(egui::Label::new(dim(ui, &line)).truncate()).on_hover_text(&line);
    });
    // A bar that moves by itself would keep the window from being idle.
    if let Some(total) = transfer.total_in_bytes.filter(|total| *total > 0) {
        let share = transfer.done_in_bytes as f32 / total as f32;
        ui.add(ProgressBar::new(share).desired_height(4.0));
    }
}
