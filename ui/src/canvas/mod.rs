//! The canvas: where the cards of one workload are, and what part of them is seen.
//!
//! Graph, node and edge types, the layout's trait and the mapping between canvas and window are
//! egui_graphs'. Its `GraphView` is not used, because it repaints for ever, snaps a card's centre to
//! the pointer, and knows no sizes; the frame loop here is the window's own.

mod camera;
mod card;
mod drop;
mod lane;
mod layout;
mod mark;
mod menus;
mod observed;
mod pull;
mod shape;
pub(crate) mod tooltip;
mod view;
mod wire;

use std::collections::{BTreeMap, BTreeSet};

use egui::{Pos2, Rect, Vec2};
use egui_graphs::DisplayNode as _;
use jackfield_protocol::{ComponentName, LinkTarget, WorkloadState, WorkloadView};
use petgraph::Directed;
use petgraph::stable_graph::NodeIndex;

use camera::Camera;
use card::Card;
pub(crate) use drop::{Dragged, released_over, show_label};
use shape::CardShape;
pub(crate) use shape::state_color;
pub(crate) use view::show;
use wire::{Wire, WireShape};

type Graph = egui_graphs::Graph<Card, Wire, Directed, u32, CardShape, WireShape>;

/// A card that is being dragged.
#[derive(Debug, Clone)]
struct Drag {
    name: ComponentName,
    from: Pos2,
}

/// The state of the canvas of one workload. Positions are those of the cards' top left corners.
pub(crate) struct Canvas {
    graph: Graph,
    indices: BTreeMap<ComponentName, NodeIndex<u32>>,
    unfolded: BTreeSet<ComponentName>,
    camera: Camera,
    drag: Option<Drag>,
    /// Cards without a place of their own yet.
    unplaced: BTreeSet<ComponentName>,
    /// Where cards were that are gone, and where those will be that are yet to come.
    kept: BTreeMap<ComponentName, Pos2>,
    /// The user asked for all cards to be placed anew.
    is_layout_wanted: bool,
}

impl Canvas {
    /// The canvas of a workload. A card that is not among `places` has no place yet.
    pub(crate) fn new(view: &WorkloadView, places: BTreeMap<ComponentName, Pos2>) -> Self {
        let mut canvas = Self {
            graph: Graph::new(),
            indices: BTreeMap::new(),
            unfolded: BTreeSet::new(),
            camera: Camera::default(),
            drag: None,
            unplaced: BTreeSet::new(),
            kept: places,
            is_layout_wanted: false,
        };
        canvas.rebuild(view);
        canvas.camera.fit();
        canvas
    }

    /// Takes another plan. Cards that were there stay where they are, and those that were there once come
    /// back to where they were.
    pub(crate) fn rebuild(&mut self, view: &WorkloadView) {
        self.kept.extend(self.places());
        self.graph = Graph::new();
        self.indices.clear();
        self.unplaced.clear();
        for node in &view.plan.nodes {
            let card = Card::new(&view.plan, node, &view.state, self.unfolded.contains(&node.name));
            let place = self.kept.get(&node.name).copied();
            let index = self.graph.add_node_with_location(card, place.unwrap_or_default());
            self.indices.insert(node.name.clone(), index);
            if place.is_none() {
                self.unplaced.insert(node.name.clone());
            }
        }
        self.add_wires(view);
        self.refresh();
    }

    /// Where the cards are that have a place.
    pub(crate) fn places(&self) -> BTreeMap<ComponentName, Pos2> {
        let placed = self.indices.keys().filter(|name| !self.unplaced.contains(*name));
        placed.filter_map(|name| Some((name.clone(), self.card_rect(name)?.min))).collect()
    }

    fn add_wires(&mut self, view: &WorkloadView) {
        for link in &view.plan.links {
            let LinkTarget::Component { name, export } = &link.target else { continue };
            let (Some(&provider), Some(&consumer)) =
                (self.indices.get(name), self.indices.get(&link.consumer))
            else {
                continue;
            };
            let wire = Wire {
                consumer: link.consumer.clone(),
                import: link.import.clone(),
                provider: name.clone(),
                export: export.clone(),
                is_wrong: card::is_in_circle(&view.plan, link),
            };
            self.graph.add_edge(provider, consumer, wire);
        }
    }

    /// Brings what is drawn up to date with the nodes.
    fn refresh(&mut self) {
        for index in self.indices.values() {
            if let Some(node) = self.graph.node_mut(*index) {
                let props = node.props().clone();
                node.display_mut().update(&props);
            }
        }
        self.lead_back();
        self.camera.set_bounds(self.bounds());
    }

