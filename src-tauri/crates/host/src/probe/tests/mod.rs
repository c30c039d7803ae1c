//! Forwarders are valid components, whatever is in the interface; what they do is in the modules below.

mod asynchronous;
mod bare;
mod hold;
mod host_links;
mod lab;
mod outcomes;
mod same;
mod store;

use wac_graph::types::{InterfaceId, ItemKind, Package, Types};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

use super::*;

/// A component that imports the interface `a:b/i` of this package, as the types that it has.
fn importer(interface: &str) -> (Types, InterfaceId) {
    let mut resolve = Resolve::default();
    let text = format!("package a:b;\n{interface}\nworld w {{ import i; }}");
    let package = resolve.push_str("test.wit", &text).expect("WIT");
    let world = resolve.select_world(&[package], Some("w")).expect("a world");
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("metadata");
    let bytes = ComponentEncoder::default().module(&module).expect("a module").encode().expect("a component");
    let mut types = Types::new();
    let package = Package::from_bytes("test:importer", None, bytes, &mut types).expect("a package");
    let ItemKind::Instance(id) = types[package.ty()].imports["a:b/i"] else { panic!("no instance") };
    (types, id)
}

/// Made and read again, which validates it.
fn is_valid(interface: &str) {
    let (types, id) = importer(interface);
    let order = Order {
        types: &types,
        name: "a:b/i",
        import: ItemKind::Instance(id),
        imports: &IndexMap::new(),
        identified: &resources(&types, ItemKind::Instance(id), &IndexMap::new())
            .iter()
            .map(|known| known.id)
            .collect::<Vec<_>>(),
        types_prefix: String::new(),
    };
    let made = forwarder(&order).expect(interface);
    let mut read = Types::new();
    if let Err(error) = Package::from_bytes("test:forwarder", None, made.bytes, &mut read) {
        panic!("{interface}: {error:#}");
    }
}

#[test]
fn plain_functions_are_forwarded() {
    is_valid("interface i { f: func(); g: func(a: u32, b: f64) -> u64; h: func(s: string) -> string; }");
}

#[test]
fn every_kind_of_type_is_forwarded() {
    is_valid(
        "interface i {
            record point { x: s8, y: option<list<u16>> }
            variant shape { dot, circle(f32), polygon(list<point>) }
            enum colour { red, green }
            flags rights { read, write }
            type points = list<point>;
            type also = point;
            f: func(p: point, s: shape, c: colour, r: rights) -> result<tuple<points, char>, string>;
            g: func(a: also, m: result<_, colour>) -> option<bool>;
            many: func(a: u64, b: u64, c: u64, d: u64, e: u64, f: u64, g: u64, h: u64, i: u64, j: point,
                k: string, l: string, m: string) -> shape;
        }",
    );
}

#[test]
fn resources_are_forwarded_as_they_are() {
    is_valid(
        "interface i {
            resource node { constructor(name: string); parent: func() -> option<node>; find: static func() -> node; }
            record pair { a: node, b: node }
            join: func(a: node, b: borrow<node>) -> pair;
            all: func() -> list<node>;
        }",
    );
}

#[test]
fn types_of_other_interfaces_stay_theirs() {
    is_valid(
        "interface base { resource r; record inner { n: u32 } record outer { inner: inner } }
        interface middle { use base.{r, outer}; type mine = outer; resource s { get: func() -> r; } }
        interface i { use middle.{s, mine as other}; use base.{r}; f: func(s: borrow<s>, o: other) -> r; }",
    );
}

#[test]
fn borrowed_handles_are_found_wherever_they_are() {
    is_valid(
        "interface i {
            resource r;
            record many { one: option<borrow<r>>, two: list<result<borrow<r>, string>> }
            variant either { none, left(many), right(borrow<r>), number(f64) }
            f: func(all: list<borrow<r>>) -> list<u8>;
            g: func(e: either, t: tuple<borrow<r>, u8>);
            h: func(a: u64, b: u64, c: u64, d: u64, e: u64, f: u64, g: u64, h: u64, i: u64, j: u64, k: u64,
                l: u64, m: many, n: either) -> string;
        }",
    );
}

#[test]
fn asynchronous_functions_are_forwarded() {
    is_valid(
        "interface i {
            resource r { constructor(); wait: async func() -> u32; }
            record point { x: f32, y: f64, name: string }
            variant shape { dot(point), other(list<borrow<r>>), small(s8) }
            f: async func();
            g: async func(a: u32, b: string) -> string;
            h: async func(s: stream<u8>, f: future<string>, r: r) -> tuple<stream<u8>, future>;
            i: async func(a: shape, b: u64) -> result<point, shape2>;
            variant shape2 { a(f32), b(u64), c(f64) }
            j: func(a: string) -> string;
            k: async func(a: string, b: string, c: string, d: string, e: string, f: string, g: string,
                h: string, i: string) -> tuple<string, string, string, string, string, string, string, string,
                string>;
        }",
    );
}
