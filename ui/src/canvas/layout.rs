//! Where cards go: in layers from left to right, each provider left of its consumers, so that links
//! run from the exports on a card's right side to the imports on the next card's left side.
//!
//! egui_graphs' own hierarchical layout knows no sizes; cards of different heights would overlap.

use std::collections::BTreeMap;

use egui::{Vec2, vec2};
use egui_graphs::{DisplayEdge, DisplayNode, Graph, Layout, LayoutState, node_size};
use petgraph::stable_graph::{IndexType, NodeIndex};
use petgraph::{Direction, EdgeType};
use serde::{Deserialize, Serialize};

/// Between layers, so that a link's curve has room.
const LAYER_GAP: f32 = 110.0;
/// Between the cards of a layer.
const CARD_GAP: f32 = 28.0;
/// Cards without links stand in rows of about this width below the others.
const ROW_WIDTH: f32 = 1100.0;

/// The layout runs once; it has no state of its own.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct LayeredState {
    /// Whether it has run.
    pub(crate) is_done: bool,
}

impl LayoutState for LayeredState {}

/// Places each node by its top left corner. Deterministic: the order of nodes and edges decides.
#[derive(Debug, Default)]
pub(crate) struct Layered {
    state: LayeredState,
}

impl Layout<LayeredState> for Layered {
    fn from_state(state: LayeredState) -> impl Layout<LayeredState> {
        Self { state }
    }

    fn next<N, E, Ty, Ix, Dn, De>(&mut self, graph: &mut Graph<N, E, Ty, Ix, Dn, De>, _ui: &egui::Ui)
    where
        N: Clone,
        E: Clone,
        Ty: EdgeType,
        Ix: IndexType,
        Dn: DisplayNode<N, E, Ty, Ix>,
        De: DisplayEdge<N, E, Ty, Ix, Dn>,
    {
        if !self.state.is_done {
            place(graph);
            self.state.is_done = true;
        }
    }

    fn state(&self) -> LayeredState {
        self.state.clone()
    }
}

/// The places of all nodes, by layers.
pub(crate) fn place<N, E, Ty, Ix, Dn, De>(graph: &mut Graph<N, E, Ty, Ix, Dn, De>)
where
    N: Clone,
    E: Clone,
    Ty: EdgeType,
    Ix: IndexType,
    Dn: DisplayNode<N, E, Ty, Ix>,
    De: DisplayEdge<N, E, Ty, Ix, Dn>,
{
    let sizes: BTreeMap<NodeIndex<Ix>, Vec2> = graph
        .nodes_iter()
        .map(|(index, node)| (index, vec2(node_size(node, Vec2::X), node_size(node, Vec2::Y)) * 2.0))
        .collect();
    let providers: BTreeMap<NodeIndex<Ix>, Vec<NodeIndex<Ix>>> =
        sizes.keys().map(|&index| (index, neighbours(graph, index, Direction::Incoming))).collect();
    let is_linked = |index: &NodeIndex<Ix>| {
        !neighbours(graph, *index, Direction::Outgoing).is_empty()
            || providers.get(index).is_some_and(|providers| !providers.is_empty())
    };
    let (linked, alone): (Vec<_>, Vec<_>) = sizes.keys().copied().partition(is_linked);
    let mut places = BTreeMap::new();
    let bottom = place_layers(&layers(&linked, &providers), &sizes, &mut places);
    place_rows(&alone, &sizes, bottom, &mut places);
    for (index, place) in places {
        if let Some(node) = graph.node_mut(index) {
            node.set_location(place.to_pos2());
        }
    }
}

fn neighbours<N, E, Ty, Ix, Dn, De>(
    graph: &Graph<N, E, Ty, Ix, Dn, De>,
    index: NodeIndex<Ix>,
    direction: Direction,
) -> Vec<NodeIndex<Ix>>
where
    N: Clone,
    E: Clone,
    Ty: EdgeType,
    Ix: IndexType,
    Dn: DisplayNode<N, E, Ty, Ix>,
    De: DisplayEdge<N, E, Ty, Ix, Dn>,
{
    let mut found: Vec<_> =
        graph.g().neighbors_directed(index, direction).filter(|other| *other != index).collect();
    found.sort();
    found.dedup();
    found
}

type Providers<Ix> = BTreeMap<NodeIndex<Ix>, Vec<NodeIndex<Ix>>>;

