//! The axis of time beside the calls of a trace, and the bar of a call on it.

use egui::{Color32, CornerRadius, FontId, Painter, Rangef, Rect, Stroke, StrokeKind, pos2};
use jackfield_protocol::{Outcome, Span};

use super::outcome_color;
use crate::model::traces::nanos;
use crate::theme::Tokens;

/// Between two marks of the axis at least.
const MARK_DISTANCE: f32 = 74.0;
const BAR_HEIGHT: f32 = 8.0;

/// The axis of time: where it is, and how long it is.
pub(super) struct Axis {
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) length_nanos: u64,
}

impl Axis {
    /// Where a moment is.
    pub(super) fn at(&self, nanos: u64) -> f32 {
        let share = (nanos as f64 / self.length_nanos.max(1) as f64).min(1.0) as f32;
        self.left + (self.right - self.left) * share
    }

    /// Round moments for marks, none nearer to the next than text needs.
    pub(super) fn marks(&self) -> Vec<u64> {
        let most = ((self.right - self.left) / MARK_DISTANCE).floor().max(1.0) as u64;
        let least = self.length_nanos.div_ceil(most).max(1);
        let mut step = 1_u64;
        while step < least {
            let grown =
                [2, 5, 10].into_iter().map(|by| step.saturating_mul(by)).find(|grown| *grown >= least);
            step = grown.unwrap_or_else(|| step.saturating_mul(10));
            if step == u64::MAX {
                break;
            }
        }
        (0..=self.length_nanos / step).map(|mark| mark * step).take(64).collect()
    }

    /// The marks, with lines down to `bottom`.
    pub(super) fn paint(&self, painter: &Painter, head: Rect, bottom: f32, font: &FontId, t: &Tokens) {
        for mark in self.marks() {
            let x = self.at(mark);
            painter.vline(x, Rangef::new(head.bottom(), bottom), Stroke::new(1.0, t.grid));
            let text = if mark == 0 { "0".to_owned() } else { nanos(mark) };
            let galley = painter.layout_no_wrap(text, font.clone(), t.text_dim);
            if x + 3.0 + galley.size().x <= self.right + 4.0 {
                painter.galley(pos2(x + 3.0, head.top()), galley, t.text_dim);
            }
        }
    }

    /// The bar of a call: amber as long as it was held, hollow if it did not return.
    pub(super) fn bar(&self, painter: &Painter, row: Rect, span: &Span, t: &Tokens) {
        let y = Rangef::new(row.center().y - BAR_HEIGHT / 2.0, row.center().y + BAR_HEIGHT / 2.0);
        let worked_from = span.start_nanos.saturating_add(span.held_nanos);
        if span.held_nanos > 0 {
            let held = self.rect(span.start_nanos, worked_from, y);
            painter.rect_filled(held, CornerRadius::same(2), t.warning.gamma_multiply(0.55));
        }
        let color = match span.outcome {
            Outcome::Ok => t.accent,
            _ => outcome_color(&span.outcome, t),
        };
        let ended = span.duration_nanos.map(|duration| worked_from.saturating_add(duration));
        match ended.filter(|_| span.outcome != Outcome::Unfinished) {
            Some(end) => {
                let bar = self.rect(worked_from, end, y);
                painter.rect_filled(bar, CornerRadius::same(2), color);
            }
            None => {
                let bar = self.rect(worked_from, ended.unwrap_or(self.length_nanos), y);
                painter.rect_filled(bar, CornerRadius::same(2), color.gamma_multiply(0.25));
                painter.rect_stroke(bar, CornerRadius::same(2), Stroke::new(1.0, color), StrokeKind::Inside);
            }
        }
    }

    /// Where there is more room beside a call's bar, and how much.
    pub(super) fn beside(&self, span: &Span) -> (f32, f32) {
        const GAP: f32 = 6.0;
        let worked = span.duration_nanos.unwrap_or(u64::MAX);
        let after = self.at(span.start_nanos.saturating_add(span.held_nanos).saturating_add(worked)) + GAP;
        let before = self.at(span.start_nanos) - GAP;
        if self.right - after >= before - self.left {
            (after, self.right - after)
        } else {
            (self.left, before - self.left)
        }
    }

    /// The moment of a line.
    pub(super) fn tick(&self, painter: &Painter, row: Rect, at_nanos: u64, color: Color32) {
        painter.circle_filled(pos2(self.at(at_nanos), row.center().y), 2.5, color);
    }

    /// However short it was, it can be seen.
    fn rect(&self, from: u64, to: u64, y: Rangef) -> Rect {
        let left = self.at(from).min(self.right - 2.0);
        Rect::from_x_y_ranges(left..=self.at(to).max(left + 2.0), y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_far_enough_apart() {
        for length_nanos in [1, 7, 999, 12_345, 1_000_000, 7_654_321_000, u64::MAX] {
            let axis = Axis { left: 0.0, right: 300.0, length_nanos };
            let marks = axis.marks();
            assert!((1..=6).contains(&marks.len()), "{length_nanos}: {marks:?}");
        }
        let axis = Axis { left: 0.0, right: 300.0, length_nanos: 12_345 };
        assert_eq!(axis.marks(), [0, 5_000, 10_000]);
        assert_eq!(axis.at(u64::MAX), 300.0);
    }
}
