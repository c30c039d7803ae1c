//! Cards that are dragged here from the library: while one hovers, what it would be linked to lights
//! up; let go, it is added where it is.

use std::sync::Arc;

use egui::epaint::CubicBezierShape;
use egui::{
    Align2, Color32, DragAndDrop, FontId, Id, LayerId, Order, Pos2, Rect, Sense, Shape, Stroke, StrokeKind,
    Ui, WidgetInfo, WidgetType, vec2,
};
use egui_graphs::{DisplayNode as _, DrawContext, MetadataFrame, SettingsStyle};
use jackfield_protocol::{
    ComponentInfo, ComponentName, ComponentSettings, Direction, Link, LinkTarget, Node, Plan, Rule, Why,
    WorkloadState,
};

use super::card::{Card, HEAD_HEIGHT};
use super::wire::{Path, Wire};
use super::{Canvas, Graph};
use crate::action::{Action, LibraryAction};
use crate::model::{OpenWorkload, short_name};
use crate::theme::{self, space, words};

/// Kept free around a card that is put where others are.
const GAP: f32 = 24.0;

/// What is being dragged.
#[derive(Debug, Clone)]
pub(crate) struct Dragged {
    /// What a workload file says to use it.
    pub(crate) source: String,
    /// What its version is called.
    pub(crate) tag: String,
    /// What it is; nothing if it could not be read.
    pub(crate) info: Option<ComponentInfo>,
}

/// A link that would come to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prospect {
    /// The component that is there already.
    pub(crate) node: ComponentName,
    /// Which way its port faces.
    pub(crate) direction: Direction,
    /// The name of the port, which is the same on both sides.
    pub(crate) port: String,
}

/// The links that a component would have: an import that exactly one component exports, and an import
/// of another that nobody satisfies and nobody else exports.
pub(crate) fn prospects(info: &ComponentInfo, plan: &Plan) -> Vec<Prospect> {
    let exporters = |name: &str| -> Vec<&Node> {
        plan.nodes.iter().filter(|node| node.component.exports().any(|port| port.name == name)).collect()
    };
    let mut found = Vec::new();
    for import in info.imports().filter(|port| port.needs_provider()) {
        if let [node] = exporters(&import.name).as_slice() {
            let port = import.name.clone();
            found.push(Prospect { node: node.name.clone(), direction: Direction::Export, port });
        }
    }
    for export in info.exports().filter(|export| exporters(&export.name).is_empty()) {
        for node in &plan.nodes {
            let wants =
                node.component.imports().any(|port| port.name == export.name && port.needs_provider());
            if wants && plan.link(&node.name, &export.name).is_none() {
                let port = export.name.clone();
                found.push(Prospect { node: node.name.clone(), direction: Direction::Import, port });
            }
        }
    }
    found
}

impl Canvas {
    /// Gives a card its place: at once if it is there, else when it comes.
    pub(crate) fn reserve(&mut self, name: &ComponentName, at: Pos2) {
        self.kept.insert(name.clone(), at);
        self.unplaced.remove(name);
        self.place(name, at);
    }

    /// What is seen stays as it is from now on, whatever comes and goes.
    pub(crate) fn release_camera(&mut self) {
        self.camera.release();
    }

    /// Where a new card goes among cards that the user may have moved: as the layout has it beside one of
    /// them, and from there down to where nothing is.
    pub(super) fn place_among(&self, name: &ComponentName, places: &[(ComponentName, Pos2)]) -> Option<Pos2> {
        let placed = |other: &ComponentName| other != name && !self.unplaced.contains(other);
        let laid_out = places.iter().find(|(other, _)| other == name)?.1;
        let (anchor, anchor_laid_out) = places.iter().find(|(other, _)| placed(other))?;
        let shift = self.card_rect(anchor)?.min - *anchor_laid_out;
        let mut rect = Rect::from_min_size(laid_out + shift, self.card_rect(name)?.size());
        let others: Vec<Rect> = self
            .indices
            .keys()
            .filter(|other| placed(other))
            .filter_map(|other| self.card_rect(other))
            .collect();
        for _ in 0..=others.len() {
            let in_the_way = others.iter().find(|other| other.expand(GAP / 2.0).intersects(rect));
            let Some(other) = in_the_way else { break };
            rect = rect.translate(vec2(0.0, other.max.y + GAP - rect.min.y));
        }
        Some(rect.min)
    }
}

