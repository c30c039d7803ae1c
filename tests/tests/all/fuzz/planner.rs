//! Whatever the components, a plan answers for each import once, says so in words, is the same each time,
//! and does not change for a component that has nothing to do with the others.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;

use indexmap::IndexMap;
use jackfield_component::{Component, read_bytes};
use jackfield_host::Host;
use jackfield_host::plan::{HostCatalog, plan};
use jackfield_host::workload::{LinkEnd, LinkRow, Workload, parse};
use jackfield_protocol::{ComponentName, Diagnostic, Edit, EditLinkEnd, Fix, LinkTarget, Plan, Severity};

use super::driver::{Target, run};
use super::generate::Choices;
use super::worlds::{odd, related};

/// How many bytes choose what one component is.
const SPEC_IN_BYTES: usize = 16;
const MAX_COMPONENTS: usize = 8;
const FAMILIAR: usize = 250;
/// Components that are kept, because making one takes longer than planning.
const MAX_KEPT: usize = 2_000;

static CATALOG: LazyLock<HostCatalog> = LazyLock::new(Host::catalog);

#[test]
fn planner() {
    run(&Target { name: "planner", seeds: Vec::new, fresh, words: &[], check });
}

/// Most components are one of a few hundred, which are made once.
fn fresh(choices: &mut Choices) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..=choices.below(MAX_COMPONENTS) {
        let mut of_one = Choices::seeded(choices.below(FAMILIAR) as u64);
        bytes.extend((0..SPEC_IN_BYTES).map(|_| a_byte(&mut of_one)));
    }
    bytes.extend((0..choices.below(SPEC_IN_BYTES)).map(|_| a_byte(choices)));
    bytes
}

fn a_byte(choices: &mut Choices) -> u8 {
    u8::try_from(choices.below(256)).unwrap_or_default()
}

fn check(bytes: &[u8]) {
    let specs: Vec<&[u8]> = bytes.chunks(SPEC_IN_BYTES).collect();
    let Some((wiring, specs)) = specs.split_last() else { return };
    let components: IndexMap<ComponentName, Component> = specs
        .iter()
        .take(MAX_COMPONENTS)
        .enumerate()
        .filter_map(|(index, spec)| Some((ComponentName::new(format!("c{index}")), made_once(spec)?)))
        .collect();
    let mut choices = Choices::of_bytes(wiring);
    let workload = workload(&mut choices, &components);
    let planned = plan(&workload, &components, &CATALOG);
    // Maps of another call have another order inside.
    assert_eq!(planned, plan(&workload, &components, &CATALOG));
    let json = serde_json::to_string(&planned).expect("JSON");
    assert_eq!(planned, serde_json::from_str::<Plan>(&json).expect("a plan"));
    every_import_has_one_answer(&planned);
    every_link_has_two_ends(&planned);
    planned.diagnostics.iter().for_each(says_what_and_what_to_do);
    what_is_to_be_done_helps(&mut choices, &workload, &components, &planned);
    an_unrelated_component_changes_nothing(&mut choices, &workload, &components, &planned);
}

/// What some bytes stand for.
fn made_once(spec: &[u8]) -> Option<Component> {
    thread_local! {
        static MADE: RefCell<HashMap<Vec<u8>, Option<Component>>> = RefCell::default();
    }
    if let Some(made) = MADE.with_borrow(|made| made.get(spec).cloned()) {
        return made;
    }
    let (first, rest) = spec.split_first().unwrap_or((&0, &[]));
    let made = match first % 8 {
        0 => odd(&mut Choices::of_bytes(rest)).and_then(|bytes| read_bytes(bytes).ok()),
        _ => related(&mut Choices::of_bytes(rest)),
    };
    MADE.with_borrow_mut(|all| {
        if all.len() >= MAX_KEPT {
            all.clear();
        }
        all.insert(spec.to_vec(), made.clone());
    });
    made
}

