//! What tables of many rows have in common: their head, how a row's cells are laid out, and that a table has the
//! keyboard as a whole. Which rows there are, where they scroll to and what the keys do is each table's own.

use egui::{
    Color32, EventFilter, FontId, Id, Painter, Rect, Response, Sense, Stroke, StrokeKind, TextStyle, Ui,
    WidgetInfo, WidgetType, pos2, vec2,
};

use super::widgets::cut_line;
use crate::theme::{self, space};

/// Where columns of these widths begin and end in a row, from its left side.
pub(super) fn columns<const N: usize>(widths: [f32; N]) -> [(f32, f32); N] {
    let mut at = space::SMALL;
    widths.map(|wide| {
        let from = at;
        at += wide;
        (from, at - space::SMALL)
    })
}

/// The titles above the columns, which are asked for by the width of a row: beside the rows is a scroll bar.
pub(super) fn head<const N: usize>(ui: &mut Ui, titles: [&str; N], columns: fn(f32) -> [(f32, f32); N]) {
    let width = ui.available_width() - ui.spacing().scroll.allocated_width();
    let (rect, _) = ui.allocate_exact_size(vec2(width, space::LOG_ROW), Sense::hover());
    let ink = theme::tokens(ui.ctx()).text_dim;
    let font = TextStyle::Small.resolve(ui.style());
    let cells = titles.map(|title| (title.to_owned(), ink));
    row(ui.painter(), rect, cells, columns(rect.width()), &font);
}

/// The cells of a row in its middle, each cut where its column ends.
pub(super) fn row<const N: usize>(
    painter: &Painter,
    rect: Rect,
    cells: [(String, Color32); N],
    columns: [(f32, f32); N],
    font: &FontId,
) {
    for ((text, color), (from, to)) in cells.into_iter().zip(columns) {
        let galley = painter.layout_job(cut_line(&text, font.clone(), color, to - from));
        let top = rect.center().y - galley.size().y / 2.0;
        painter.galley(pos2(rect.left() + from, top), galley, color);
    }
}

/// The ground of a row that is selected, or under the pointer.
pub(super) fn ground(ui: &Ui, rect: Rect, is_selected: bool, response: &Response) {
    let t = theme::tokens(ui.ctx());
    if is_selected || response.hovered() {
        ui.painter().rect_filled(rect, 0, if is_selected { t.accent_ground } else { t.sunken });
    }
}

/// Lets a table have the keyboard as a whole. Whether it has; [`outline`] shows it.
pub(super) fn has_keyboard(ui: &mut Ui, table: Id, place: Rect, label: &str) -> bool {
    let response = ui.interact(place, table, Sense::focusable_noninteractive());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, label));
    if !response.has_focus() {
        return false;
    }
    let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(table, filter));
    true
}

/// Shows that a table has the keyboard, once its rows and its scroll bar are drawn.
pub(super) fn outline(ui: &Ui, table: Id, place: Rect) {
    if ui.memory(|memory| memory.has_focus(table)) {
        let stroke = Stroke::new(1.0, theme::tokens(ui.ctx()).accent);
        ui.painter().rect_stroke(place, 0, stroke, StrokeKind::Inside);
    }
}
