//! What holds of every plan, whatever the workload.

use std::path::Path;

use indexmap::IndexMap;
use jackfield_protocol::{
    ComponentInfo, ComponentName, Diagnostic, Digest, Direction, Function, FunctionKind, Link, LinkTarget,
    Plan, Port, PortKind,
};
use proptest::prelude::*;

use super::{HostCatalog, plan};
use crate::workload::{Workload, parse};

/// Names that collide, differ in version, are the host's, or are bare.
const NAMES: [&str; 8] = [
    "p:i/a",
    "p:i/a@1.0.0",
    "p:i/a@1.1.0",
    "p:i/b@0.1.0",
    "wasi:cli/stdout@0.2.0",
    "wasi:cli/stdout@0.9.0",
    "log",
    "p:i/types",
];

/// An interface of this name has only types.
const TYPES_ONLY: &str = "p:i/types";

/// The ports of a component, as places in [`NAMES`].
#[derive(Debug, Clone)]
struct Ports {
    imports: Vec<usize>,
    exports: Vec<usize>,
}

/// A workload that may make no sense. A row is consumer, import and target, by their places.
#[derive(Debug, Clone)]
struct Case {
    components: Vec<Ports>,
    rows: IndexMap<(usize, usize), usize>,
}

fn cases() -> impl Strategy<Value = Case> {
    let names = || prop::sample::subsequence((0..NAMES.len()).collect::<Vec<_>>(), 0..=4);
    let ports = (names(), names()).prop_map(|(imports, exports)| Ports { imports, exports });
    let components = prop::collection::vec(ports, 1..7);
    let rows = prop::collection::vec(((0..6_usize, 0..NAMES.len()), 0..8_usize), 0..4);
    (components, rows).prop_map(|(components, rows)| Case { components, rows: rows.into_iter().collect() })
}

impl Case {
    /// The workload and its components, with the components in the order of `order`.
    fn build(&self, order: &[usize]) -> (Workload, IndexMap<ComponentName, ComponentInfo>) {
        let mut text = String::from("name = \"x\"\n");
        let mut infos = IndexMap::new();
        for place in order {
            text += &format!("[components.c{place}]\nsource = \"./c{place}.wasm\"\n");
            infos.insert(ComponentName::new(format!("c{place}")), info(&self.components[*place]));
        }
        let count = self.components.len();
        for ((from, import), to) in &self.rows {
            if *from >= count || from == to {
                continue;
            }
            let to = match to {
                7 => "host".to_owned(),
                6 => "stub".to_owned(),
                place => format!("c{}", place % count),
            };
            if to != format!("c{from}") {
                text += &format!(
                    "[[links]]\nfrom = \"c{from}\"\nimport = \"{}\"\nto = \"{to}\"\n",
                    NAMES[*import]
                );
            }
        }
        (parse(&text, Path::new("w")).expect(&text), infos)
    }

    fn plan(&self, order: &[usize]) -> Plan {
        let (workload, infos) = self.build(order);
        plan(&workload, &infos, &HostCatalog::from_pairs([("wasi", "wasi:cli/stdout@0.2.12")]))
    }

    fn in_order(&self) -> Vec<usize> {
        (0..self.components.len()).collect()
    }
}

fn info(ports: &Ports) -> ComponentInfo {
    let imports = ports.imports.iter().map(|place| port(Direction::Import, NAMES[*place]));
    let exports = ports.exports.iter().map(|place| port(Direction::Export, NAMES[*place]));
    ComponentInfo {
        digest: Digest::from_sha256([0; 32]),
        size_in_bytes: 8,
        ports: imports.chain(exports).collect(),
        producers: Vec::new(),
    }
}

fn port(direction: Direction, name: &str) -> Port {
    let function = Function {
        name: name.to_owned(),
        kind: FunctionKind::Freestanding,
        is_async: false,
        params: Vec::new(),
        result: None,
        docs: None,
    };
    let kind = if !name.contains(':') {
        PortKind::Function(function)
    } else if name == TYPES_ONLY {
        PortKind::Instance { functions: Vec::new(), types: vec!["t".to_owned()], resources: Vec::new() }
    } else {
        PortKind::Instance { functions: vec![function], types: Vec::new(), resources: Vec::new() }
    };
    Port { direction, name: name.to_owned(), kind, docs: None }
}

