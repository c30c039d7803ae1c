//! One component of the library, as a card of fixed height, so that only those in view are drawn.

use egui::{
    Align, Key, Label, Layout, Rect, Response, RichText, Sense, Stroke, StrokeKind, Ui, UiBuilder,
    WidgetInfo, WidgetType, vec2,
};
use jackfield_protocol::{LibraryEntry, LibraryVersion, Port};

use super::super::widgets::{cut_name, dim, name_button};
use crate::action::{Action, LibraryAction};
use crate::canvas::Dragged;
use crate::text;
use crate::theme::{self, space, words};

/// A card without the space below it.
pub(super) const HEIGHT: f32 = 72.0;

pub(super) fn show(ui: &mut Ui, entry: &LibraryEntry, version: &LibraryVersion, actions: &mut Vec<Action>) {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), HEIGHT));
    let id = ui.id().with(("library", &entry.name));
    let response = ui.interact(rect, id, Sense::click_and_drag());
    let label = format!("library {} {}", entry.name, version.tag);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &label));
    handle(ui, &response, version, actions);
    ground(ui, rect, &response);
    // Not a scope: the next card would begin where the text ends, and not where the card does.
    let ui = &mut ui.new_child(UiBuilder::new().max_rect(rect.shrink2(vec2(8.0, 4.0))));
    // Text must not take the drag away from the card.
    ui.style_mut().interaction.selectable_labels = false;
    ui.spacing_mut().item_spacing.y = 2.0;
    ui.set_clip_rect(rect.intersect(ui.clip_rect()));
    first_line(ui, entry, version, actions);
    second_line(ui, entry, version);
    third_line(ui, version);
}

fn handle(ui: &Ui, response: &Response, version: &LibraryVersion, actions: &mut Vec<Action>) {
    if response.clicked() {
        response.request_focus();
    }
    let is_entered = response.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if is_entered || response.double_clicked() {
        let add = LibraryAction::Add { source: version.source.clone(), at: None };
        actions.push(Action::Library(add));
    }
    if response.drag_started() {
        // Undo is to take the card back, and not what was typed to find it.
        ui.memory_mut(|memory| {
            if let Some(focused) = memory.focused() {
                memory.surrender_focus(focused);
            }
        });
        response.dnd_set_drag_payload(Dragged {
            source: version.source.clone(),
            tag: version.tag.clone(),
            info: version.info.clone(),
        });
    }
}

fn ground(ui: &Ui, rect: Rect, response: &Response) {
    let t = theme::tokens(ui.ctx());
    let stroke = match (response.has_focus(), response.hovered()) {
        (true, _) => Stroke::new(1.5, t.accent),
        (false, true) => Stroke::new(1.0, t.text_dim),
        (false, false) => Stroke::new(1.0, t.outline),
    };
    ui.painter().rect(rect, space::CORNER_LARGE, t.card, stroke, StrokeKind::Inside);
}

fn first_line(ui: &mut Ui, entry: &LibraryEntry, version: &LibraryVersion, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            versions(ui, entry, version, actions);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let name = cut_name(ui, &entry.name, ui.available_width());
                let name = ui.add(Label::new(RichText::new(name).strong()).truncate());
                name.on_hover_text(format!("{}\n{}", version.source, words::LIBRARY_CARD_HELP));
            });
        });
    });
}

/// The version that is shown; where there are more, they can be chosen from.
fn versions(ui: &mut Ui, entry: &LibraryEntry, shown: &LibraryVersion, actions: &mut Vec<Action>) {
    if entry.versions.len() < 2 {
        ui.label(dim(ui, &shown.tag));
        return;
    }
    let menu = ui.menu_button(format!("{} ⏷", shown.tag), |ui| {
        for version in &entry.versions {
            if ui.selectable_label(version.tag == shown.tag, &version.tag).clicked() {
                let (name, tag) = (entry.name.clone(), version.tag.clone());
                actions.push(Action::Library(LibraryAction::ChooseVersion { name, tag }));
            }
        }
    });
    name_button(&menu.response, &format!("version of {}", entry.name));
}

fn second_line(ui: &mut Ui, entry: &LibraryEntry, version: &LibraryVersion) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::SMALL;
        let origin = format!("{} · {}", origin(entry, version), text::size(version.size_in_bytes));
        small(ui, &origin).on_hover_text(version.digest.as_str());
        if let Some(info) = &version.info {
            ports(ui, "import", info.imports());
            ports(ui, "export", info.exports());
        }
    });
}

fn ports<'p>(ui: &mut Ui, noun: &str, ports: impl Iterator<Item = &'p Port>) {
    let names: Vec<&str> = ports.map(|port| port.name.as_str()).collect();
    let response = small(ui, &format!("· {}", text::count(names.len(), noun)));
    if !names.is_empty() {
        response.on_hover_text(names.join("\n"));
    }
}

fn third_line(ui: &mut Ui, version: &LibraryVersion) {
    if let Some(problem) = &version.problem {
        let text = RichText::new(problem).color(theme::tokens(ui.ctx()).error).size(space::TEXT_SMALL);
        ui.add(Label::new(text).truncate()).on_hover_text(problem);
    } else if let Some(description) = version.description.as_ref().or(version.title.as_ref()) {
        let text = dim(ui, description).size(space::TEXT_SMALL);
        ui.add(Label::new(text).truncate()).on_hover_text(description);
    }
}

fn small(ui: &mut Ui, text: &str) -> Response {
    ui.label(dim(ui, text).size(space::TEXT_SMALL))
}

/// Where it comes from: a mounted layout, a registry, or this machine's store.
fn origin<'e>(entry: &'e LibraryEntry, version: &'e LibraryVersion) -> &'e str {
    match (&version.layout, entry.name.split_once('/')) {
        (Some(layout), _) => layout,
        (None, Some((host, _))) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => "store",
    }
}
