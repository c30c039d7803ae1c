//! What a server offers: a searchable list, and below it what the server sent of itself.

use egui::{Button, Panel, RichText, ScrollArea, TextEdit, Ui, vec2};

use super::super::widgets::{dim, name_button, name_field};
use super::{notices, part};
use crate::action::{Action, McpAction};
use crate::command::Command;
use crate::model::mcp::{Connection, Offer, OfferKind};
use crate::text::{count, shortened};
use crate::theme::{self, space};

const ROW: f32 = 24.0;
/// In less height than this, the list of offers needs all of it.
const ROOM_FOR_NOTICES: f32 = 200.0;

pub(super) fn show(ui: &mut Ui, connection: &Connection, actions: &mut Vec<Action>) {
    if connection.notices_in_all > 0 && ui.available_height() > ROOM_FOR_NOTICES {
        let panel = Panel::bottom("mcp notices").max_size(ui.available_height() * 0.5);
        part(ui, panel, 72.0, |ui| notices::show(ui, connection, actions));
    }
    ui.horizontal_wrapped(|ui| tabs(ui, connection, actions));
    let mut text = connection.search.clone();
    let hint = format!("Search {}", connection.tab.plural().to_lowercase());
    let response = ui.add(TextEdit::singleline(&mut text).hint_text(hint).desired_width(f32::INFINITY));
    name_field(&response, "search tools");
    if response.changed() {
        actions.push(Action::Mcp(McpAction::Search(text)));
    }
    list(ui, connection, actions);
}

fn tabs(ui: &mut Ui, connection: &Connection, actions: &mut Vec<Action>) {
    for kind in OfferKind::ALL.into_iter().filter(|kind| connection.declares(*kind)) {
        let number = connection.lists.get(&kind).map_or(0, |list| list.offers.len());
        let button = Button::selectable(connection.tab == kind, format!("{} {number}", kind.plural()));
        let response = ui.add(button);
        name_button(&response, &format!("list {}", kind.plural().to_lowercase()));
        if response.clicked() {
            actions.push(Action::Mcp(McpAction::Tab(kind)));
        }
    }
    if connection.view.state.is_open() {
        let reload = ui.button("⟲").on_hover_text(Command::ReloadOffers.tooltip());
        name_button(&reload, "reload tools");
        if reload.clicked() {
            actions.push(Action::Run(Command::ReloadOffers));
        }
    }
}

fn list(ui: &mut Ui, connection: &Connection, actions: &mut Vec<Action>) {
    let known = connection.lists.get(&connection.tab);
    if let Some(error) = known.and_then(|list| list.error.as_ref()) {
        let error = RichText::new(error).color(theme::tokens(ui.ctx()).error);
        ui.add(egui::Label::new(error).wrap().selectable(true));
    }
    let found: Vec<&Offer> = connection.found().collect();
    if found.is_empty() {
        let is_loading = known.is_some_and(|list| list.is_loading);
        let text = match (is_loading, connection.search.is_empty()) {
            (true, _) => "Asking the server…".to_owned(),
            (false, true) => format!("The server has no {}.", connection.tab.plural().to_lowercase()),
            (false, false) => "Nothing matches.".to_owned(),
        };
        ui.label(dim(ui, text));
        return;
    }
    if !connection.search.is_empty() {
        ui.label(dim(ui, count(found.len(), connection.tab.word())));
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let area = ScrollArea::vertical().id_salt("offers").auto_shrink([false, false]);
    area.show_rows(ui, ROW, found.len(), |ui, rows| {
        for offer in rows.filter_map(|row| found.get(row)) {
            one(ui, connection, offer, actions);
        }
    });
}

fn one(ui: &mut Ui, connection: &Connection, offer: &Offer, actions: &mut Vec<Action>) {
    let is_selected = connection.selected.as_ref() == Some(&offer.key);
    let size = vec2(ui.available_width() - space::SMALL, ROW);
    let button = Button::selectable(is_selected, shortened(&offer.key.name, 200)).truncate().min_size(size);
    let response = ui.add(button);
    name_button(&response, &format!("{} {}", offer.key.kind.word(), offer.key.name));
    let hint = offer.description.as_deref().unwrap_or(&offer.key.name);
    if response.on_hover_text(shortened(hint, 1_000)).clicked() {
        actions.push(Action::Mcp(McpAction::Select(offer.key.clone())));
    }
}
