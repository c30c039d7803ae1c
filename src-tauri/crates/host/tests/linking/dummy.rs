//! Components out of WIT, whose functions trap.

use jackfield_component::{Component, read_bytes};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

/// A component of the world `world` of a WIT text.
pub(crate) fn component(wit: &str, world: &str) -> Component {
    read_bytes(binary(wit, world)).unwrap_or_else(|error| panic!("{wit}: {error}"))
}

/// The same as bytes.
pub(crate) fn binary(wit: &str, world: &str) -> Vec<u8> {
    let mut resolve = Resolve { all_features: true, ..Resolve::default() };
    let package = resolve.push_str("test.wit", wit).unwrap_or_else(|error| panic!("{wit}: {error:?}"));
    let world = resolve.select_world(&[package], Some(world)).expect("a world");
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("embedded metadata");
    let encoder = ComponentEncoder::default().module(&module).expect("a module");
    encoder.validate(true).encode().expect("a component")
}
