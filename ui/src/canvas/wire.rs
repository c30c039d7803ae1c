//! How a link between two cards is drawn: a [`DisplayEdge`] from the provider's export on the right
//! side of its card to the consumer's import on the left side of its.

use egui::epaint::{CircleShape, CubicBezierShape};
use egui::{Color32, Pos2, Shape, Stroke, vec2};
use egui_graphs::{DisplayEdge, DrawContext, EdgeProps, Node};
use jackfield_protocol::{ComponentName, Direction};
use petgraph::Directed;

use super::card::Card;
use super::shape::CardShape;
use crate::theme;

/// The node type of the canvas.
pub(crate) type CardNode = Node<Card, Wire, Directed, u32, CardShape>;

/// How near the pointer must come to a curve to mean it, in points of the canvas.
const REACH: f32 = 6.0;
/// Points on a curve that are looked at.
const SAMPLES: u16 = 32;

/// A link between two components.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wire {
    pub(crate) consumer: ComponentName,
    pub(crate) import: String,
    pub(crate) provider: ComponentName,
    pub(crate) export: String,
}

/// A wire as egui_graphs sees it.
#[derive(Debug, Clone)]
pub(crate) struct WireShape {
    wire: Wire,
    is_selected: bool,
    is_hovered: bool,
}

impl From<EdgeProps<Wire>> for WireShape {
    fn from(props: EdgeProps<Wire>) -> Self {
        Self { wire: props.payload, is_selected: props.selected, is_hovered: false }
    }
}

impl WireShape {
    /// The curve on the canvas: four points, the ends first and last.
    pub(crate) fn curve(&self, provider: &CardNode, consumer: &CardNode) -> [Pos2; 4] {
        let start = provider.display().socket(Direction::Export, &self.wire.export);
        let end = consumer.display().socket(Direction::Import, &self.wire.import);
        // A consumer left of its provider needs a wider bend to get round the cards.
        let reach = if end.x >= start.x {
            ((end.x - start.x) / 2.0).max(40.0)
        } else {
            ((start.x - end.x) / 2.0 + 60.0).min(260.0)
        };
        [start, start + vec2(reach, 0.0), end - vec2(reach, 0.0), end]
    }

    /// The middle of the curve, where the link can be grabbed.
    pub(crate) fn middle(&self, provider: &CardNode, consumer: &CardNode) -> Pos2 {
        sample(self.curve(provider, consumer), 0.5)
    }

    /// Marks the wire as the one under the pointer.
    pub(crate) fn set_hovered(&mut self, is_hovered: bool) {
        self.is_hovered = is_hovered;
    }
}

impl DisplayEdge<Card, Wire, Directed, u32, CardShape> for WireShape {
    fn shapes(&mut self, start: &CardNode, end: &CardNode, ctx: &DrawContext) -> Vec<Shape> {
        let t = theme::tokens(ctx.ctx);
        let curve = self.curve(start, end).map(|point| ctx.meta.canvas_to_screen_pos(point));
        let is_marked = self.is_selected || self.is_hovered;
        let color = if is_marked { t.accent } else { t.link };
        let width = (if is_marked { 2.5 } else { 2.0 } * ctx.meta.zoom).clamp(1.0, 5.0);
        let line = CubicBezierShape::from_points_stroke(
            curve,
            false,
            Color32::TRANSPARENT,
            Stroke::new(width, color),
        );
        let handle = CircleShape {
            center: sample(curve, 0.5),
            radius: (4.0 * ctx.meta.zoom).clamp(2.0, 7.0),
            fill: if self.is_selected { t.accent } else { t.canvas },
            stroke: Stroke::new(1.5, color),
        };
        vec![line.into(), handle.into()]
    }

    fn update(&mut self, state: &EdgeProps<Wire>) {
        self.is_selected = state.selected;
    }

    fn is_inside(&self, start: &CardNode, end: &CardNode, pos: Pos2) -> bool {
        let curve = self.curve(start, end);
        let points: Vec<Pos2> =
            (0..=SAMPLES).map(|at| sample(curve, f32::from(at) / f32::from(SAMPLES))).collect();
        points.windows(2).any(|pair| match pair {
            [a, b] => distance_to_segment(pos, *a, *b) <= REACH,
            _ => false,
        })
    }

    fn extra_bounds(&self, start: &CardNode, end: &CardNode) -> Option<(Pos2, Pos2)> {
        let [a, b, c, d] = self.curve(start, end);
        let hull = egui::Rect::from_points(&[a, b, c, d]);
        Some((hull.min, hull.max))
    }
}

fn sample([a, b, c, d]: [Pos2; 4], t: f32) -> Pos2 {
    let (ab, bc, cd) = (a.lerp(b, t), b.lerp(c, t), c.lerp(d, t));
    let (abc, bcd) = (ab.lerp(bc, t), bc.lerp(cd, t));
    abc.lerp(bcd, t)
}

fn distance_to_segment(pos: Pos2, a: Pos2, b: Pos2) -> f32 {
    let along = b - a;
    let length_squared = along.length_sq();
    let t = if length_squared == 0.0 { 0.0 } else { ((pos - a).dot(along) / length_squared).clamp(0.0, 1.0) };
    pos.distance(a + along * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_near_a_segment_and_not_near_its_line() {
        let (a, b) = (Pos2::new(0.0, 0.0), Pos2::new(10.0, 0.0));
        assert_eq!(distance_to_segment(Pos2::new(5.0, 3.0), a, b), 3.0);
        assert_eq!(distance_to_segment(Pos2::new(14.0, 3.0), a, b), 5.0);
        assert_eq!(distance_to_segment(Pos2::new(3.0, 4.0), a, a), 5.0);
    }

    #[test]
    fn a_curve_starts_and_ends_at_its_ends() {
        let curve = [Pos2::ZERO, Pos2::new(1.0, 0.0), Pos2::new(2.0, 5.0), Pos2::new(3.0, 5.0)];
        assert_eq!(sample(curve, 0.0), curve[0]);
        assert_eq!(sample(curve, 1.0), curve[3]);
        assert_eq!(sample(curve, 0.5), Pos2::new(1.5, 2.5));
    }
}
