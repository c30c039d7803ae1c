//! One frame of the canvas: places what has no place yet, draws, and turns input into actions.

use egui::{
    CursorIcon, Id, Mesh, PointerButton, Pos2, Rect, Response, Sense, Ui, Vec2, WidgetInfo, WidgetType, vec2,
};
use egui_graphs::{DisplayEdge, DisplayNode, DrawContext, Layout as _, MetadataFrame, SettingsStyle};
use jackfield_protocol::{ComponentName, Direction, Link, LinkTarget, Plan};
use petgraph::stable_graph::{EdgeIndex, NodeIndex};

use super::card::CardFace;
use super::layout::Layered;
use super::pull::port_ref;
use super::shape::{NAMES_ONLY_BELOW, host_chip_text};
use super::wire::{Wire, WireShape};
use super::{Canvas, menus, tooltip};
use crate::action::{Action, CanvasAction, PortRef, Selection};
use crate::model::OpenWorkload;
use crate::model::traces::link_site;
use crate::theme;

/// A wire's handle can be hit within this distance of its centre.
const HANDLE_REACH: f32 = 9.0;
/// Between the dots of the background, at natural size.
const GRID: f32 = 24.0;
const DOT: f32 = 2.0;

/// Ports can be clicked and dragged; the keyboard goes from card to card and not to each port.
const PULLED: Sense = Sense::CLICK.union(Sense::DRAG);

/// Draws the canvas of a workload into what is left of `ui`.
pub(crate) fn show(ui: &mut Ui, workload: &OpenWorkload, actions: &mut Vec<Action>) {
    let rect = ui.available_rect_before_wrap();
    let canvas = &workload.canvas;
    if canvas.camera.viewport() != rect {
        actions.push(Action::Canvas(CanvasAction::Placed(rect)));
    }
    if canvas.needs_layout() {
        actions.push(Action::Canvas(CanvasAction::Arranged(arranged(ui, canvas))));
    }
    let id = ui.id().with(("canvas", workload.view.id));
    let background = ui.interact(rect, id, Sense::click_and_drag());
    background.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, "canvas"));
    // A panel that has just changed its size must not cost a frame with the graph out of place.
    let meta = canvas.camera.placed(rect).frame().clone();
    let mut frame = Frame { ui, workload, meta, rect, id, actions };
    frame.paint_ground();
    if canvas.unplaced.is_empty() {
        frame.wires(&background);
        // What is said of a wire is covered by a card like the wire, and a click there is the card's.
        frame.observed();
        frame.cards();
        frame.pulled_wire();
        frame.choice_menu();
    }
    frame.navigate(&background);
    let meta = frame.meta;
    super::drop::show(ui, workload, &meta, rect, actions);
    ui.advance_cursor_after_rect(rect);
}

/// Where the layout puts every card. It works on a copy: views change nothing.
fn arranged(ui: &Ui, canvas: &Canvas) -> Vec<(jackfield_protocol::ComponentName, Pos2)> {
    let mut graph = canvas.graph.clone();
    Layered::default().next(&mut graph, ui);
    graph.nodes_iter().map(|(_, node)| (node.payload().face.name.clone(), node.location())).collect()
}

/// What one frame works with.
pub(super) struct Frame<'a> {
    pub(super) ui: &'a mut Ui,
    pub(super) workload: &'a OpenWorkload,
    /// The mapping between canvas and window.
    meta: MetadataFrame,
    pub(super) rect: Rect,
    pub(super) id: Id,
    pub(super) actions: &'a mut Vec<Action>,
}