/// What was let go over this part of the window, if anything was.
pub(crate) fn released_over(ui: &Ui, rect: Rect) -> Option<Arc<Dragged>> {
    let pointer = ui.input(|input| input.pointer.latest_pos().filter(|_| input.pointer.any_released()))?;
    if rect.contains(pointer) { DragAndDrop::take_payload::<Dragged>(ui.ctx()) } else { None }
}

/// The part that belongs to the canvas of a workload.
pub(super) fn show(
    ui: &Ui,
    workload: &OpenWorkload,
    meta: &MetadataFrame,
    rect: Rect,
    actions: &mut Vec<Action>,
) {
    if workload.view.plan.nodes.is_empty() {
        hint(ui, rect);
    }
    let Some(dragged) = DragAndDrop::payload::<Dragged>(ui.ctx()) else { return };
    let pointer = ui.input(|input| input.pointer.latest_pos()).filter(|pos| rect.contains(*pos));
    let Some(pointer) = pointer else { return };
    let ghost = Ghost::new(workload, &dragged, meta.screen_to_canvas_pos(pointer));
    if let Some(dragged) = released_over(ui, rect) {
        let add = LibraryAction::Add { source: dragged.source.clone(), at: Some(ghost.corner) };
        actions.push(Action::Library(add));
    } else {
        ghost.paint(ui, meta, rect);
    }
}

/// An empty canvas says how to fill it.
fn hint(ui: &Ui, rect: Rect) {
    let t = theme::tokens(ui.ctx());
    let font = FontId::proportional(space::TEXT_LARGE);
    let painter = ui.painter_at(rect);
    let place = painter.text(rect.center(), Align2::CENTER_CENTER, words::CANVAS_EMPTY, font, t.text_dim);
    let response = ui.interact(place, ui.id().with("canvas hint"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, words::CANVAS_EMPTY));
}

/// A small label that follows the pointer where there is no canvas under it.
pub(crate) fn show_label(ui: &Ui, canvas: Option<Rect>) {
    let Some(dragged) = DragAndDrop::payload::<Dragged>(ui.ctx()) else { return };
    let Some(pointer) = ui.input(|input| input.pointer.latest_pos()) else { return };
    if canvas.is_some_and(|rect| rect.contains(pointer)) {
        return;
    }
    let t = theme::tokens(ui.ctx());
    let painter = ui.ctx().layer_painter(LayerId::new(Order::Tooltip, Id::new("dragged component")));
    let text = format!("{} {}", short_name(&dragged.source), dragged.tag);
    let galley = painter.layout_no_wrap(text, FontId::proportional(space::TEXT), t.text);
    let at = pointer + vec2(12.0, 8.0);
    let ground = Rect::from_min_size(at, galley.size()).expand(6.0);
    painter.rect(ground, space::CORNER, t.card, Stroke::new(1.0, t.accent), StrokeKind::Outside);
    painter.galley(at, galley, t.text);
}

/// The card as it would be, in a copy of the graph.
struct Ghost {
    graph: Graph,
    index: petgraph::stable_graph::NodeIndex<u32>,
    corner: Pos2,
    prospects: Vec<Prospect>,
}

impl Ghost {
    /// The ghost is held by the middle of its head.
    fn new(workload: &OpenWorkload, dragged: &Dragged, pointer: Pos2) -> Self {
        let plan = &workload.view.plan;
        let prospects = dragged.info.as_ref().map(|info| prospects(info, plan)).unwrap_or_default();
        let card = ghost_card(dragged, &prospects);
        let corner = pointer - vec2(card.face.size.x / 2.0, HEAD_HEIGHT / 2.0);
        let mut graph = workload.canvas.graph.clone();
        let index = graph.add_node_with_location(card, corner);
        if let Some(node) = graph.node_mut(index) {
            let props = node.props().clone();
            node.display_mut().update(&props);
        }
        Self { graph, index, corner, prospects }
    }

