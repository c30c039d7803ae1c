//! Marks above cards: what was reloaded, and what was not.

use egui::{Align2, Color32, FontId, Rect, Sense, Stroke, StrokeKind, pos2, vec2};

use super::card::{CardFace, SMALL_SIZE};
use super::view::Frame;
use crate::theme::{self, words};

/// Between a mark and its card, at natural size.
const GAP: f32 = 4.0;
const ROUNDING: f32 = 4.0;

impl Frame<'_> {
    /// Says above a card what became of its code while the workload ran.
    pub(super) fn reload_mark(&self, face: &CardFace, card: Rect) {
        let t = theme::tokens(self.ui.ctx());
        let workload = self.workload;
        if let Some(mark) = workload.reloads.mark(&face.name) {
            let color = if mark.is_good { t.good } else { t.error };
            self.pill(face, card, mark.text, &mark.details, color);
        } else if workload.view.outdated_service.as_ref() == Some(&face.name) {
            self.pill(face, card, "old code", &words::outdated(&face.name), t.warning);
        }
    }

    fn pill(&self, face: &CardFace, card: Rect, text: &str, details: &str, color: Color32) {
        let zoom = self.meta().zoom;
        let font = FontId::proportional(SMALL_SIZE * zoom);
        let painter = self.ui.painter_at(self.rect);
        let galley = painter.layout_no_wrap(text.to_owned(), font.clone(), color);
        let size = galley.size() + vec2(12.0, 4.0) * zoom;
        let corner = pos2(card.max.x - size.x, card.min.y - size.y - GAP * zoom);
        let rect = Rect::from_min_size(corner, size);
        painter.rect_filled(rect, ROUNDING * zoom, theme::tokens(self.ui.ctx()).card);
        painter.rect_stroke(rect, ROUNDING * zoom, Stroke::new(1.0, color), StrokeKind::Inside);
        painter.text(rect.center(), Align2::CENTER_CENTER, text, font, color);
        let label = || format!("{} {text}", face.name);
        self.widget(rect, ("mark", face.name.as_str()), Sense::hover(), label).on_hover_text(details);
    }
}