    /// Finds a way for each link that leads from right to left.
    fn lead_back(&mut self) {
        let cards: Vec<Rect> = self.graph.nodes_iter().map(|(_, node)| node.display().rect()).collect();
        let edges: Vec<_> = self.graph.edges_iter().map(|(index, _)| index).collect();
        let mut taken = Vec::new();
        for index in edges {
            let Some((wire, provider, consumer)) = view::wire_with_ends(self, index) else { continue };
            let ends = wire.display().ends(provider, consumer);
            let lane = if wire::leads_back(ends) { lane::find(ends, &cards, &taken) } else { None };
            taken.extend(lane);
            if let Some(edge) = self.graph.edge_mut(index) {
                edge.display_mut().set_lane(lane);
            }
        }
    }

    fn bounds(&self) -> Rect {
        let rects = self.graph.nodes_iter().map(|(_, node)| node.display().rect());
        let cards = rects.fold(Rect::NOTHING, |all, rect| all | rect);
        let ways_back = self.graph.edges_iter().filter_map(|(index, edge)| {
            let (_, provider, consumer) = view::wire_with_ends(self, index)?;
            let points = edge.display().points(provider, consumer);
            wire::leads_back(edge.display().ends(provider, consumer)).then(|| Rect::from_points(&points))
        });
        ways_back.fold(cards, |all, way| all | way)
    }

    fn card_rect(&self, name: &ComponentName) -> Option<Rect> {
        Some(self.graph.node(*self.indices.get(name)?)?.display().rect())
    }

    /// Shows another state on the service's card.
    pub(crate) fn set_state(&mut self, state: &WorkloadState) {
        for index in self.indices.values() {
            if let Some(node) = self.graph.node_mut(*index)
                && let Some(shown) = &mut node.payload_mut().state
            {
                shown.clone_from(state);
            }
        }
        self.refresh();
    }

    /// Puts a card at a place.
    pub(crate) fn place(&mut self, name: &ComponentName, to: Pos2) {
        if let Some(node) = self.indices.get(name).and_then(|index| self.graph.node_mut(*index)) {
            node.set_location(to);
        }
        self.refresh();
    }

    /// Keeps the place of a card that gets another name with the next plan.
    pub(crate) fn rename(&mut self, from: &ComponentName, to: &ComponentName) {
        if let Some(index) = self.indices.remove(from) {
            self.indices.insert(to.clone(), index);
        }
        for names in [&mut self.unfolded, &mut self.unplaced] {
            if names.remove(from) {
                names.insert(to.clone());
            }
        }
    }

    /// Asks for all cards to be placed anew, at the next frame.
    pub(crate) fn request_layout(&mut self) {
        self.is_layout_wanted = true;
    }

    fn needs_layout(&self) -> bool {
        self.is_layout_wanted || !self.unplaced.is_empty()
    }

    /// Takes what the layout found. Returns the moves of cards that had a place, which the user can
    /// take back.
    pub(crate) fn arrange(&mut self, places: &[(ComponentName, Pos2)]) -> Vec<(ComponentName, Pos2, Pos2)> {
        let is_partial = !self.is_layout_wanted && self.unplaced.len() < self.indices.len();
        let mut moves = Vec::new();
        for (name, to) in places {
            let Some(from) = self.card_rect(name).map(|rect| rect.min) else { continue };
            if is_partial && self.unplaced.contains(name) {
                let to = self.place_among(name, places).unwrap_or(*to);
                self.reserve(name, to);
                self.camera.show_new(self.card_rect(name).unwrap_or(Rect::NOTHING));
                continue;
            }
            let is_new = self.unplaced.remove(name);
            if is_new || self.is_layout_wanted {
                self.place(name, *to);
            }
            if !is_new && self.is_layout_wanted && from != *to {
                moves.push((name.clone(), from, *to));
            }
        }
        self.is_layout_wanted = false;
        self.unplaced.clear();
        if !is_partial {
            self.camera.fit();
        }
        moves
    }

    /// Moves a card that is being dragged.
    pub(crate) fn drag(&mut self, name: &ComponentName, to: Pos2) {
        if self.drag.is_none() {
            let from = self.card_rect(name).map(|rect| rect.min);
            self.drag = from.map(|from| Drag { name: name.clone(), from });
            self.camera.release();
        }
        self.place(name, to);
    }

    /// Lets the dragged card go. Returns what moved, if anything did.
    pub(crate) fn drop_card(&mut self) -> Option<(ComponentName, Pos2, Pos2)> {
        let drag = self.drag.take()?;
        let to = self.card_rect(&drag.name)?.min;
        (to != drag.from).then_some((drag.name, drag.from, to))
    }

