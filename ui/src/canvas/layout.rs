//! Where cards go: in layers from left to right, each provider left of its consumers, so that links
//! run from the exports on a card's right side to the imports on the next card's left side.
//!
//! A long chain would be a line too small to read where all of it is seen. So what is much wider than a window goes
//! on below, as text does.
//!
//! egui_graphs' own hierarchical layout knows no sizes; cards of different heights would overlap.

use std::collections::BTreeMap;
use std::ops::Range;

use egui::{Vec2, vec2};
use egui_graphs::{DisplayEdge, DisplayNode, Graph, Layout, LayoutState, node_size};
use petgraph::stable_graph::{IndexType, NodeIndex};
use petgraph::{Direction, EdgeType};
use serde::{Deserialize, Serialize};

/// Between layers, so that a link's curve has room.
const LAYER_GAP: f32 = 110.0;
/// Between the cards of a layer.
const CARD_GAP: f32 = 28.0;
/// Between rows of layers, so that there is room for the links that lead from the end of one to the next.
const ROW_GAP: f32 = 90.0;
/// Room for the graph in a window of a common size.
const WINDOW: Vec2 = vec2(900.0, 600.0);
/// Layers that are seen at this zoom in such a window stand in one row. Text is hard to read below it.
const READABLE: f32 = 0.6;
/// Rows have to make the graph so much larger, because links between rows are harder to follow.
const WORTH: f32 = 1.25;
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
    let extent = |layer: &Vec<NodeIndex<Ix>>| {
        let height = layer.iter().map(|node| size(node).y + CARD_GAP).sum::<f32>() - CARD_GAP;
        vec2(layer.iter().map(|node| size(node).x).fold(0.0, f32::max), height)
    };
    let extents: Vec<Vec2> = layers.iter().map(extent).collect();
    let mut bottom = 0.0;
    for row in rows(&extents) {
        let (mut left, start) = (0.0, bottom);
        let tallest = row_extent(&extents, &row).y;
        for (layer, extent) in layers.iter().zip(&extents).take(row.end).skip(row.start) {
            let mut top = start + (tallest - extent.y) / 2.0;
            for node in layer {
                places.insert(*node, vec2(left, top));
                top += size(node).y + CARD_GAP;
            }
            left += extent.x + LAYER_GAP;
        }
        bottom = start + tallest + ROW_GAP;
    }
    if layers.is_empty() { 0.0 } else { bottom - ROW_GAP + 2.0 * CARD_GAP }
}

/// Which layers stand in a row, for layers of these sizes.
fn rows(extents: &[Vec2]) -> Vec<Range<usize>> {
    let one_row = broken(extents, 1);
    let zoom_of_one = zoom(extents, &one_row);
    if zoom_of_one >= READABLE {
        return one_row;
    }
    // Of rows that make it equally large, the fewest.
    let mut best = (zoom_of_one * WORTH, one_row);
    for count in 2..=extents.len() {
        let rows = broken(extents, count);
        let zoom = zoom(extents, &rows);
        if zoom > best.0 {
            best = (zoom, rows);
        }
    }
    best.1
}

/// Layers in about `count` rows of about the same width.
fn broken(extents: &[Vec2], count: usize) -> Vec<Range<usize>> {
    let width = (row_extent(extents, &(0..extents.len())).x + LAYER_GAP) / count as f32;
    let mut rows = Vec::new();
    let (mut start, mut left) = (0, 0.0);
    for (place, extent) in extents.iter().enumerate() {
        // A layer is in the row in which its middle is.
        if place > start && left + (extent.x + LAYER_GAP) / 2.0 > width * (rows.len() + 1) as f32 {
            rows.push(start..place);
            start = place;
        }
        left += extent.x + LAYER_GAP;
    }
    rows.push(start..extents.len());
    rows
}

fn row_extent(extents: &[Vec2], row: &Range<usize>) -> Vec2 {
    let layers = extents.get(row.clone()).unwrap_or_default();
    let width = layers.iter().map(|extent| extent.x + LAYER_GAP).sum::<f32>() - LAYER_GAP;
    vec2(width, layers.iter().map(|extent| extent.y).fold(0.0, f32::max))
}

/// How large all of it can be seen at once.
fn zoom(extents: &[Vec2], rows: &[Range<usize>]) -> f32 {
    let mut all = vec2(0.0, -ROW_GAP);
    for extent in rows.iter().map(|row| row_extent(extents, row)) {
        all = vec2(all.x.max(extent.x), all.y + extent.y + ROW_GAP);
    }
    (WINDOW / all).min_elem()
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

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: Vec2 = vec2(230.0, 130.0);

    #[test]
    fn what_is_readable_in_a_row_stays_in_one() {
        for layers in 0..=4 {
            assert_eq!(rows(&vec![CARD; layers]).len(), 1);
        }
        assert_eq!(rows(&[vec2(230.0, 4000.0); 3]).len(), 1, "it is high already");
    }

    #[test]
    fn a_long_chain_goes_on_below() {
        let extents = vec![CARD; 12];
        let rows = rows(&extents);
        assert_eq!(rows, [0..3, 3..6, 6..9, 9..12]);
        assert!(zoom(&extents, &rows) > 2.0 * zoom(&extents, &broken(&extents, 1)));
    }

    #[test]
    fn every_layer_is_in_one_row_in_its_order() {
        for layers in 1..40_usize {
            let extents: Vec<_> = (0..layers).map(|it| CARD * (1.0 + (it % 5) as f32)).collect();
            for count in 1..=layers {
                let rows = broken(&extents, count);
                assert!(rows.iter().all(|row| !row.is_empty()), "{rows:?}");
                assert!(rows.iter().cloned().flatten().eq(0..layers), "{rows:?}");
            }
        }
    }
}