    fn paint(mut self, ui: &Ui, meta: &MetadataFrame, rect: Rect) {
        let t = theme::tokens(ui.ctx());
        let painter = ui.painter_at(rect);
        for (at, prospect) in self.prospects.clone().iter().enumerate() {
            let stroke = Stroke::new(2.0, t.accent);
            for part in self.path(prospect).unwrap_or_default() {
                let part = part.map(|pos| meta.canvas_to_screen_pos(pos));
                let line = CubicBezierShape::from_points_stroke(part, false, Color32::TRANSPARENT, stroke);
                painter.extend(Shape::dashed_line(&line.flatten(Some(0.5)), stroke, 7.0, 5.0));
            }
            self.light_up(ui, meta, rect, at, prospect);
        }
        let style = SettingsStyle::new();
        let context =
            DrawContext { ctx: ui.ctx(), painter: &painter, style: &style, is_directed: true, meta };
        if let Some(node) = self.graph.node_mut(self.index) {
            painter.extend(node.display_mut().shapes(&context));
        }
    }

    /// The curve of the link that would be.
    fn path(&mut self, prospect: &Prospect) -> Option<Path> {
        let other = self.node_index(&prospect.node)?;
        let ghost = self.graph.node(self.index)?.payload().face.name.clone();
        let (provider, consumer) = match prospect.direction {
            Direction::Export => (other, self.index),
            Direction::Import => (self.index, other),
        };
        let is_provider = prospect.direction == Direction::Import;
        let (from, to) = if is_provider { (&ghost, &prospect.node) } else { (&prospect.node, &ghost) };
        let (import, export) = (prospect.port.clone(), prospect.port.clone());
        let wire = Wire { consumer: to.clone(), import, provider: from.clone(), export, is_wrong: false };
        self.graph.add_edge(provider, consumer, wire);
        let mut edges = self.graph.edges_iter();
        let (_, edge) = edges.find(|(_, edge)| {
            let wire = edge.payload();
            wire.consumer == *to && wire.provider == *from && wire.import == prospect.port
        })?;
        Some(edge.display().path(self.graph.node(provider)?, self.graph.node(consumer)?))
    }

    /// Shows the port of a card that is there.
    fn light_up(&self, ui: &Ui, meta: &MetadataFrame, rect: Rect, at: usize, prospect: &Prospect) {
        let t = theme::tokens(ui.ctx());
        let Some(node) = self.node_index(&prospect.node).and_then(|index| self.graph.node(index)) else {
            return;
        };
        let is_port = |port: &&super::card::CardPort| {
            port.direction == prospect.direction && port.name == prospect.port
        };
        let Some(port) = node.payload().face.ports.iter().find(is_port) else { return };
        let corner = node.location().to_vec2();
        let row = port.row.translate(corner);
        let row = Rect::from_min_max(meta.canvas_to_screen_pos(row.min), meta.canvas_to_screen_pos(row.max));
        let painter = ui.painter_at(rect);
        let stroke = Stroke::new(1.5, t.accent);
        painter.rect(
            row.shrink(1.0),
            space::CORNER,
            t.accent.gamma_multiply(0.2),
            stroke,
            StrokeKind::Inside,
        );
        let socket = meta.canvas_to_screen_pos(port.socket + corner);
        painter.circle(socket, (6.0 * meta.zoom).max(3.0), t.accent, stroke);
        let id = ui.id().with(("would link", at));
        let response = ui.interact(row.intersect(rect), id, Sense::hover());
        let word = if prospect.direction == Direction::Import { "import" } else { "export" };
        let label = format!("would link {word} {} of {}", prospect.port, prospect.node);
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &label));
    }

    fn node_index(&self, name: &ComponentName) -> Option<petgraph::stable_graph::NodeIndex<u32>> {
        let mut nodes = self.graph.nodes_iter().filter(|(index, _)| *index != self.index);
        nodes.find(|(_, node)| node.payload().face.name == *name).map(|(index, _)| index)
    }
}