impl Frame<'_> {
    pub(super) fn canvas(&self) -> &Canvas {
        &self.workload.canvas
    }

    pub(super) fn meta(&self) -> &MetadataFrame {
        &self.meta
    }

    pub(super) fn on_screen(&self, rect: Rect) -> Rect {
        let meta = self.meta();
        Rect::from_min_max(meta.canvas_to_screen_pos(rect.min), meta.canvas_to_screen_pos(rect.max))
    }

    fn emit(&mut self, action: CanvasAction) {
        self.actions.push(Action::Canvas(action));
    }

    fn select(&mut self, selection: Option<Selection>) {
        if self.workload.selection != selection {
            self.actions.push(Action::Select(selection));
        }
    }

    /// Draws with egui_graphs' context, clipped to the canvas.
    fn paint(&self, shapes: impl FnOnce(&DrawContext) -> Vec<egui::Shape>) {
        let painter = self.ui.painter_at(self.rect);
        let style = SettingsStyle::new();
        let context = DrawContext {
            ctx: self.ui.ctx(),
            painter: &painter,
            style: &style,
            is_directed: true,
            meta: self.meta(),
        };
        painter.extend(shapes(&context));
    }

    fn paint_ground(&self) {
        let t = theme::tokens(self.ui.ctx());
        let painter = self.ui.painter_at(self.rect);
        painter.rect_filled(self.rect, 0, t.canvas);
        // Far out the dots would merge into a grey, and cost the most.
        let step = GRID * self.meta().zoom;
        if step < 14.0 {
            return;
        }
        let origin = self.meta().canvas_to_screen_pos(Pos2::ZERO) - self.rect.min;
        let first = self.rect.min + vec2(origin.x.rem_euclid(step), origin.y.rem_euclid(step));
        let (columns, rows) = ((self.rect.width() / step) as u16, (self.rect.height() / step) as u16);
        // One mesh of plain squares: hundreds of smoothed shapes would be half of the frame's cost.
        let mut dots = Mesh::default();
        for (column, row) in (0..=columns).flat_map(|column| (0..=rows).map(move |row| (column, row))) {
            let corner = (first + vec2(f32::from(column), f32::from(row)) * step).round();
            dots.add_colored_rect(Rect::from_min_size(corner, Vec2::splat(DOT)), t.grid);
        }
        painter.add(dots);
    }

    fn wires(&mut self, background: &Response) {
        let under_pointer =
            background.hover_pos().and_then(|pos| self.canvas().graph.edge_by_screen_pos(self.meta(), pos));
        let indices: Vec<EdgeIndex<u32>> = self.canvas().graph.edges_iter().map(|(index, _)| index).collect();
        for index in indices {
            self.wire(index, under_pointer == Some(index));
        }
        if let Some(index) = under_pointer {
            self.touched_wire(index, background);
        }
    }

    fn wire(&mut self, index: EdgeIndex<u32>, is_under_pointer: bool) {
        let workload = self.workload;
        let Some((edge, provider, consumer)) = wire_with_ends(&workload.canvas, index) else { return };
        let Some(link) = link_of(&workload.view.plan, edge.payload()) else { return };
        let middle = self.meta().canvas_to_screen_pos(edge.display().middle(provider, consumer));
        let hit = Rect::from_center_size(middle, Vec2::splat(2.0 * HANDLE_REACH));
        let response =
            self.widget(hit, ("wire", index.index()), Sense::click(), || tooltip::link_label(link));
        let response = response.on_hover_ui(|ui| {
            tooltip::link(ui, link);
            super::observed::tooltip(ui, workload, &link_site(link));
        });
        if response.clicked() || response.secondary_clicked() || response.gained_focus() {
            self.select(Some(selection_of(edge.payload())));
        }
        response.context_menu(|ui| {
            let plan = &workload.view.plan;
            menus::link(ui, plan, &edge.payload().consumer, &edge.payload().import, self.actions);
            menus::observe(ui, workload, &link_site(link), self.actions);
        });
        let mut props = edge.props().clone();
        props.selected = workload.selection == Some(selection_of(edge.payload()));
        let mut display: WireShape = edge.display().clone();
        display.update(&props);
        display.set_hovered(is_under_pointer || response.hovered() || response.has_focus());
        self.paint(|context| display.shapes(provider, consumer, context));
    }

    /// The pointer is on a wire, away from its handle.
    fn touched_wire(&mut self, index: EdgeIndex<u32>, background: &Response) {
        let workload = self.workload;
        let Some((edge, ..)) = wire_with_ends(&workload.canvas, index) else { return };
        let Some(link) = link_of(&workload.view.plan, edge.payload()) else { return };
        background.clone().on_hover_ui_at_pointer(|ui| {
            tooltip::link(ui, link);
            super::observed::tooltip(ui, workload, &link_site(link));
        });
        if background.clicked() || background.secondary_clicked() {
            self.select(Some(selection_of(edge.payload())));
        }
    }

    fn cards(&mut self) {
        let indices: Vec<NodeIndex<u32>> = self.canvas().graph.nodes_iter().map(|(index, _)| index).collect();
        for index in indices {
            self.card(index);
        }
    }

    fn card(&mut self, index: NodeIndex<u32>) {
        let workload = self.workload;
        let Some(node) = workload.canvas.graph.node(index) else { return };
        let face = &node.payload().face;
        let rect = self.on_screen(node.display().rect());
        let response = self.widget(rect, ("card", face.name.as_str()), Sense::click_and_drag(), || {
            format!("component {}", face.name)
        });
        self.drag_or_select(&response, face, node.location());
        response.context_menu(|ui| menus::card(ui, node.payload().is_service(), self.actions));
        let mut props = node.props().clone();
        props.selected = workload.selection == Some(Selection::Component(face.name.clone()));
        props.hovered = response.hovered() || response.has_focus() || self.ends_selected_link(&face.name);
        if rect.expand(20.0).intersects(self.rect) {
            let mut display = node.display().clone();
            display.update(&props);
            self.paint(|context| display.shapes(context));
        }
        self.reload_mark(face, rect);
        if self.meta().zoom >= NAMES_ONLY_BELOW {
            self.ports(face, node.location());
            self.host_chips(face, node.location(), node.payload().is_unfolded);
            self.mark_fits(face, node.location());
        }
        if self.meta().zoom < NAMES_ONLY_BELOW || face.is_name_cut(node.payload().is_service()) {
            response.on_hover_text(face.name.as_str());
        }
    }

    /// Whether the selected link begins or ends at this card.
    fn ends_selected_link(&self, name: &ComponentName) -> bool {
        let Some(link) = self.workload.selected_link() else { return false };
        let target = match &link.target {
            LinkTarget::Component { name, .. } => Some(name),
            _ => None,
        };
        link.consumer == *name || target == Some(name)
    }

    fn drag_or_select(&mut self, response: &Response, face: &CardFace, corner: Pos2) {
        if response.clicked() || response.drag_started_by(PointerButton::Primary) {
            response.request_focus();
        }
        let is_meant = response.clicked() || response.secondary_clicked() || response.gained_focus();
        if is_meant || response.drag_started_by(PointerButton::Primary) {
            self.select(Some(Selection::Component(face.name.clone())));
        }
        if response.dragged_by(PointerButton::Primary) && response.drag_delta() != Vec2::ZERO {
            let to = corner + response.drag_delta() / self.meta().zoom;
            self.emit(CanvasAction::Drag(face.name.clone(), to));
        }
        if response.drag_stopped_by(PointerButton::Primary) {
            self.emit(CanvasAction::Drop);
        }
        if response.dragged_by(PointerButton::Middle) {
            self.emit(CanvasAction::Pan(response.drag_delta()));
        }
    }

    fn ports(&mut self, face: &CardFace, corner: Pos2) {
        let workload = self.workload;
        let plan = &workload.view.plan;
        let Some(node) = plan.node(&face.name) else { return };
        for row in &face.ports {
            let rect = self.on_screen(row.row.translate(corner.to_vec2()));
            let id = ("port", face.name.as_str(), row.direction, row.name.as_str());
            let label = || port_label(row.direction, &row.name, face);
            let response = self.widget(rect, id, PULLED, label);
            self.port(&response, &port_ref(face, row.direction, &row.name));
            let known = node
                .component
                .ports
                .iter()
                .find(|port| port.direction == row.direction && port.name == row.name);
            if let Some(port) = known {
                response.on_hover_ui(|ui| tooltip::port(ui, plan, node, port));
            }
        }
    }

    /// A port belongs to its card, but a drag pulls a wire from it.
    fn port(&mut self, response: &Response, port: &PortRef) {
        if response.clicked() || response.secondary_clicked() {
            self.select(Some(Selection::Component(port.component.clone())));
        }
        if response.hovered() {
            self.ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
        }
        self.pull_from(response, port);
        if response.dragged_by(PointerButton::Middle) {
            self.emit(CanvasAction::Pan(response.drag_delta()));
        }
        let workload = self.workload;
        if let Some(node) = workload.view.plan.node(&port.component) {
            let plan = &workload.view.plan;
            response.context_menu(|ui| menus::port(ui, plan, node, port, self.actions));
        }
    }

    fn host_chips(&mut self, face: &CardFace, corner: Pos2, is_unfolded: bool) {
        let workload = self.workload;
        let plan = &workload.view.plan;
        let Some(node) = plan.node(&face.name) else { return };
        for group in &face.hosts {
            let rect = self.on_screen(group.chip.translate(corner.to_vec2()));
            let text = host_chip_text(&group.plugin, group.imports.len(), is_unfolded);
            let text = text.trim_start_matches(['⏵', '⏷', ' ']);
            let label = || format!("{text} of {}", face.name);
            let chip =
                self.widget(rect, ("chip", face.name.as_str(), group.plugin.as_str()), Sense::click(), label);
            self.chip_figures(rect, &face.name, &group.imports);
            if chip.on_hover_text(group.imports.join("\n")).clicked() {
                self.emit(CanvasAction::ToggleHostImports(face.name.clone()));
            }
            for (row, import) in group.rows.iter().zip(&group.imports) {
                let rect = self.on_screen(row.translate(corner.to_vec2()));
                let id = ("host import", face.name.as_str(), import.as_str());
                let response = self.widget(rect, id, PULLED, || port_label(Direction::Import, import, face));
                self.port(&response, &port_ref(face, Direction::Import, import));
                self.chip_figures(rect, &face.name, std::slice::from_ref(import));
                if response.clicked() || response.secondary_clicked() {
                    // The row stands for its link, which has no wire that could be clicked.
                    let link = Selection::Link { consumer: face.name.clone(), import: import.clone() };
                    self.actions.push(Action::Select(Some(link)));
                }
                if let Some(port) = node.component.imports().find(|port| port.name == *import) {
                    response.on_hover_ui(|ui| tooltip::port(ui, plan, node, port));
                }
            }
        }
    }

    /// Something that can be found by its label. What lies outside of the canvas cannot be hit.
    pub(super) fn widget(
        &self,
        rect: Rect,
        id: impl std::hash::Hash + std::fmt::Debug,
        sense: Sense,
        label: impl Fn() -> String,
    ) -> Response {
        let id = self.id.with(egui::Id::new(format!("{id:?}")));
        let response = self.ui.interact(rect.intersect(self.rect.expand(1.0)), id, sense);
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, label()));
        response
    }

    fn navigate(&mut self, background: &Response) {
        let is_drag =
            background.dragged_by(PointerButton::Primary) || background.dragged_by(PointerButton::Middle);
        if is_drag && background.drag_delta() != Vec2::ZERO {
            self.emit(CanvasAction::Pan(background.drag_delta()));
        }
        let pointer = self.ui.input(|input| input.pointer.hover_pos());
        let on_wire =
            pointer.is_some_and(|pos| self.canvas().graph.edge_by_screen_pos(self.meta(), pos).is_some());
        if (background.clicked() || background.secondary_clicked()) && !on_wire {
            self.select(None);
        }
        let workload = self.workload;
        background.context_menu(|ui| menus::canvas(ui, workload, self.actions));
        let Some(around) = pointer.filter(|_| self.ui.rect_contains_pointer(self.rect)) else { return };
        let (scroll, zoom) = self.ui.input(|input| (input.smooth_scroll_delta, input.zoom_delta()));
        if zoom != 1.0 {
            self.emit(CanvasAction::Zoom { factor: zoom, around });
        } else if scroll != Vec2::ZERO {
            self.emit(CanvasAction::Pan(scroll));
        }
    }
}

fn port_label(direction: Direction, name: &str, face: &CardFace) -> String {
    let kind = if direction == Direction::Import { "import" } else { "export" };
    format!("{kind} {name} of {}", face.name)
}

pub(super) type WireEdge =
    egui_graphs::Edge<super::Card, Wire, petgraph::Directed, u32, super::CardShape, WireShape>;

pub(super) fn wire_with_ends(
    canvas: &Canvas,
    index: EdgeIndex<u32>,
) -> Option<(&WireEdge, &super::wire::CardNode, &super::wire::CardNode)> {
    let (provider, consumer) = canvas.graph.edge_endpoints(index)?;
    Some((canvas.graph.edge(index)?, canvas.graph.node(provider)?, canvas.graph.node(consumer)?))
}

pub(super) fn link_of<'a>(plan: &'a Plan, wire: &Wire) -> Option<&'a Link> {
    plan.link(&wire.consumer, &wire.import)
}

fn selection_of(wire: &Wire) -> Selection {
    Selection::Link { consumer: wire.consumer.clone(), import: wire.import.clone() }
}
