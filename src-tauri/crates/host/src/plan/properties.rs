//! What holds of every plan, whatever the workload.

use std::path::Path;

use indexmap::IndexMap;
use jackfield_component::{Component, read_bytes};
use jackfield_protocol::{ComponentName, Diagnostic, Link, LinkTarget, NotTaken, Plan, Reason, Rule};
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

/// What the function of an interface returns: exports of the second kind do not fit imports of the first.
const RESULTS: [&str; 2] = ["u32", "string"];

/// The ports of a component, as places in [`NAMES`] and [`RESULTS`].
#[derive(Debug, Clone)]
struct Ports {
    imports: Vec<(usize, usize)>,
    exports: Vec<(usize, usize)>,
}

/// A workload that may make no sense. A row is consumer, import and target, by their places.
#[derive(Debug, Clone)]
struct Case {
    components: Vec<Ports>,
    rows: IndexMap<(usize, usize), usize>,
}

fn cases() -> impl Strategy<Value = Case> {
    let names = || prop::sample::subsequence((0..NAMES.len()).collect::<Vec<_>>(), 0..=4);
    // Seldom, so that most things fit.
    let result = || prop_oneof![4 => Just(0_usize), 1 => Just(1_usize)];
    let names = || {
        names().prop_flat_map(move |names| {
            names.into_iter().map(|name| (Just(name), result())).collect::<Vec<_>>()
        })
    };
    let ports = (names(), names()).prop_map(|(imports, exports)| Ports { imports, exports });
    let components = prop::collection::vec(ports, 1..7);
    let rows = prop::collection::vec(((0..6_usize, 0..NAMES.len()), 0..8_usize), 0..4);
    (components, rows).prop_map(|(components, rows)| Case { components, rows: rows.into_iter().collect() })
}

impl Case {
    /// The workload and its components, with the components in the order of `order`.
    fn build(&self, order: &[usize]) -> (Workload, IndexMap<ComponentName, Component>) {
        let mut text = String::from("name = \"x\"\n");
        let mut infos = IndexMap::new();
        for place in order {
            text += &format!("[components.c{place}]\nsource = \"./c{place}.wasm\"\n");
            infos.insert(ComponentName::new(format!("c{place}")), component(&self.components[*place]));
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

/// A component with these ports.
fn component(ports: &Ports) -> Component {
    let mut text = String::from(
        "(component (core module $m (memory (export \"mem\") 1) (func (export \"f\") (result i32) i32.const 0))
         (core instance $i (instantiate $m)) (type $t (list u8))
         (func $f0 (result u32) (canon lift (core func $i \"f\")))
         (func $f1 (result string) (canon lift (core func $i \"f\") (memory (core memory $i \"mem\"))))",
    );
    for (name, result) in &ports.imports {
        let (name, result) = (NAMES[*name], RESULTS[*result]);
        text += &match name {
            TYPES_ONLY => {
                format!("(import \"{name}\" (instance (type $t (list u8)) (export \"t\" (type (eq $t)))))")
            }
            _ if name.contains(':') => {
                format!("(import \"{name}\" (instance (export \"f\" (func (result {result})))))")
            }
            _ => format!("(import \"{name}\" (func (result {result})))"),
        };
    }
    for (place, (name, result)) in ports.exports.iter().enumerate() {
        let name = NAMES[*name];
        text += &match name {
            TYPES_ONLY => format!("(instance $e{place} (export \"t\" (type $t)))"),
            _ => format!("(instance $e{place} (export \"f\" (func $f{result})))"),
        };
        text += &match name.contains(':') {
            true => format!("(export \"{name}\" (instance $e{place}))"),
            false => format!("(export \"{name}\" (func $f{result}))"),
        };
    }
    text += ")";
    read_bytes(wat::parse_str(&text).expect(&text)).expect(&text)
}

/// The links that no chain has a part in, without their order and that of what they did not take.
fn links_without_chains(plan: &Plan) -> Vec<Link> {
    let mut links = plan.links.clone();
    for link in &mut links {
        let key = |it: &NotTaken| format!("{it}");
        link.why.not_taken.sort_by_key(key);
    }
    links.sort_by(|a, b| (&a.consumer, &a.import).cmp(&(&b.consumer, &b.import)));
    links
}

/// Whether a chain decided about a link: it is in it, or it is the end of it.
fn is_of_chain(link: &Link) -> bool {
    let in_chain = |it: &NotTaken| matches!(it.reason, Reason::BeforeInChain | Reason::BehindInChain);
    link.why.rule == Rule::Chain || link.why.not_taken.iter().any(in_chain)
}

/// The imports that have another answer in another order, by a chain in neither of them.
fn changed(one: &Plan, other: &Plan) -> Vec<String> {
    let other_links = links_without_chains(other);
    let differs = |link: &Link| {
        let same = other_links.iter().find(|it| it.consumer == link.consumer && it.import == link.import);
        match same {
            Some(same) => same != link && !is_of_chain(same) && !is_of_chain(link),
            None => !is_of_chain(link) && !ends_chain(other, link),
        }
    };
    let changed = links_without_chains(one).into_iter().filter(differs);
    changed.map(|link| format!("{} {}", link.consumer, link.import)).collect()
}

/// Whether an import is not linked because it is at the end of a chain, where only the host could be.
fn ends_chain(plan: &Plan, link: &Link) -> bool {
    plan.diagnostics.iter().any(|diagnostic| match diagnostic {
        Diagnostic::UnresolvedImport { component, import, near_misses, .. } => {
            (component, import) == (&link.consumer, &link.import)
                && near_misses.iter().any(|miss| miss.reason == Reason::BeforeInChain)
        }
        _ => false,
    })
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
                prop_assert_eq!(answers, 1, "{} of {}", &import.name, &node.name);
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
    fn the_order_of_the_components_changes_only_chains(
        (case, order) in cases().prop_flat_map(|case| {
            let order = Just(case.in_order()).prop_shuffle();
            (Just(case), order)
        })
    ) {
        let (one, other) = (case.plan(&case.in_order()), case.plan(&order));
        prop_assert_eq!(changed(&one, &other), Vec::<String>::new());
        prop_assert_eq!(changed(&other, &one), Vec::<String>::new());
    }

    #[test]
    fn an_unrelated_component_changes_no_link(case in cases()) {
        let (workload, infos) = case.build(&case.in_order());
        let host = HostCatalog::from_pairs([("wasi", "wasi:cli/stdout@0.2.12")]);
        let before = plan(&workload, &infos, &host);
        let mut larger = workload;
        let spec = larger.components[0].clone();
        larger.components.shift_insert(0, "unrelated".into(), spec);
        let text = "(component (instance $i) (export \"z:z/a@1.0.0\" (instance $i)) (export \"z:z/b\" (instance $i)))";
        let mut infos = infos;
        infos.insert("unrelated".into(), read_bytes(wat::parse_str(text).expect(text)).expect(text));
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
            let Diagnostic::Cycle { path, imports } = diagnostic else { continue };
            prop_assert_eq!(path.len(), imports.len());
            for (index, from) in path.iter().enumerate() {
                let to = &path[(index + 1) % path.len()];
                let needs = plan.links.iter().any(|link| {
                    link.consumer == *from
                        && link.import == imports[index]
                        && matches!(&link.target, LinkTarget::Component { name, .. } if name == to)
                });
                prop_assert!(needs, "{from} does not need {to}");
                prop_assert!(!path[..index].contains(from));
            }
        }
    }
}
