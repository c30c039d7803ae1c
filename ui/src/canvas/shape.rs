//! How a card is drawn: a [`DisplayNode`], so that egui_graphs' graph, layouts and queries know it.

use egui::epaint::{CircleShape, RectShape};
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{
    Align2, Color32, CornerRadius, FontFamily, FontId, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2, pos2,
    vec2,
};
use egui_graphs::{DisplayNode, DrawContext, MetadataFrame, NodeProps};
use jackfield_protocol::{Direction, WorkloadState};
use petgraph::Directed;

use super::card::{
    Card, CardPort, HEAD_HEIGHT, NAME_SIZE, PADDING, PORT_SIZE, PortStatus, SMALL_SIZE, SOCKET_INSET,
};
use super::wire::Wire;
use crate::text::cut_in_middle;
use crate::theme::{self, Tokens, space};

/// Below this zoom a card shows its name only.
pub(crate) const NAMES_ONLY_BELOW: f32 = 0.5;

/// A card as egui_graphs sees it. Its location is the top left corner.
#[derive(Debug, Clone)]
pub(crate) struct CardShape {
    card: Card,
    corner: Pos2,
    selected: bool,
    hovered: bool,
}

impl From<NodeProps<Card>> for CardShape {
    fn from(props: NodeProps<Card>) -> Self {
        Self {
            corner: props.location(),
            card: props.payload,
            selected: props.selected,
            hovered: props.hovered,
        }
    }
}

impl CardShape {
    /// The card's place on the canvas.
    pub(crate) fn rect(&self) -> Rect {
        Rect::from_min_size(self.corner, self.card.face.size)
    }

    /// The point on the canvas where links to a port end; the middle of the card's side if the port
    /// has no row.
    pub(crate) fn socket(&self, direction: Direction, name: &str) -> Pos2 {
        let side = match direction {
            Direction::Import => self.rect().left_center(),
            Direction::Export => self.rect().right_center(),
        };
        self.card.face.socket(direction, name).map_or(side, |socket| self.corner + socket.to_vec2())
    }
}

impl DisplayNode<Card, Wire, Directed, u32> for CardShape {
    fn closest_boundary_point(&self, dir: Vec2) -> Pos2 {
        let half = self.rect().size() / 2.0;
        let reach = |extent: f32, along: f32| if along == 0.0 { f32::INFINITY } else { extent / along.abs() };
        let scale = reach(half.x, dir.x).min(reach(half.y, dir.y));
        self.rect().center() + if scale.is_finite() { dir * scale } else { Vec2::ZERO }
    }

    fn shapes(&mut self, ctx: &DrawContext) -> Vec<Shape> {
        let mut drawing = Drawing::new(ctx, self);
        drawing.ground();
        if ctx.meta.zoom < NAMES_ONLY_BELOW {
            drawing.name_alone();
        } else {
            drawing.head();
            drawing.ports();
            drawing.hosts();
        }
        drawing.sockets();
        drawing.shapes
    }

    fn update(&mut self, state: &NodeProps<Card>) {
        *self = Self::from(state.clone());
    }

    fn is_inside(&self, pos: Pos2) -> bool {
        self.rect().contains(pos)
    }
}

/// The colour of a state.
pub(crate) fn state_color(state: &WorkloadState, t: &Tokens) -> Color32 {
    match state {
        WorkloadState::Stopped | WorkloadState::Completed => t.text_dim,
        WorkloadState::Starting => t.warning,
        WorkloadState::Running => t.good,
        WorkloadState::Failed { .. } => t.error,
    }
}

struct Drawing<'a> {
    ctx: &'a DrawContext<'a>,
    t: &'static Tokens,
    shape: &'a CardShape,
    meta: &'a MetadataFrame,
    shapes: Vec<Shape>,
}

impl<'a> Drawing<'a> {
    fn new(ctx: &'a DrawContext<'a>, shape: &'a CardShape) -> Self {
        Self { ctx, t: theme::tokens(ctx.ctx), shape, meta: ctx.meta, shapes: Vec::new() }
    }

    fn scaled(&self, length: f32) -> f32 {
        length * self.meta.zoom
    }

    fn on_screen(&self, point: Pos2) -> Pos2 {
        self.meta.canvas_to_screen_pos(self.shape.corner + point.to_vec2())
    }