/// The links without their order, nor that of what they did not take.
fn links(plan: &Plan) -> Vec<Link> {
    let mut links = plan.links.clone();
    for link in &mut links {
        link.why.not_taken.sort_by(|a, b| a.component.cmp(&b.component));
    }
    links.sort_by(|a, b| (&a.consumer, &a.import).cmp(&(&b.consumer, &b.import)));
    links
}

proptest! {
    #[test]
    fn every_import_has_a_link_or_a_diagnostic_and_never_both(case in cases()) {
        let plan = case.plan(&case.in_order());
        for node in &plan.nodes {
            for import in node.component.imports() {
                let linked = plan.links.iter().filter(|link| link.consumer == node.name && link.import == import.name);
                let about_it = |diagnostic: &&Diagnostic| {
                    diagnostic.component() == Some(&node.name) && diagnostic.import() == Some(import.name.as_str())
                };
                let answers = linked.count() + plan.diagnostics.iter().filter(about_it).count();
                if import.needs_provider() {
                    prop_assert_eq!(answers, 1, "{} of {}", &import.name, &node.name);
                } else {
                    prop_assert!(answers <= 1);
                }
            }
        }
    }

    #[test]
    fn every_link_has_two_ends_that_exist_and_differ(case in cases()) {
        let plan = case.plan(&case.in_order());
        for link in &plan.links {
            let consumer = plan.node(&link.consumer).expect("the consumer");
            prop_assert!(consumer.component.imports().any(|port| port.name == link.import));
            if let LinkTarget::Component { name, export } = &link.target {
                prop_assert!(name != &link.consumer);
                let provider = plan.node(name).expect("the provider");
                prop_assert!(provider.component.exports().any(|port| port.name == *export));
            }
        }
    }

    #[test]
    fn the_order_of_the_components_changes_no_link(
        (case, order) in cases().prop_flat_map(|case| {
            let order = Just(case.in_order()).prop_shuffle();
            (Just(case), order)
        })
    ) {
        prop_assert_eq!(links(&case.plan(&case.in_order())), links(&case.plan(&order)));
    }

    #[test]
    fn an_unrelated_component_changes_no_link(case in cases()) {
        let (workload, infos) = case.build(&case.in_order());
        let host = HostCatalog::from_pairs([("wasi", "wasi:cli/stdout@0.2.12")]);
        let before = plan(&workload, &infos, &host);
        let mut larger = workload;
        let spec = larger.components[0].clone();
        larger.components.shift_insert(0, "unrelated".into(), spec);
        let ports = ["z:z/a@1.0.0", "z:z/b"].map(|name| port(Direction::Export, name));
        let mut infos = infos;
        infos.insert("unrelated".into(), ComponentInfo { ports: ports.to_vec(), ..infos[0].clone() });
        let after = plan(&larger, &infos, &host);
        prop_assert_eq!(before.links, after.links);
        prop_assert_eq!(before.diagnostics, after.diagnostics);
    }

    #[test]
    fn without_a_cycle_components_can_be_instantiated_one_after_the_other(case in cases()) {
        let plan = case.plan(&case.in_order());
        let mut left: Vec<&ComponentName> = plan.nodes.iter().map(|node| &node.name).collect();
        loop {
            let before = left.len();
            let remaining = left.clone();
            left.retain(|name| {
                plan.links.iter().any(|link| {
                    link.consumer == **name
                        && matches!(&link.target, LinkTarget::Component { name, .. } if remaining.contains(&name))
                })
            });
            if left.len() == before {
                break;
            }
        }
        let cycle = plan.diagnostics.iter().any(|diagnostic| matches!(diagnostic, Diagnostic::Cycle { .. }));
        prop_assert_eq!(cycle, !left.is_empty());
    }

    #[test]
    fn a_cycle_is_a_way_along_links_and_only_its_members_are_in_it_once(case in cases()) {
        let plan = case.plan(&case.in_order());
        for diagnostic in &plan.diagnostics {
            let Diagnostic::Cycle { path } = diagnostic else { continue };
            for (index, from) in path.iter().enumerate() {
                let to = &path[(index + 1) % path.len()];
                let needs = plan.links.iter().any(|link| {
                    link.consumer == *from && matches!(&link.target, LinkTarget::Component { name, .. } if name == to)
                });
                prop_assert!(needs, "{from} does not need {to}");
                prop_assert!(!path[..index].contains(from));
            }
        }
    }
}