/// A card as the canvas would have it, made from what is known before the plan is.
fn ghost_card(dragged: &Dragged, prospects: &[Prospect]) -> Card {
    let name: ComponentName = short_name(&dragged.source).into();
    let component = dragged.info.clone().unwrap_or_else(|| ComponentInfo {
        digest: jackfield_protocol::Digest::from_sha256([0; 32]),
        size_in_bytes: 0,
        ports: Vec::new(),
        producers: Vec::new(),
    });
    let link = |import: &str, target: LinkTarget| Link {
        consumer: name.clone(),
        import: import.to_owned(),
        target,
        why: Why { rule: Rule::SameName, import_version: None, export_version: None, not_taken: Vec::new() },
        answers: Vec::new(),
    };
    let provided = prospects.iter().filter(|found| found.direction == Direction::Export).map(|found| {
        link(&found.port, LinkTarget::Component { name: found.node.clone(), export: found.port.clone() })
    });
    // What the host will provide is folded on the card, as it will be.
    let by_host = component.imports().filter(|port| port.name.starts_with("wasi:"));
    let by_host = by_host.map(|port| link(&port.name, LinkTarget::Host { plugin: "wasi".to_owned() }));
    let links = provided.chain(by_host).collect();
    let node = Node {
        name: name.clone(),
        source: dragged.source.clone(),
        is_service: false,
        settings: ComponentSettings::default(),
        component: component.clone(),
    };
    Card::new(&Plan { links, ..Plan::default() }, &node, &WorkloadState::Stopped, false)
}

#[cfg(test)]
mod tests {
    use jackfield_protocol::{Digest, Function, FunctionKind, Port, PortKind};

    use super::*;

    fn component(imports: &[&str], exports: &[&str]) -> ComponentInfo {
        let function = |name: &str| Function {
            name: name.to_owned(),
            kind: FunctionKind::Freestanding,
            is_async: false,
            params: Vec::new(),
            result: None,
            docs: None,
        };
        let port = |direction, name: &&str| Port {
            implements: None,
            direction,
            name: (*name).to_owned(),
            kind: PortKind::Function(function(name)),
            docs: None,
        };
        let imports = imports.iter().map(|name| port(Direction::Import, name));
        let exports = exports.iter().map(|name| port(Direction::Export, name));
        let digest = Digest::from_sha256([0; 32]);
        let ports = imports.chain(exports).collect();
        ComponentInfo { digest, size_in_bytes: 1, ports, producers: Vec::new() }
    }

    fn plan(nodes: &[(&str, &[&str], &[&str])]) -> Plan {
        let node = |(name, imports, exports): &(&str, &[&str], &[&str])| Node {
            name: (*name).into(),
            source: String::new(),
            is_service: false,
            settings: ComponentSettings::default(),
            component: component(imports, exports),
        };
        Plan { nodes: nodes.iter().map(node).collect(), ..Plan::default() }
    }

    fn names(info: &ComponentInfo, plan: &Plan) -> Vec<String> {
        prospects(info, plan).iter().map(|found| format!("{}.{}", found.node, found.port)).collect()
    }

    #[test]
    fn only_links_that_the_rules_would_make_light_up() {
        let here = plan(&[("a", &["x", "y"], &["z"]), ("b", &["x"], &["w"]), ("c", &[], &["w"])]);
        assert_eq!(names(&component(&["z"], &["x"]), &here), ["a.z", "a.x", "b.x"]);
        assert_eq!(names(&component(&["w"], &[]), &here), [""; 0], "two export it");
        assert_eq!(names(&component(&[], &["z"]), &here), [""; 0], "nobody wants it");
        assert_eq!(names(&component(&["x"], &[]), &here), [""; 0], "importing the same is no link");
    }

    #[test]
    fn an_import_that_is_satisfied_stays_as_it_is() {
        let mut here = plan(&[("a", &["x"], &[])]);
        here.links.push(Link {
            consumer: "a".into(),
            import: "x".to_owned(),
            target: LinkTarget::Stub,
            why: Why {
                rule: Rule::Explicit,
                import_version: None,
                export_version: None,
                not_taken: Vec::new(),
            },
            answers: Vec::new(),
        });
        assert_eq!(names(&component(&[], &["x"]), &here), [""; 0]);
    }
}
