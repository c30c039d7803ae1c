//! What a card says and where on the card each part is. Pure data and arithmetic, at natural size,
//! with the card's top left corner at the origin; drawing scales it.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Pos2, Rect, Vec2, pos2, vec2};
use jackfield_protocol::{
    ComponentName, Diagnostic, Digest, Direction, Link, LinkTarget, Node, Plan, Port, PortKind, WorkloadState,
};

pub(crate) const HEAD_HEIGHT: f32 = 48.0;
pub(crate) const ROW_HEIGHT: f32 = 22.0;
pub(crate) const PADDING: f32 = 8.0;
pub(crate) const NAME_SIZE: f32 = 15.0;
pub(crate) const PORT_SIZE: f32 = 12.5;
pub(crate) const SMALL_SIZE: f32 = 11.0;
const MIN_WIDTH: f32 = 200.0;
const MAX_WIDTH: f32 = 440.0;
/// Average advance of a character, as a share of the font's size; long names are cut when drawn.
const ADVANCE: f32 = 0.53;
/// Between a port's name and the card's edge.
pub(crate) const SOCKET_INSET: f32 = 14.0;

/// How a port is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PortStatus {
    /// A link ends here.
    Linked,
    /// Nothing is needed here.
    Free,
    /// Calls trap.
    Stub,
    /// The plan has a finding about it.
    Problem,
    /// A link of a circle ends here.
    Wrong,
}

/// A port with a row of its own.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CardPort {
    pub(crate) direction: Direction,
    /// The full name.
    pub(crate) name: String,
    /// Package and interface, or the plain name.
    pub(crate) short: String,
    pub(crate) version: Option<String>,
    pub(crate) status: PortStatus,
    /// The whole row, and the point where links end.
    pub(crate) row: Rect,
    pub(crate) socket: Pos2,
}

/// The imports that one host plugin provides, folded into one chip.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HostGroup {
    pub(crate) plugin: String,
    pub(crate) imports: Vec<String>,
    pub(crate) chip: Rect,
    /// One for each import while unfolded.
    pub(crate) rows: Vec<Rect>,
}

/// A card.
#[derive(Debug, Clone)]
pub(crate) struct Card {
    pub(crate) face: Arc<CardFace>,
    /// The workload's state on the service's card.
    pub(crate) state: Option<WorkloadState>,
    pub(crate) is_unfolded: bool,
}

/// What a card says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CardFace {
    pub(crate) name: ComponentName,
    pub(crate) digest: Digest,
    pub(crate) ports: Vec<CardPort>,
    pub(crate) hosts: Vec<HostGroup>,
    pub(crate) size: Vec2,
}

impl Card {
    /// The card of a node of the plan.
    pub(crate) fn new(plan: &Plan, node: &Node, state: &WorkloadState, is_unfolded: bool) -> Self {
        let linked = linked_exports(plan, &node.name);
        let mut ports = Vec::new();
        let mut hosts: Vec<HostGroup> = Vec::new();
        for port in &node.component.ports {
            match plugin_of(plan, node, port) {
                Some(plugin) => add_to_group(&mut hosts, plugin, &port.name),
                None => ports.push(card_port(plan, node, port, &linked)),
            }
        }
        let mut face = CardFace {
            name: node.name.clone(),
            digest: node.component.digest.clone(),
            ports,
            hosts,
            size: Vec2::ZERO,
        };
        face.measure(node.is_service, is_unfolded);
        Self { face: Arc::new(face), state: node.is_service.then(|| state.clone()), is_unfolded }
    }

    /// Whether it is the workload's service.
    pub(crate) fn is_service(&self) -> bool {
        self.state.is_some()
    }

    /// Folds or unfolds the imports that the host provides.
    pub(crate) fn set_unfolded(&mut self, is_unfolded: bool) {
        let is_service = self.is_service();
        self.is_unfolded = is_unfolded;
        Arc::make_mut(&mut self.face).measure(is_service, is_unfolded);
    }
}

/// Whether a link is one of those for which the components need one another in a circle.
pub(crate) fn is_in_circle(plan: &Plan, link: &Link) -> bool {
    plan.diagnostics.iter().any(|found| match found {
        Diagnostic::Cycle { path, imports } => {
            let mut needs = path.iter().zip(imports);
            needs.any(|(consumer, import)| *consumer == link.consumer && *import == link.import)
        }
        _ => false,
    })
}

fn linked_exports<'a>(plan: &'a Plan, provider: &ComponentName) -> BTreeSet<&'a str> {
    plan.links
        .iter()
        .filter_map(|link| match &link.target {
            LinkTarget::Component { name, export } if name == provider => Some(export.as_str()),
            _ => None,
        })
        .collect()
}

fn plugin_of<'a>(plan: &'a Plan, node: &Node, port: &Port) -> Option<&'a str> {
    if port.direction == Direction::Export {
        return None;
    }
    match &plan.link(&node.name, &port.name)?.target {
        LinkTarget::Host { plugin } => Some(plugin),
        _ => None,
    }
}

fn add_to_group(groups: &mut Vec<HostGroup>, plugin: &str, import: &str) {
    match groups.iter_mut().find(|group| group.plugin == plugin) {
        Some(group) => group.imports.push(import.to_owned()),
        None => groups.push(HostGroup {
            plugin: plugin.to_owned(),
            imports: vec![import.to_owned()],
            chip: Rect::ZERO,
            rows: Vec::new(),
        }),
    }
}