    fn rect_on_screen(&self, rect: Rect) -> Rect {
        Rect::from_min_max(self.on_screen(rect.min), self.on_screen(rect.max))
    }

    fn corner(&self, points: u8) -> u8 {
        self.scaled(f32::from(points)).round().clamp(1.0, 24.0) as u8
    }

    fn ground(&mut self) {
        let rect = self.rect_on_screen(Rect::from_min_size(Pos2::ZERO, self.shape.card.face.size));
        let corner = self.corner(space::CORNER_LARGE);
        let t = self.t;
        self.shapes.push(RectShape::filled(rect, CornerRadius::same(corner), t.card).into());
        if self.meta.zoom >= NAMES_ONLY_BELOW {
            let head = rect.with_max_y(rect.top() + self.scaled(HEAD_HEIGHT));
            let corners = CornerRadius { nw: corner, ne: corner, sw: 0, se: 0 };
            self.shapes.push(RectShape::filled(head, corners, t.card_head).into());
        }
        let outline = match (self.shape.selected, self.shape.hovered) {
            (true, _) => Stroke::new(2.0, t.accent),
            (false, true) => Stroke::new(1.5, t.text_dim),
            (false, false) => Stroke::new(1.0, t.outline),
        };
        self.shapes
            .push(RectShape::stroke(rect, CornerRadius::same(corner), outline, StrokeKind::Outside).into());
    }

    fn name_alone(&mut self) {
        let size = self.shape.card.face.size;
        let name = self.shape.card.face.name.to_string();
        // Larger than the rest of the card, so that it can still be read from afar.
        let font = NAME_SIZE.max(12.0 / self.meta.zoom).min(size.y / 2.0);
        let pos = pos2(SOCKET_INSET, size.y / 2.0);
        self.name(&name, font, pos, size.x - 2.0 * SOCKET_INSET);
    }

    fn head(&mut self) {
        let face = &self.shape.card.face;
        let (width, t) = (face.size.x, self.t);
        let state_width = self.state_chip();
        let name = face.name.to_string();
        let room = width - 2.0 * PADDING - state_width;
        self.name(&name, NAME_SIZE, pos2(PADDING + 2.0, 16.0), room);
        let role = if self.shape.card.is_service() { "service" } else { "component" };
        let digest = face.digest.short().to_owned();
        let parts = [
            (role, SMALL_SIZE, t.text_dim),
            ("  ", SMALL_SIZE, t.text_dim),
            (&digest, SMALL_SIZE, t.text_dim),
        ];
        self.text(&parts, pos2(PADDING + 2.0, 35.0), Align2::LEFT_CENTER, width - 2.0 * PADDING, true);
    }

    /// The card's name. Names of one family often begin alike, so both ends are kept.
    fn name(&mut self, name: &str, size: f32, pos: Pos2, room: f32) {
        let font = FontId::proportional(font_size(self.scaled(size)));
        let width = |text: &str| {
            self.ctx.painter.layout_no_wrap(text.to_owned(), font.clone(), Color32::PLACEHOLDER).size().x
        };
        let name = cut_in_middle(name, |text| width(text) <= self.scaled(room));
        self.text(&[(&name, size, self.t.text)], pos, Align2::LEFT_CENTER, room, false);
    }

    /// Draws the service's state; returns the width that it takes.
    fn state_chip(&mut self) -> f32 {
        let Some(state) = &self.shape.card.state else { return 0.0 };
        let color = state_color(state, self.t);
        let width = 18.0 + state.label().len() as f32 * SMALL_SIZE * 0.55;
        let right = self.shape.card.face.size.x - PADDING;
        let chip = Rect::from_min_max(pos2(right - width, 7.0), pos2(right, 25.0));
        let rect = self.rect_on_screen(chip);
        let corner = CornerRadius::same(self.corner(9));
        self.shapes.push(RectShape::stroke(rect, corner, Stroke::new(1.0, color), StrokeKind::Inside).into());
        let dot = self.on_screen(pos2(chip.left() + 9.0, chip.center().y));
        self.shapes.push(CircleShape::filled(dot, self.scaled(3.0), color).into());
        let pos = pos2(chip.left() + 15.0, chip.center().y);
        self.text(&[(state.label(), SMALL_SIZE, color)], pos, Align2::LEFT_CENTER, width - 17.0, false);
        width + 4.0
    }

