//! What Jackfield's linking is measured against: composing by hand.

use wac_graph::{CompositionGraph, EncodeOptions, types::Package};

/// Two components, the second of which imports an interface of the first, composed as the `wac` command does it.
/// The composition exports what the second exports.
pub(crate) fn compose(provider: Vec<u8>, consumer: Vec<u8>, interface: &str) -> Vec<u8> {
    let mut graph = CompositionGraph::new();
    let mut instantiate = |name, bytes| {
        let package = Package::from_bytes(name, None, bytes, graph.types_mut()).expect("a package");
        let package = graph.register_package(package).expect("registered");
        (package, graph.instantiate(package))
    };
    let (_, provider) = instantiate("bench:provider", provider);
    let (consumer_package, consumer) = instantiate("bench:consumer", consumer);
    let provided = graph.alias_instance_export(provider, interface).expect("an export");
    graph.set_instantiation_argument(consumer, interface, provided).expect("a link");
    let world = graph[consumer_package].ty();
    let names: Vec<String> = graph.types()[world].exports.keys().cloned().collect();
    for name in names {
        let node = graph.alias_instance_export(consumer, &name).expect("an export");
        graph.export(node, name).expect("exported");
    }
    graph.encode(EncodeOptions::default()).expect("a component")
}