    /// Folds or unfolds the imports that the host provides.
    pub(crate) fn toggle_host_imports(&mut self, name: &ComponentName) {
        if !self.unfolded.remove(name) {
            self.unfolded.insert(name.clone());
        }
        let is_unfolded = self.unfolded.contains(name);
        if let Some(node) = self.indices.get(name).and_then(|index| self.graph.node_mut(*index)) {
            node.payload_mut().set_unfolded(is_unfolded);
        }
        self.refresh();
    }

    /// Remembers the canvas's place in the window.
    pub(crate) fn set_viewport(&mut self, rect: Rect) {
        self.camera.set_viewport(rect);
    }

    /// Shows the whole graph.
    pub(crate) fn request_fit(&mut self) {
        self.camera.fit();
    }

    /// Moves what is seen.
    pub(crate) fn pan(&mut self, delta: Vec2) {
        self.camera.pan(delta);
    }

    /// Enlarges what is seen around a point of the window.
    pub(crate) fn zoom(&mut self, factor: f32, around: Pos2) {
        self.camera.zoom(factor, around);
    }

    /// Enlarges what is seen around the middle.
    pub(crate) fn zoom_about_centre(&mut self, factor: f32) {
        self.camera.zoom(factor, self.camera.viewport().center());
    }

    /// Shows the cards at their natural size.
    pub(crate) fn reset_zoom(&mut self) {
        self.zoom_about_centre(1.0 / self.camera.zoom_factor());
    }

    /// Where the canvas is in the window.
    pub(crate) fn viewport(&self) -> Rect {
        self.camera.viewport()
    }

    /// The place on the canvas of a point of the window.
    #[cfg(test)]
    pub(crate) fn on_canvas(&self, at: Pos2) -> Pos2 {
        self.camera.frame().screen_to_canvas_pos(at)
    }

    /// Brings a card into view if it is not.
    pub(crate) fn reveal(&mut self, name: &ComponentName) {
        if let Some(rect) = self.card_rect(name) {
            self.camera.reveal(rect);
        }
    }
}

#[cfg(test)]
mod tests {
    use jackfield_protocol::{
        ComponentInfo, Digest, Direction, Link, Node, Plan, Port, PortKind, Rule, WorkloadId,
    };
    use jackfield_protocol::{ComponentSettings, Function, FunctionKind, Why};

    use super::*;

    fn function() -> Function {
        Function {
            name: "f".to_owned(),
            kind: FunctionKind::Freestanding,
            is_async: false,
            params: Vec::new(),
            result: None,
            docs: None,
        }
    }

    fn port(direction: Direction, name: &str) -> Port {
        Port {
            implements: None,
            direction,
            name: name.to_owned(),
            kind: PortKind::Function(function()),
            docs: None,
        }
    }

    /// A workload of components that each export their own name; `links` say who imports from whom.
    fn view(names: &[&str], links: &[(&str, &str)]) -> WorkloadView {
        let node = |name: &&str| {
            let imports = links.iter().filter(|(consumer, _)| consumer == name);
            let mut ports: Vec<Port> = imports.map(|(_, import)| port(Direction::Import, import)).collect();
            ports.push(port(Direction::Export, name));
            let digest = Digest::from_sha256([0; 32]);
            let component = ComponentInfo { digest, size_in_bytes: 1, ports, producers: Vec::new() };
            Node {
                name: (*name).into(),
                source: String::new(),
                is_service: false,
                settings: ComponentSettings::default(),
                component,
            }
        };
        let link = |(consumer, provider): &(&str, &str)| Link {
            consumer: (*consumer).into(),
            import: (*provider).to_owned(),
            target: LinkTarget::Component { name: (*provider).into(), export: (*provider).to_owned() },
            why: Why {
                rule: Rule::SameName,
                import_version: None,
                export_version: None,
                not_taken: Vec::new(),
            },
            answers: Vec::new(),
        };
        let plan = Plan {
            nodes: names.iter().map(node).collect(),
            links: links.iter().map(link).collect(),
            ..Plan::default()
        };
        WorkloadView {
            id: WorkloadId(1),
            name: String::new(),
            namespace: None,
            path: None,
            state: WorkloadState::Stopped,
            plan,
            listening: Vec::new(),
            revision: 1,
            is_modified: false,
            needs_restart: false,
            outdated_service: None,
            mcp_url: None,
            probes: Default::default(),
            recording: None,
        }
    }

    fn arranged(view: &WorkloadView) -> Canvas {
        let mut canvas = Canvas::new(view, BTreeMap::new());
        let mut graph = canvas.graph.clone();
        layout::place(&mut graph);
        let places: Vec<_> =
            graph.nodes_iter().map(|(_, node)| (node.payload().face.name.clone(), node.location())).collect();
        assert_eq!(canvas.arrange(&places), [], "the first places are no edit");
        canvas
    }