/// A workload of these components, with rows that may make no sense.
fn workload(choices: &mut Choices, components: &IndexMap<ComponentName, Component>) -> Workload {
    let mut text = String::from("name = \"fuzz\"\n");
    for name in components.keys() {
        text += &format!("[components.{name}]\nsource = \"./{name}.wasm\"\n");
    }
    let ends: Vec<String> =
        components.keys().map(ToString::to_string).chain(["host".to_owned(), "stub".to_owned()]).collect();
    let mut linked = Vec::new();
    for _ in 0..choices.below(4) {
        let Some((from, component)) = components.get_index(choices.below(components.len().max(1))) else {
            break;
        };
        let imports: Vec<&str> = component.info().imports().map(|port| port.name.as_str()).collect();
        let to = &ends[choices.below(ends.len())];
        let import = imports.get(choices.below(imports.len().max(1))).copied().unwrap_or("no:such/thing");
        let row = (from.clone(), import.to_owned());
        if to != from.as_str() && !linked.contains(&row) {
            text += &format!("[[links]]\nfrom = \"{from}\"\nimport = \"{import}\"\nto = \"{to}\"\n");
            linked.push(row);
        }
    }
    if let (0, Some((name, _))) = (choices.below(3), components.first()) {
        text += &format!("[service]\ncomponent = \"{name}\"\n");
    }
    parse(&text, Path::new("workload.toml")).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"))
}

fn every_import_has_one_answer(plan: &Plan) {
    for node in &plan.nodes {
        for import in node.component.imports() {
            let links = plan
                .links
                .iter()
                .filter(|link| link.consumer == node.name && link.import == import.name)
                .count();
            let is_about_it = |diagnostic: &&Diagnostic| {
                diagnostic.component() == Some(&node.name)
                    && diagnostic.import() == Some(import.name.as_str())
            };
            let answers = links + plan.diagnostics.iter().filter(is_about_it).count();
            assert_eq!(answers, 1, "{} of {}", import.name, node.name);
        }
    }
}

fn every_link_has_two_ends(plan: &Plan) {
    for link in &plan.links {
        let consumer = plan.node(&link.consumer).expect("the consumer");
        assert!(consumer.component.imports().any(|port| port.name == link.import), "{link:?}");
        if let LinkTarget::Component { name, export } = &link.target {
            assert_ne!(*name, link.consumer);
            let provider = plan.node(name).expect("the provider");
            assert!(provider.component.exports().any(|port| port.name == *export), "{link:?}");
        }
    }
}

fn says_what_and_what_to_do(diagnostic: &Diagnostic) {
    for text in [diagnostic.message(), diagnostic.suggestion()] {
        assert!(!text.is_empty() && !text.contains('\n'), "{diagnostic:?}: {text:?}");
    }
    assert!(diagnostic.severity() != Severity::Error || !diagnostic.fixes().is_empty(), "{diagnostic:?}");
}

/// A finding is gone once a row is added that it asks for.
fn what_is_to_be_done_helps(
    choices: &mut Choices,
    workload: &Workload,
    components: &IndexMap<ComponentName, Component>,
    before: &Plan,
) {
    let Some(diagnostic) = before.diagnostics.get(choices.below(before.diagnostics.len().max(1))) else {
        return;
    };
    for fix in diagnostic.fixes() {
        let Fix::Edit(Edit::SetLink { component, import, to: Some(to) }) = fix else { continue };
        let to = match to {
            EditLinkEnd::Component(name) => LinkEnd::Component(name),
            EditLinkEnd::Host => LinkEnd::Host,
            EditLinkEnd::Stub => LinkEnd::Stub,
        };
        let mut workload = workload.clone();
        workload.links.retain(|row| row.from != component || row.import != import);
        workload.links.push(LinkRow { from: component, import, to, answers: Default::default() });
        let after = plan(&workload, components, &CATALOG);
        assert!(!after.diagnostics.contains(diagnostic), "{:?}\n{diagnostic:?}", workload.links);
    }
}

fn an_unrelated_component_changes_nothing(
    choices: &mut Choices,
    workload: &Workload,
    components: &IndexMap<ComponentName, Component>,
    before: &Plan,
) {
    static UNRELATED: LazyLock<Component> = LazyLock::new(|| {
        let wat = "(component (instance $i) (export \"z:z/a@1.0.0\" (instance $i)) (export \"z:z/b\" (instance $i)))";
        read_bytes(wat::parse_str(wat).expect("valid WAT")).expect("a component")
    });
    let Some((_, spec)) = workload.components.first() else { return };
    let (mut workload, mut components, spec) = (workload.clone(), components.clone(), spec.clone());
    let name = ComponentName::new("unrelated");
    let place = choices.below(workload.components.len() + 1);
    workload.components.shift_insert(place, name.clone(), spec);
    components.shift_insert(place, name.clone(), UNRELATED.clone());
    let mut after = plan(&workload, &components, &CATALOG);
    after.nodes.retain(|node| node.name != name);
    after.entries.retain(|entry| entry.component != name);
    assert_eq!(before.links, after.links);
    assert_eq!(before.diagnostics, after.diagnostics);
    assert_eq!(before.entries, after.entries);
}
