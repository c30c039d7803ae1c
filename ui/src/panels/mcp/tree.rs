//! A JSON value as a tree with rows that fold. Only the rows in view are drawn.

use egui::{FontId, Key, Rect, ScrollArea, Sense, TextStyle, Ui, WidgetInfo, WidgetType, pos2, vec2};

use super::super::widgets::{cut_line, name_button};
use crate::action::Action;
use crate::model::mcp::{JsonTree, TreeAction, TreeKind, TreeRow};
use crate::text::shortened;
use crate::theme::{self, space};

const ROW: f32 = 18.0;
const INDENT: f32 = 14.0;

/// Draws a tree; `of` names it, and `act` says what changes it.
pub(in crate::panels) fn show(
    ui: &mut Ui,
    tree: &JsonTree,
    of: &str,
    act: fn(TreeAction) -> Action,
    actions: &mut Vec<Action>,
) {
    ui.horizontal_wrapped(|ui| buttons(ui, tree, act, actions));
    ui.spacing_mut().item_spacing.y = 0.0;
    let font = TextStyle::Monospace.resolve(ui.style());
    let area = ScrollArea::vertical().id_salt(("tree", of)).auto_shrink([false, false]);
    area.show_rows(ui, ROW, tree.rows().len(), |ui, rows| {
        for row in rows.filter_map(|row| tree.rows().get(row)) {
            one(ui, tree, row, of, &font, act, actions);
        }
    });
}

fn buttons(ui: &mut Ui, tree: &JsonTree, act: fn(TreeAction) -> Action, actions: &mut Vec<Action>) {
    let selected = tree.selected();
    let copy = ui.add_enabled(selected.is_some(), egui::Button::new("Copy value"));
    if copy.on_hover_text("Copy the selected value").clicked() {
        actions.extend(tree.selected_text().map(Action::Copy));
    }
    let path = ui.add_enabled(selected.is_some(), egui::Button::new("Copy path"));
    if path.on_hover_text("Copy the selected value's place as a JSON pointer").clicked() {
        actions.extend(selected.map(|at| Action::Copy(at.to_owned())));
    }
    for (text, label, action) in
        [("⏷", "unfold all", TreeAction::UnfoldAll), ("⏵", "fold all", TreeAction::FoldAll)]
    {
        let button = ui.button(text).on_hover_text(label);
        name_button(&button, label);
        if button.clicked() {
            actions.push(act(action));
        }
    }
}

fn one(
    ui: &mut Ui,
    tree: &JsonTree,
    row: &TreeRow,
    of: &str,
    font: &FontId,
    act: fn(TreeAction) -> Action,
    actions: &mut Vec<Action>,
) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::CLICK);
    let is_selected = tree.selected() == Some(row.at.as_str());
    response.widget_info(|| {
        let at = if row.at.is_empty() { "/" } else { &row.at };
        let label = format!("{of} {at}: {}", shortened(&row.text, 200));
        WidgetInfo::selected(WidgetType::SelectableLabel, true, is_selected, label)
    });
    paint(ui, rect, row, is_selected, font);
    if response.clicked() {
        let left = rect.left() + INDENT * (row.depth as f32 + 1.0);
        let on_arrow = response.interact_pointer_pos().is_some_and(|at| at.x < left);
        if row.is_open.is_some() && (on_arrow || is_selected) {
            actions.push(act(TreeAction::Toggle(row.at.clone())));
        }
        actions.push(act(TreeAction::Select(row.at.clone())));
    }
    if is_selected
        && response.has_focus()
        && row.is_open.is_some()
        && ui.input(|input| input.key_pressed(Key::Enter))
    {
        actions.push(act(TreeAction::Toggle(row.at.clone())));
    }
}

fn paint(ui: &Ui, rect: Rect, row: &TreeRow, is_selected: bool, font: &FontId) {
    let t = theme::tokens(ui.ctx());
    if is_selected {
        ui.painter().rect_filled(rect, 0, t.accent_ground);
    }
    let arrow = match row.is_open {
        Some(true) => "⏷",
        Some(false) => "⏵",
        None => "",
    };
    let [text_ink, number_ink, word_ink] = [t.good, t.accent, t.warning];
    // On the ground of what is selected, only the text's own colour is sure to be readable.
    let color = match row.kind {
        _ if is_selected => t.text,
        TreeKind::Composite => t.text_dim,
        TreeKind::Text => text_ink,
        TreeKind::Number => number_ink,
        TreeKind::Word => word_ink,
    };
    let key = row.key.as_ref().map(|key| format!("{}: ", crate::text::printable(key))).unwrap_or_default();
    let mut x = rect.left() + INDENT * row.depth as f32;
    for (text, color, least) in [(arrow, t.text, INDENT), (&key, t.text, 0.0), (&row.text, color, 0.0)] {
        let room = (rect.right() - x - space::SMALL).max(0.0);
        let galley = ui.painter().layout_job(cut_line(text, font.clone(), color, room));
        let top = rect.center().y - galley.size().y / 2.0;
        let width = galley.size().x;
        ui.painter().galley(pos2(x, top), galley, color);
        x += width.max(least);
    }
}
