//! Whatever bytes come, they are a component whose parts agree with one another, or an error that says why not.

use std::collections::BTreeSet;
use std::fs;

use jackfield_component::schema::{input_schema, output_schema};
use jackfield_component::wit::{self, MAX_WIT_IN_BYTES};
use jackfield_component::{
    Component, PortRef, ToolSource, exported_functions, mismatch, read_bytes, tool_names,
};
use jackfield_protocol::{Direction, Error, PortKind};
use jackfield_tests::files;

use super::driver::{Target, run};
use super::generate::Choices;
use super::worlds::{odd, related};

/// How many bytes make up a package of worlds.
const MAX_BYTES: usize = 1_000;

#[test]
fn reader() {
    run(&Target { name: "reader", seeds, fresh, words: &[], check });
}

/// The samples, and what people mistake for components.
fn seeds() -> Vec<Vec<u8>> {
    let mut paths = Vec::new();
    for folder in ["samples", "tests/bad-inputs"] {
        for entry in fs::read_dir(files::root().join(folder)).expect("a folder") {
            let files = fs::read_dir(entry.expect("an entry").path());
            paths.extend(files.into_iter().flatten().filter_map(|file| Some(file.ok()?.path())));
        }
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "wasm"));
    paths.sort();
    let seeds: Vec<_> = paths.into_iter().filter_map(|path| fs::read(path).ok()).collect();
    assert!(seeds.len() > 10, "the samples are not built: run `cargo xtask samples`");
    seeds
}

fn fresh(choices: &mut Choices) -> Vec<u8> {
    let len = 1 + choices.below(MAX_BYTES);
    let bytes: Vec<u8> = (0..len).map(|_| u8::try_from(choices.below(256)).unwrap_or_default()).collect();
    if choices.below(2) == 0 {
        return related(&mut Choices::of_bytes(&bytes)).map_or(bytes, |component| component.bytes().to_vec());
    }
    odd(&mut Choices::of_bytes(&bytes)).unwrap_or(bytes)
}

fn check(bytes: &[u8]) {
    match read_bytes(bytes.to_vec()) {
        Ok(component) => check_component(&component, bytes.len()),
        Err(error) => {
            let error = Error::from(error);
            let is_fit_to_print = !error.message.contains(char::is_control) && error.message.len() < 1_000;
            assert!(!error.message.is_empty() && is_fit_to_print, "{error:?}");
        }
    }
}

fn check_component(component: &Component, len: usize) {
    let info = component.info();
    assert_eq!(info.size_in_bytes, len as u64);
    let names: BTreeSet<_> =
        info.ports.iter().map(|port| (port.direction == Direction::Import, &port.name)).collect();
    assert_eq!(names.len(), info.ports.len(), "two ports of one name");
    assert!(wit::text(component).len() <= MAX_WIT_IN_BYTES + 1_000);
    for (port, function) in exported_functions(info) {
        let signature = component.signature(port, function).expect("a signature");
        let is_callable = signature.check_callable().is_ok();
        assert_eq!(input_schema(signature).is_ok() && output_schema(signature).is_ok(), is_callable);
    }
    let sources: Vec<ToolSource<'_>> = exported_functions(info)
        .map(|(port, function)| ToolSource {
            component: "it",
            interface: matches!(port.kind, PortKind::Instance { .. }).then_some(port.name.as_str()),
            function: &function.name,
        })
        .collect();
    let tools: BTreeSet<String> = tool_names(&sources).into_iter().collect();
    assert_eq!(tools.len(), sources.len(), "two tools of one name");
    for direction in [Direction::Import, Direction::Export] {
        for port in PortRef::all(component, direction) {
            assert_eq!(mismatch(port, port), None, "{} does not fit itself", port.port().name);
        }
    }
}
