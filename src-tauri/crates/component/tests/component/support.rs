//! Makes components, and reads them with the expectation that this works.

use jackfield_component::{Component, ReadProblem, read_bytes};
use jackfield_protocol::{ComponentInfo, Direction, Function, Port, PortKind};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, PackageId, Resolve, WorldId};

/// The component that a text describes.
pub(crate) fn from_wat(wat: &str) -> Vec<u8> {
    wat::parse_str(wat).expect("valid WAT")
}

/// A component that imports and exports what the only world of a WIT package says, and traps when
/// called.
pub(crate) fn from_wit(wit: &str) -> Vec<u8> {
    let (resolve, _, world) = parse_wit(wit);
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("metadata");
    let encoder = ComponentEncoder::default().module(&module).expect("a module");
    encoder.validate(true).encode().expect("a component")
}

/// A WIT package and its only world.
pub(crate) fn parse_wit(wit: &str) -> (Resolve, PackageId, WorldId) {
    let mut resolve = Resolve { all_features: true, ..Resolve::default() };
    let package = resolve.push_str("test.wit", wit).expect("valid WIT");
    let world = resolve.select_world(&[package], None).expect("one world");
    (resolve, package, world)
}

pub(crate) fn read(bytes: Vec<u8>) -> Component {
    read_bytes(bytes).expect("a readable component")
}

/// What is wrong with bytes that are no component.
pub(crate) fn refusal(bytes: Vec<u8>) -> ReadProblem {
    read_bytes(bytes).expect_err("not a component").problem
}

/// The port that faces this way and has this name.
pub(crate) fn port<'a>(info: &'a ComponentInfo, direction: Direction, name: &str) -> &'a Port {
    let found = info.ports.iter().find(|port| port.direction == direction && port.name == name);
    found.unwrap_or_else(|| panic!("no {direction:?} {name} among {:#?}", info.ports))
}

/// The port's function of this name.
pub(crate) fn function<'a>(port: &'a Port, name: &str) -> &'a Function {
    let found = port.functions().iter().find(|function| function.name == name);
    found.unwrap_or_else(|| panic!("no {name} in {port:#?}"))
}

/// The names of the types that an interface port has.
pub(crate) fn type_names(port: &Port) -> Vec<&str> {
    match &port.kind {
        PortKind::Instance { types, .. } => types.iter().map(String::as_str).collect(),
        _ => panic!("{} is not an instance", port.name),
    }
}

/// `import name` and `export name`, in the order of the ports.
pub(crate) fn port_names(info: &ComponentInfo) -> Vec<String> {
    let word = |direction| if direction == Direction::Import { "import" } else { "export" };
    info.ports.iter().map(|port| format!("{} {}", word(port.direction), port.name)).collect()
}

/// A component with a custom section at its end.
pub(crate) fn with_section(mut component: Vec<u8>, name: &str, data: &[u8]) -> Vec<u8> {
    use wasm_encoder::{CustomSection, Encode as _, Section as _};
    let section = CustomSection { name: name.into(), data: data.into() };
    component.push(section.id());
    section.encode(&mut component);
    component
}
