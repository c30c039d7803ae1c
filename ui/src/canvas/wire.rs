//! How a link between two cards is drawn: a [`DisplayEdge`] from the provider's export on the right
//! side of its card to the consumer's import on the left side of its. One that leads back goes along a lane beside
//! the cards, where it can be seen.

use egui::epaint::{CircleShape, CubicBezierShape};
use egui::{Color32, Pos2, Shape, Stroke, pos2, vec2};
use egui_graphs::{DisplayEdge, DrawContext, EdgeProps, Node};
use jackfield_protocol::{ComponentName, Direction};
use petgraph::Directed;

use super::card::Card;
use super::lane;
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
    /// Whether the plan cannot be as long as this link is.
    pub(crate) is_wrong: bool,
}

/// Parts of a cubic curve, each beginning where the one before ends.
pub(crate) type Path = Vec<[Pos2; 4]>;

/// A wire as egui_graphs sees it.
#[derive(Debug, Clone)]
pub(crate) struct WireShape {
    wire: Wire,
    /// The height on the canvas at which it leads back.
    lane: Option<f32>,
    is_selected: bool,
    is_hovered: bool,
}

impl From<EdgeProps<Wire>> for WireShape {
    fn from(props: EdgeProps<Wire>) -> Self {
        Self { wire: props.payload, lane: None, is_selected: props.selected, is_hovered: false }
    }
}

impl WireShape {
    /// The points on the canvas where it begins and ends.
    pub(crate) fn ends(&self, provider: &CardNode, consumer: &CardNode) -> [Pos2; 2] {
        let start = provider.display().socket(Direction::Export, &self.wire.export);
        [start, consumer.display().socket(Direction::Import, &self.wire.import)]
    }

    /// The curve on the canvas.
    pub(crate) fn path(&self, provider: &CardNode, consumer: &CardNode) -> Path {
        let [start, end] = self.ends(provider, consumer);
        if !leads_back([start, end]) {
            let reach = ((end.x - start.x) / 2.0).max(40.0);
            return vec![[start, start + vec2(reach, 0.0), end - vec2(reach, 0.0), end]];
        }
        let cards = [provider.display().rect(), consumer.display().rect()];
        let lane = self.lane.or_else(|| lane::find([start, end], &cards, &[]));
        path_back([start, end], lane.unwrap_or(start.y))
    }

    /// The middle of the curve, where the link can be grabbed.
    pub(crate) fn middle(&self, provider: &CardNode, consumer: &CardNode) -> Pos2 {
        middle(&self.path(provider, consumer))
    }

    /// Points along the curve.
    pub(crate) fn points(&self, provider: &CardNode, consumer: &CardNode) -> Vec<Pos2> {
        let steps = || (0..=SAMPLES).map(|at| f32::from(at) / f32::from(SAMPLES));
        let parts = self.path(provider, consumer).into_iter();
        parts.flat_map(|part| steps().map(move |t| sample(part, t))).collect()
    }

    /// Says where it leads back, if it does.
    pub(crate) fn set_lane(&mut self, lane: Option<f32>) {
        self.lane = lane;
    }

    /// Marks the wire as the one under the pointer.
    pub(crate) fn set_hovered(&mut self, is_hovered: bool) {
        self.is_hovered = is_hovered;
    }
}

impl DisplayEdge<Card, Wire, Directed, u32, CardShape> for WireShape {
    fn shapes(&mut self, start: &CardNode, end: &CardNode, ctx: &DrawContext) -> Vec<Shape> {
        let t = theme::tokens(ctx.ctx);
        let mut path = self.path(start, end);
        for point in path.iter_mut().flatten() {
            *point = ctx.meta.canvas_to_screen_pos(*point);
        }
        let is_marked = self.is_selected || self.is_hovered;
        let color = match (self.wire.is_wrong, is_marked) {
            (true, _) => t.error,
            (false, true) => t.accent,
            (false, false) => t.link,
        };
        let width = (if is_marked { 2.5 } else { 2.0 } * ctx.meta.zoom).clamp(1.0, 5.0);
        let stroke = Stroke::new(width, color);
        let line = |part: &[Pos2; 4]| -> Shape {
            CubicBezierShape::from_points_stroke(*part, false, Color32::TRANSPARENT, stroke).into()
        };
        let mut shapes: Vec<Shape> = path.iter().map(line).collect();
        let handle = CircleShape {
            center: middle(&path),
            radius: (4.0 * ctx.meta.zoom).clamp(2.0, 7.0),
            fill: if self.is_selected { t.accent } else { t.canvas },
            stroke: Stroke::new(1.5, color),
        };
        shapes.push(handle.into());
        shapes
    }

    fn update(&mut self, state: &EdgeProps<Wire>) {
        self.is_selected = state.selected;
    }

    fn is_inside(&self, start: &CardNode, end: &CardNode, pos: Pos2) -> bool {
        self.points(start, end).windows(2).any(|pair| match pair {
            [a, b] => distance_to_segment(pos, *a, *b) <= REACH,
            _ => false,
        })
    }

    fn extra_bounds(&self, start: &CardNode, end: &CardNode) -> Option<(Pos2, Pos2)> {
        let hull = egui::Rect::from_points(self.path(start, end).as_flattened());
        Some((hull.min, hull.max))
    }
}

/// Whether a link with these ends cannot go straight to the right.
pub(crate) fn leads_back([start, end]: [Pos2; 2]) -> bool {
    end.x < start.x
}

/// Out of one card to the height of the lane, along it, and back into the other card.
fn path_back([start, end]: [Pos2; 2], lane: f32) -> Path {
    let (from, to) = (pos2(start.x, lane), pos2(end.x, lane));
    let reach = |from: f32| vec2(((lane - from).abs() * 0.6).clamp(24.0, 70.0), 0.0);
    let (out, back) = (reach(start.y), reach(end.y));
    vec![
        [start, start + out, from + out, from],
        [from, from.lerp(to, 1.0 / 3.0), from.lerp(to, 2.0 / 3.0), to],
        [to, to - back, end - back, end],
    ]
}

fn middle(path: &[[Pos2; 4]]) -> Pos2 {
    path.get(path.len() / 2).map_or(Pos2::ZERO, |part| sample(*part, 0.5))
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
