//! Components by others, as they are in packages on crates.io: `wac-cli`'s example of a pair, and those that
//! `golem-wasm-ast` is tested with. Nobody made them for Jackfield.
//!
//! `cargo xtask test` downloads them (`tests/peers/crates.txt`) and says where in `JACKFIELD_CRATES`.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use jackfield_host::Host;
use jackfield_host::plan::plan;
use jackfield_host::workload::{OnlyFiles, load};
use jackfield_protocol::{Diagnostic, LinkTarget, Plan};
use jackfield_tests::files::{self, Workload};
use jackfield_tests::jack;

/// The components of `golem-wasm-ast`, and what each imports that neither the host nor another of them has. Two are
/// compositions, of which some parts are still to come.
const GOLEM: [(&str, &[&str]); 7] = [
    ("auction_registry_composed", &["golem:rpc/types@0.1.0"]),
    ("caller", &["rpc:counters-stub/stub-counters", "rpc:ephemeral-stub/stub-ephemeral"]),
    ("caller_composed", &["golem:rpc/types@0.1.0"]),
    ("file-service", &[]),
    ("shopping-cart", &[]),
    ("shopping-cart-resource", &[]),
    ("shopping-cart-resource-versioned", &[]),
];

/// The folder of a package. None, with a line that says so, if the packages are not there: a plain `cargo test`
/// leaves out what it cannot do, and `cargo xtask test` allows no such thing.
fn package(name: &str) -> Option<PathBuf> {
    let downloaded = || files::target_folder().ok().map(|folder| folder.join("peers/crates"));
    let folder = std::env::var_os("JACKFIELD_CRATES").map(PathBuf::from).or_else(downloaded)?.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    let required = std::env::var_os("JACKFIELD_PEERS").is_some_and(|value| value == "required");
    assert!(!required, "there is no {}; `cargo xtask test` downloads it", folder.display());
    eprintln!("left out: there is no {}; `cargo xtask test` downloads it", folder.display());
    None
}

/// A workload of files, each as a component of its own name.
fn workload(components: &[PathBuf]) -> anyhow::Result<Workload> {
    let mut text = String::from("name = \"published\"\n");
    for path in components {
        let (name, path) = (path.file_stem().unwrap_or_default().display(), path.display());
        text += &format!("[components.{name}]\nsource = \"{path}\"\n");
    }
    Workload::new(&text)
}

fn planned(workload: &Path) -> Plan {
    let loaded = load(workload, &OnlyFiles).unwrap_or_else(|error| panic!("{error}"));
    plan(&loaded.workload, &loaded.components, &Host::catalog())
}

/// For each component, the imports for which there is nothing.
fn unresolved(plan: &Plan) -> BTreeMap<&str, Vec<&str>> {
    let mut unresolved: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for diagnostic in &plan.diagnostics {
        let Diagnostic::UnresolvedImport { component, import, .. } = diagnostic else {
            panic!("{}", diagnostic.message());
        };
        unresolved.entry(component.as_str()).or_default().push(import);
    }
    unresolved
}

/// All that is linked is what WASI is for, and every import is linked or told of.
fn only_wasi_is_linked(plan: &Plan) {
    for link in plan.links.iter().filter(|link| link.target != LinkTarget::Types) {
        let is_wasi = matches!(&link.target, LinkTarget::Host { .. }) && link.import.starts_with("wasi:");
        assert!(is_wasi, "{link:?}");
    }
    let needed = plan.nodes.iter().flat_map(|node| node.component.imports()).count();
    assert!(plan.links.len() + plan.diagnostics.len() >= needed, "{} of {needed}", plan.links.len());
}

fn golem(folder: &Path, name: &str) -> PathBuf {
    folder.join("wasm").join(name).with_extension("wasm")
}

#[test]
fn the_example_pair_of_wac_is_linked_and_runs() -> anyhow::Result<()> {
    let Some(folder) = package("wac-cli") else { return Ok(()) };
    let pair = ["greeter", "hello"]
        .map(|name| folder.join("examples/deps/example").join(name).with_extension("wasm"));
    let workload = workload(&pair)?;
    let plan = planned(&workload.file());
    assert!(plan.is_runnable() && plan.diagnostics.is_empty(), "{:?}", plan.diagnostics);
    let [link] = plan.links.as_slice() else { panic!("{:?}", plan.links) };
    assert_eq!((link.consumer.as_str(), link.import.as_str()), ("greeter", "hello"));
    assert!(
        matches!(&link.target, LinkTarget::Component { name, export } if *name == "hello" && export == "hello")
    );
    let file = workload.file();
    let shown = jack::run([OsStr::new("plan"), file.as_os_str()])?;
    for part in ["published can run", "greeter hello → hello", "greeter greet can be called: greet"] {
        assert!(shown.success().contains(part), "{part:?} is missing: {shown}");
    }
    let called = jack::run([OsStr::new("call"), file.as_os_str(), "greeter".as_ref(), "greet".as_ref()])?;
    assert_eq!(called.success(), "\"Hello, World!\"\n");
    Ok(())
}

#[test]
fn half_of_the_pair_says_what_it_lacks() -> anyhow::Result<()> {
    let Some(folder) = package("wac-cli") else { return Ok(()) };
    let workload = workload(&[folder.join("examples/deps/example/greeter.wasm")])?;
    let plan = planned(&workload.file());
    assert_eq!(unresolved(&plan), BTreeMap::from([("greeter", vec!["hello"])]));
    let shown = jack::run([OsStr::new("plan"), workload.file().as_os_str()])?;
    shown.failure();
    assert!(shown.stdout.contains("add a component that exports `hello`"), "{shown}");
    Ok(())
}

#[test]
fn each_component_of_golem_has_what_the_host_has_and_says_what_else_it_needs() -> anyhow::Result<()> {
    let Some(folder) = package("golem-wasm-ast") else { return Ok(()) };
    let files = fs::read_dir(folder.join("wasm"))?.count();
    assert_eq!(files, GOLEM.len());
    for (name, missing) in GOLEM {
        let plan = planned(&workload(&[golem(&folder, name)])?.file());
        only_wasi_is_linked(&plan);
        let expected = (!missing.is_empty()).then(|| (name, missing.to_vec()));
        assert_eq!(unresolved(&plan), expected.into_iter().collect(), "{name}");
        assert_eq!(plan.is_runnable(), missing.is_empty(), "{name}");
    }
    Ok(())
}

/// Three export something called `golem:it/api`, which is different in each, and nobody imports it.
#[test]
fn all_components_of_golem_together_keep_out_of_the_way_of_each_other() -> anyhow::Result<()> {
    let Some(folder) = package("golem-wasm-ast") else { return Ok(()) };
    let plan = planned(&workload(&GOLEM.map(|(name, _)| golem(&folder, name)))?.file());
    only_wasi_is_linked(&plan);
    let expected = GOLEM.into_iter().filter(|(_, missing)| !missing.is_empty());
    assert_eq!(unresolved(&plan), expected.map(|(name, missing)| (name, missing.to_vec())).collect());
    let exporters = plan
        .nodes
        .iter()
        .filter(|node| node.component.exports().any(|port| port.name.starts_with("golem:it/api")));
    assert_eq!(exporters.count(), 4);
    Ok(())
}