fn card_port(plan: &Plan, node: &Node, port: &Port, linked: &BTreeSet<&str>) -> CardPort {
    let (short, version) = short_name(port);
    CardPort {
        direction: port.direction,
        name: port.name.clone(),
        short,
        version,
        status: status(plan, node, port, linked),
        row: Rect::ZERO,
        socket: Pos2::ZERO,
    }
}

fn short_name(port: &Port) -> (String, Option<String>) {
    match (port.interface_name(), &port.kind) {
        (Some(name), _) => (format!("{}/{}", name.package, name.interface), name.version),
        (None, PortKind::Function(_)) => (format!("{}()", port.name), None),
        (None, _) => (port.name.clone(), None),
    }
}

fn status(plan: &Plan, node: &Node, port: &Port, linked: &BTreeSet<&str>) -> PortStatus {
    if port.direction == Direction::Export {
        let is_here = |target: &LinkTarget| matches!(target, LinkTarget::Component { name, export } if *name == node.name && *export == port.name);
        return match linked.contains(port.name.as_str()) {
            true if plan.links.iter().any(|link| is_here(&link.target) && is_in_circle(plan, link)) => {
                PortStatus::Wrong
            }
            true => PortStatus::Linked,
            false => PortStatus::Free,
        };
    }
    let link = plan.link(&node.name, &port.name);
    if link.is_some_and(|link| is_in_circle(plan, link)) {
        return PortStatus::Wrong;
    }
    match link.map(|link| &link.target) {
        Some(LinkTarget::Stub) if is_found_fault_with(plan, node, port) => PortStatus::Problem,
        Some(LinkTarget::Stub) => PortStatus::Stub,
        Some(_) => PortStatus::Linked,
        None if is_found_fault_with(plan, node, port) => PortStatus::Problem,
        None => PortStatus::Free,
    }
}

fn is_found_fault_with(plan: &Plan, node: &Node, port: &Port) -> bool {
    plan.diagnostics
        .iter()
        .any(|found| found.component() == Some(&node.name) && found.import() == Some(port.name.as_str()))
}

impl CardFace {
    /// Whether there is more of the name than the card has room for.
    pub(crate) fn is_name_cut(&self, is_service: bool) -> bool {
        self.head_width(is_service) > self.size.x
    }

    fn head_width(&self, is_service: bool) -> f32 {
        let state = if is_service { 100.0 } else { 20.0 };
        text_width(self.name.as_str().chars().count(), NAME_SIZE) + state + 2.0 * PADDING
    }

    /// The point where links to this port end, relative to the card's corner.
    pub(crate) fn socket(&self, direction: Direction, name: &str) -> Option<Pos2> {
        self.ports
            .iter()
            .find(|port| port.direction == direction && port.name == name)
            .map(|port| port.socket)
    }

    fn measure(&mut self, is_service: bool, is_unfolded: bool) {
        let width = self.width(is_service, is_unfolded);
        let imports_share = self.imports_share();
        let mut bottoms = [HEAD_HEIGHT + PADDING; 2];
        let split = width * imports_share;
        for port in &mut self.ports {
            let is_import = port.direction == Direction::Import;
            let [left, right] = if is_import { [0.0, split] } else { [split, width] };
            let Some(bottom) = bottoms.get_mut(usize::from(!is_import)) else { continue };
            port.row = Rect::from_min_max(pos2(left, *bottom), pos2(right, *bottom + ROW_HEIGHT));
            port.socket = pos2(if is_import { 0.0 } else { width }, *bottom + ROW_HEIGHT / 2.0);
            *bottom += ROW_HEIGHT;
        }
        let has_ports = !self.ports.is_empty();
        let mut bottom =
            bottoms[0].max(bottoms[1]) + if has_ports && !self.hosts.is_empty() { 4.0 } else { 0.0 };
        let mut place_row = |inset: f32| {
            let row = Rect::from_min_size(
                pos2(PADDING + inset, bottom),
                vec2(width - 2.0 * PADDING - inset, ROW_HEIGHT),
            );
            bottom += ROW_HEIGHT;
            row
        };
        for group in &mut self.hosts {
            group.chip = place_row(0.0);
            let shown = if is_unfolded { group.imports.len() } else { 0 };
            group.rows = (0..shown).map(|_| place_row(10.0)).collect();
        }
        self.size = vec2(width, bottom + PADDING);
    }

    fn side_width(&self, direction: Direction) -> f32 {
        let widths = self.ports.iter().filter(|port| port.direction == direction).map(|port| {
            let version = port.version.as_ref().map_or(0, |version| version.chars().count() + 1);
            text_width(port.short.chars().count(), PORT_SIZE) + text_width(version, SMALL_SIZE)
        });
        widths.fold(0.0, f32::max) + SOCKET_INSET + PADDING
    }

    fn imports_share(&self) -> f32 {
        let (imports, exports) = (self.side_width(Direction::Import), self.side_width(Direction::Export));
        imports / (imports + exports)
    }

    fn width(&self, is_service: bool, is_unfolded: bool) -> f32 {
        let head = self.head_width(is_service);
        let ports = self.side_width(Direction::Import) + self.side_width(Direction::Export);
        let names = self.hosts.iter().flat_map(|group| &group.imports).filter(|_| is_unfolded);
        let hosts = names.map(|name| text_width(name.chars().count(), SMALL_SIZE) + 40.0);
        hosts.fold(head.max(ports), f32::max).clamp(MIN_WIDTH, MAX_WIDTH)
    }
}

fn text_width(chars: usize, size: f32) -> f32 {
    chars as f32 * size * ADVANCE
}