    fn ports(&mut self) {
        let shape = self.shape;
        for port in &shape.card.face.ports {
            let color = match port.status {
                PortStatus::Problem => self.t.warning,
                PortStatus::Wrong => self.t.error,
                _ => self.t.text,
            };
            let version = port.version.as_ref().map(|version| format!("@{version}")).unwrap_or_default();
            let stub = if port.status == PortStatus::Stub { "  stub" } else { "" };
            let dim = self.t.text_dim;
            let parts = [
                (port.short.as_str(), PORT_SIZE, color),
                (&version, SMALL_SIZE, dim),
                (stub, SMALL_SIZE, dim),
            ];
            let (x, align) = match port.direction {
                Direction::Import => (port.row.left() + SOCKET_INSET, Align2::LEFT_CENTER),
                Direction::Export => (port.row.right() - SOCKET_INSET, Align2::RIGHT_CENTER),
            };
            let room = port.row.width() - SOCKET_INSET - PADDING / 2.0;
            self.text(&parts, pos2(x, port.row.center().y), align, room, false);
        }
    }

    fn hosts(&mut self) {
        let shape = self.shape;
        let t = self.t;
        for group in &shape.card.face.hosts {
            let text = host_chip_text(&group.plugin, group.imports.len(), shape.card.is_unfolded);
            let chip = self.rect_on_screen(group.chip.shrink2(vec2(0.0, 2.0)));
            self.shapes.push(
                RectShape::filled(chip, CornerRadius::same(self.corner(space::CORNER)), t.card_head).into(),
            );
            let pos = pos2(group.chip.left() + 6.0, group.chip.center().y);
            self.text(
                &[(&text, SMALL_SIZE, t.text_dim)],
                pos,
                Align2::LEFT_CENTER,
                group.chip.width() - 8.0,
                false,
            );
            for (row, import) in group.rows.iter().zip(&group.imports) {
                let pos = pos2(row.left(), row.center().y);
                self.text(&[(import, SMALL_SIZE, t.text_dim)], pos, Align2::LEFT_CENTER, row.width(), false);
            }
        }
    }

    fn sockets(&mut self) {
        let shape = self.shape;
        for port in &shape.card.face.ports {
            let centre = self.on_screen(port.socket);
            let (fill, stroke) = self.socket_colors(port);
            let circle = CircleShape {
                center: centre,
                radius: self.scaled(4.5).max(2.0),
                fill,
                stroke: Stroke::new(1.5, stroke),
            };
            self.shapes.push(circle.into());
        }
    }

    /// A filled socket has a link; a hollow one waits for one.
    fn socket_colors(&self, port: &CardPort) -> (Color32, Color32) {
        let t = self.t;
        match port.status {
            PortStatus::Linked => (t.link, t.link),
            PortStatus::Wrong => (t.error, t.error),
            PortStatus::Free => (t.card, t.socket),
            PortStatus::Stub | PortStatus::Problem => (t.card, t.warning),
        }
    }

    /// One line of text, laid out at the size at which it is seen so that it stays crisp, cut with an
    /// ellipsis at `room`.
    fn text(&mut self, parts: &[(&str, f32, Color32)], pos: Pos2, align: Align2, room: f32, is_code: bool) {
        let family = if is_code { FontFamily::Monospace } else { FontFamily::Proportional };
        let mut job = LayoutJob { break_on_newline: false, ..LayoutJob::default() };
        job.wrap =
            TextWrapping { break_anywhere: true, ..TextWrapping::truncate_at_width(self.scaled(room)) };
        for (text, size, color) in parts {
            let font = FontId::new(font_size(self.scaled(*size)), family.clone());
            job.append(text, 0.0, TextFormat::simple(font, *color));
        }
        let galley = self.ctx.painter.layout_job(job);
        let rect = align.anchor_size(self.on_screen(pos), galley.size());
        self.shapes.push(Shape::galley(rect.min, galley, self.t.text));
    }
}

/// What the chip for the imports that the host provides says.
pub(crate) fn host_chip_text(plugin: &str, imports: usize, is_unfolded: bool) -> String {
    let arrow = if is_unfolded { "⏷" } else { "⏵" };
    format!("{arrow} host: {plugin} ×{imports}")
}

/// Zooming gives every size in between; half points keep the font atlas small.
fn font_size(size: f32) -> f32 {
    ((size * 2.0).round() / 2.0).max(1.0)
}