/// Each node one layer right of its rightmost provider; within a layer, near its providers.
fn layers<Ix: IndexType>(nodes: &[NodeIndex<Ix>], providers: &Providers<Ix>) -> Vec<Vec<NodeIndex<Ix>>> {
    let mut depths = BTreeMap::new();
    for &node in nodes {
        depth(node, providers, &mut depths);
    }
    let mut layers: Vec<Vec<NodeIndex<Ix>>> = Vec::new();
    for (node, depth) in depths {
        let depth = depth.unwrap_or(0);
        layers.resize_with(layers.len().max(depth + 1), Vec::new);
        if let Some(layer) = layers.get_mut(depth) {
            layer.push(node);
        }
    }
    let mut ranks: BTreeMap<NodeIndex<Ix>, f32> = BTreeMap::new();
    for layer in &mut layers {
        let near = |node: &NodeIndex<Ix>| mean_rank(providers.get(node), &ranks);
        layer.sort_by(|a, b| near(a).total_cmp(&near(b)));
        ranks.extend(layer.iter().enumerate().map(|(rank, node)| (*node, rank as f32)));
    }
    layers
}

/// How many layers stand left of `node`. `None` marks a node whose providers are being looked at: a
/// circle, which is cut there.
fn depth<Ix: IndexType>(
    node: NodeIndex<Ix>,
    providers: &Providers<Ix>,
    depths: &mut BTreeMap<NodeIndex<Ix>, Option<usize>>,
) -> usize {
    if let Some(known) = depths.get(&node) {
        return known.unwrap_or(0);
    }
    depths.insert(node, None);
    let mut deepest = 0;
    for &provider in providers.get(&node).into_iter().flatten() {
        let is_circle = depths.get(&provider) == Some(&None);
        if !is_circle {
            deepest = deepest.max(depth(provider, providers, depths) + 1);
        }
    }
    depths.insert(node, Some(deepest));
    deepest
}

fn mean_rank<Ix: IndexType>(
    providers: Option<&Vec<NodeIndex<Ix>>>,
    ranks: &BTreeMap<NodeIndex<Ix>, f32>,
) -> f32 {
    let ranks: Vec<f32> =
        providers.into_iter().flatten().filter_map(|node| ranks.get(node).copied()).collect();
    if ranks.is_empty() { 0.0 } else { ranks.iter().sum::<f32>() / ranks.len() as f32 }
}

/// Returns where the layers end below.
fn place_layers<Ix: IndexType>(
    layers: &[Vec<NodeIndex<Ix>>],
    sizes: &BTreeMap<NodeIndex<Ix>, Vec2>,
    places: &mut BTreeMap<NodeIndex<Ix>, Vec2>,
) -> f32 {
    let size = |node: &NodeIndex<Ix>| sizes.get(node).copied().unwrap_or_default();
    let height =
        |layer: &Vec<NodeIndex<Ix>>| layer.iter().map(|node| size(node).y + CARD_GAP).sum::<f32>() - CARD_GAP;
    let tallest = layers.iter().map(height).fold(0.0, f32::max);
    let mut left = 0.0;
    for layer in layers {
        let mut top = (tallest - height(layer)) / 2.0;
        for node in layer {
            places.insert(*node, vec2(left, top));
            top += size(node).y + CARD_GAP;
        }
        left += layer.iter().map(|node| size(node).x).fold(0.0, f32::max) + LAYER_GAP;
    }
    if layers.is_empty() { 0.0 } else { tallest + 2.0 * CARD_GAP }
}

fn place_rows<Ix: IndexType>(
    nodes: &[NodeIndex<Ix>],
    sizes: &BTreeMap<NodeIndex<Ix>, Vec2>,
    top: f32,
    places: &mut BTreeMap<NodeIndex<Ix>, Vec2>,
) {
    let (mut left, mut top, mut tallest) = (0.0, top, 0.0_f32);
    for node in nodes {
        let size = sizes.get(node).copied().unwrap_or_default();
        if left > 0.0 && left + size.x > ROW_WIDTH {
            (left, top, tallest) = (0.0, top + tallest + CARD_GAP, 0.0);
        }
        places.insert(*node, vec2(left, top));
        left += size.x + CARD_GAP;
        tallest = tallest.max(size.y);
    }
}