    fn rect(canvas: &Canvas, name: &str) -> Rect {
        canvas.card_rect(&name.into()).expect(name)
    }

    #[test]
    fn providers_stand_left_of_consumers_and_no_cards_overlap() {
        let names = ["a", "b", "c", "d", "alone", "lonely"];
        let links = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")];
        let canvas = arranged(&view(&names, &links));
        for (consumer, provider) in links {
            assert!(rect(&canvas, provider).max.x < rect(&canvas, consumer).min.x, "{provider} {consumer}");
        }
        for (index, a) in names.iter().enumerate() {
            for b in &names[index + 1..] {
                assert!(!rect(&canvas, a).intersects(rect(&canvas, b)), "{a} {b}");
            }
        }
    }

    #[test]
    fn a_circle_is_laid_out_too() {
        let canvas = arranged(&view(&["a", "b", "c"], &[("a", "b"), ("b", "c"), ("c", "a")]));
        assert!(!rect(&canvas, "a").intersects(rect(&canvas, "b")));
    }

    /// Whether each link can be followed from one end to the other.
    fn assert_links_are_seen(canvas: &Canvas) {
        let cards: Vec<Rect> = canvas.indices.keys().filter_map(|name| canvas.card_rect(name)).collect();
        for (index, edge) in canvas.graph.edges_iter() {
            let (_, from, to) = view::wire_with_ends(canvas, index).expect("two ends");
            let points = edge.display().points(from, to);
            let hidden =
                points.iter().find(|point| cards.iter().any(|card| card.shrink(1.0).contains(**point)));
            assert_eq!(hidden, None, "{:?} in {cards:?}", edge.payload());
        }
    }

    #[test]
    fn links_back_pass_beside_the_cards() {
        let circle = arranged(&view(&["a", "b", "c"], &[("a", "b"), ("b", "c"), ("c", "a")]));
        assert_links_are_seen(&circle);
        assert!(circle.bounds().max.y > rect(&circle, "a").max.y, "the way back belongs to what is fitted");
        let names: Vec<String> = (0..30).map(|index| format!("c{index}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let links: Vec<(&str, &str)> = names.windows(2).map(|pair| (pair[1], pair[0])).collect();
        let chain = arranged(&view(&names, &links));
        assert!(rect(&chain, "c29").min.y > rect(&chain, "c0").max.y, "it has rows");
        assert_links_are_seen(&chain);
    }

    #[test]
    fn a_long_name_is_known_to_be_cut() {
        let long = "a-component-with-quite-a-long-name-number-00-hypotenuse-of-a-right-triangle";
        let canvas = arranged(&view(&["a", long], &[]));
        let is_cut = |name: &str| {
            let node = canvas.graph.node(canvas.indices[&name.into()]).expect(name);
            node.payload().face.is_name_cut(false)
        };
        assert!(is_cut(long) && !is_cut("a"));
    }

    #[test]
    fn cards_stay_where_they_are_when_the_plan_changes() {
        let mut canvas = arranged(&view(&["a", "b"], &[("a", "b")]));
        canvas.place(&"a".into(), Pos2::new(500.0, 77.0));
        let before = rect(&canvas, "b");
        canvas.rebuild(&view(&["a", "b", "c"], &[("a", "b"), ("a", "c")]));
        assert_eq!(rect(&canvas, "a").min, Pos2::new(500.0, 77.0));
        assert_eq!(rect(&canvas, "b"), before);
        assert!(canvas.needs_layout(), "the new card has no place yet");
    }

    #[test]
    fn two_hundred_components_are_laid_out() {
        let names: Vec<String> = (0..200).map(|index| format!("c{index}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let links: Vec<(&str, &str)> = names.windows(2).map(|pair| (pair[1], pair[0])).collect();
        let canvas = arranged(&view(&names, &links));
        assert!(rect(&canvas, "c199").min.x > rect(&canvas, "c0").min.x);
    }

    #[test]
    fn a_wire_ends_at_the_sockets_of_its_ports() {
        let canvas = arranged(&view(&["a", "b"], &[("a", "b")]));
        let (_, edge) = canvas.graph.edges_iter().next().expect("a wire");
        let node = |name: &str| canvas.graph.node(canvas.indices[&name.into()]).expect(name);
        let [start, end] = edge.display().ends(node("b"), node("a"));
        assert_eq!((start.x, end.x), (rect(&canvas, "b").max.x, rect(&canvas, "a").min.x));
    }
}
