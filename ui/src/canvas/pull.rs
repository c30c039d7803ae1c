//! Pulling a wire from a port: what lights up meanwhile, and where the wire ends.

use egui::containers::menu::menu_style;
use egui::epaint::{CircleShape, CubicBezierShape};
use egui::{
    Color32, CornerRadius, Layout, PointerButton, Popup, PopupKind, Pos2, Rect, Response, RichText, Stroke,
    StrokeKind, vec2,
};
use jackfield_protocol::{Direction, Plan};

use super::card::CardFace;
use super::view::Frame;
use crate::action::{Action, ComposeAction, PortRef};
use crate::model::compose::{self, Fit};
use crate::theme;

/// How much of a port's text can still be seen that the wire does not fit.
const VEIL: f32 = 0.72;
/// So wide that a component's name fits on one line.
const MENU_WIDTH: f32 = 230.0;

impl Frame<'_> {
    /// A port's row: a wire can be pulled from it.
    pub(super) fn pull_from(&mut self, response: &Response, port: &PortRef) {
        if response.drag_started_by(PointerButton::Primary) {
            self.compose(ComposeAction::Pull(port.clone()));
        }
        let is_pulled = self.workload.compose.pull.as_ref() == Some(port);
        if is_pulled && response.drag_stopped_by(PointerButton::Primary) {
            let pointer = self.ui.input(|input| input.pointer.interact_pos());
            let action = pointer.map_or(ComposeAction::CancelPull, |pointer| self.dropped(port, pointer));
            self.compose(action);
        }
    }

    /// What becomes of a wire that is let go at this point of the window.
    fn dropped(&self, pulled: &PortRef, pointer: Pos2) -> ComposeAction {
        let plan = &self.workload.view.plan;
        if !self.rect.contains(pointer) {
            return ComposeAction::CancelPull;
        }
        let Some((face, corner)) = self.card_at(pointer) else {
            return ComposeAction::DropAway(pointer);
        };
        let aimed = port_at(face, self.meta().screen_to_canvas_pos(pointer) - corner.to_vec2());
        let aimed = aimed.filter(|port| compose::fit_of_wire(plan, pulled, port) != Fit::No);
        let target = aimed.or_else(|| compose::only_fit(plan, pulled, &face.name));
        target.map_or(ComposeAction::CancelPull, ComposeAction::DropOn)
    }

    /// The card at a point of the window, and its top left corner on the canvas.
    fn card_at(&self, pointer: Pos2) -> Option<(&CardFace, Pos2)> {
        let cards = self.canvas().graph.nodes_iter().map(|(_, node)| node);
        let hit = cards.filter(|node| self.on_screen(node.display().rect()).contains(pointer));
        // The card that was drawn last is on top.
        hit.last().map(|node| (&*node.payload().face, node.location()))
    }

    /// Shows on a card which ports the wire would fit, and takes the rest back.
    pub(super) fn mark_fits(&self, face: &CardFace, corner: Pos2) {
        let Some(pulled) = &self.workload.compose.pull else { return };
        for row in &face.ports {
            let port = port_ref(face, row.direction, &row.name);
            if port != *pulled {
                let fit = compose::fit_of_wire(&self.workload.view.plan, pulled, &port);
                let rect = self.on_screen(row.row.translate(corner.to_vec2()));
                self.mark(rect, self.meta().canvas_to_screen_pos(corner + row.socket.to_vec2()), fit);
            }
        }
    }

    fn mark(&self, row: Rect, socket: Pos2, fit: Fit) {
        let t = theme::tokens(self.ui.ctx());
        let painter = self.ui.painter_at(self.rect);
        let color = match fit {
            Fit::No => {
                painter.rect_filled(row.shrink(1.0), 0, t.card.gamma_multiply(VEIL));
                return;
            }
            Fit::OtherVersion => t.warning,
            Fit::Yes => t.accent,
        };
        let radius = 7.0 * self.meta().zoom;
        painter.rect_stroke(row, CornerRadius::same(3), Stroke::new(1.5, color), StrokeKind::Inside);
        painter.add(CircleShape::filled(socket, radius.max(3.0), color));
    }

    /// The wire that is being pulled, over everything else on the canvas.
    pub(super) fn pulled_wire(&self) {
        let Some(pulled) = &self.workload.compose.pull else { return };
        let canvas = self.canvas();
        let index = canvas.indices.get(&pulled.component);
        let Some(node) = index.and_then(|index| canvas.graph.node(*index)) else { return };
        let Some(pointer) = self.ui.input(|input| input.pointer.interact_pos()) else { return };
        let socket = node.display().socket(pulled.direction, &pulled.name);
        let from = self.meta().canvas_to_screen_pos(socket);
        let bend = ((pointer.x - from.x).abs() / 2.0).clamp(30.0, 200.0);
        let bend = if pulled.direction == Direction::Import { -bend } else { bend };
        let points = [from, from + vec2(bend, 0.0), pointer - vec2(bend, 0.0), pointer];
        let stroke = Stroke::new(2.5, self.wire_color(pulled, pointer));
        let line = CubicBezierShape::from_points_stroke(points, false, Color32::TRANSPARENT, stroke);
        let painter = self.ui.painter_at(self.rect);
        painter.add(line);
        painter.add(CircleShape::filled(pointer, 4.0, stroke.color));
    }

    fn wire_color(&self, pulled: &PortRef, pointer: Pos2) -> Color32 {
        let t = theme::tokens(self.ui.ctx());
        match self.dropped(pulled, pointer) {
            ComposeAction::DropOn(port) => match compose::fit_of_wire(self.plan(), pulled, &port) {
                Fit::Yes => t.accent,
                Fit::OtherVersion | Fit::No => t.warning,
            },
            ComposeAction::DropAway(_) => t.link,
            _ => t.socket,
        }
    }

    fn plan(&self) -> &Plan {
        &self.workload.view.plan
    }

    fn compose(&mut self, action: ComposeAction) {
        self.actions.push(Action::Compose(action));
    }

    /// Asks what shall provide an import whose wire was let go over nothing.
    pub(super) fn choice_menu(&mut self) {
        let Some(choice) = &self.workload.compose.choice else { return };
        let mut is_open = true;
        let layer = self.ui.layer_id();
        let popup = Popup::new(self.id.with("choice"), self.ui.ctx().clone(), choice.at, layer)
            .kind(PopupKind::Menu)
            .layout(Layout::top_down_justified(egui::Align::Min))
            .style(menu_style)
            .width(MENU_WIDTH)
            .open_bool(&mut is_open);
        let plan = &self.workload.view.plan;
        let mut chosen = None;
        popup.show(|ui| {
            let title = format!("{} of {}", choice.import, choice.component);
            ui.label(RichText::new(title).small().color(theme::tokens(ui.ctx()).text_dim));
            let choices = compose::choices(plan, &choice.component, &choice.import);
            for option in choices {
                let (edit, label) = compose::link_edit(&choice.component, &choice.import, option.to);
                if super::menus::item(ui, &option.text, &label, option.fit).clicked() {
                    chosen = Some(Action::Edit(edit, label));
                }
            }
        });
        if chosen.is_some() || !is_open {
            self.actions.extend(chosen);
            self.compose(ComposeAction::CancelPull);
        }
    }
}

/// The name of a port on a card.
pub(super) fn port_ref(face: &CardFace, direction: Direction, name: &str) -> PortRef {
    PortRef { component: face.name.clone(), direction, name: name.to_owned() }
}

/// The port at a point of a card.
fn port_at(face: &CardFace, pos: Pos2) -> Option<PortRef> {
    let row = face.ports.iter().find(|port| port.row.contains(pos))?;
    Some(port_ref(face, row.direction, &row.name))
}
