//! What the plan says of types is what happens: `wac-graph` links it, and Wasmtime compiles and
//! instantiates it, if and only if the plan finds no mismatch.

use jackfield_component::{Component, PortRef, mismatch};
use jackfield_protocol::Direction;
use wac_graph::{CompositionGraph, EncodeOptions, types::Package};
use wasmtime::component::Linker;
use wasmtime::{Config, Engine, Store};

use crate::dummy;

/// Bodies of one interface: any two of them are a pair of what is imported and what is exported.
const BODIES: [&str; 46] = [
    "f: func();",
    "f: func(a: u32);",
    "f: func(b: u32);",
    "f: func(a: string);",
    "f: func(a: u32) -> u32;",
    "f: func(a: u32, b: u32);",
    "f: func(); g: func();",
    "g: func();",
    "f: func() -> u32;",
    "f: func() -> list<u8>;",
    "f: func() -> list<string>;",
    "f: func() -> tuple<u8, u8>;",
    "f: func() -> tuple<u8>;",
    "f: func() -> option<u8>;",
    "f: func() -> result;",
    "f: func() -> result<u8>;",
    "f: func() -> result<_, u8>;",
    "f: func() -> result<u8, u8>;",
    "f: func() -> stream<u8>;",
    "f: func() -> future<u8>;",
    "f: func() -> future;",
    "record r { x: u32, y: u32 } f: func(a: r);",
    "record r { y: u32, x: u32 } f: func(a: r);",
    "record r { x: u32 } f: func(a: r);",
    "record r { x: u32, y: string } f: func(a: r);",
    "record s { x: u32, y: u32 } f: func(a: s);",
    "record s { x: u32, y: u32 } type r = s; f: func(a: r);",
    "record r { x: u32, y: u32 } f: func(a: list<r>);",
    "variant v { none, some(u8) } f: func(a: v);",
    "variant v { some(u8), none } f: func(a: v);",
    "variant v { none(u8), some(u8) } f: func(a: v);",
    "variant v { none } f: func(a: v);",
    "enum v { none } f: func(a: v);",
    "enum v { none, some } f: func(a: v);",
    "flags v { none } f: func(a: v);",
    "flags v { none, some } f: func(a: v);",
    "type v = u32; f: func(a: v);",
    "resource r { constructor(); m: func(); } f: func(a: r);",
    "resource r { constructor(); } f: func(a: r);",
    "resource r; f: func(a: r);",
    "resource r; f: func(a: borrow<r>);",
    "resource s; f: func(a: s);",
    "resource s; type r = s; f: func(a: r);",
    "resource r; resource s; f: func(a: r, b: s);",
    "resource r; resource s; f: func(a: s, b: r);",
    "f: async func();",
];

/// Whether `wac-graph` puts `provider` behind `consumer`; the composition if it does.
fn compose(consumer: &Component, provider: &Component) -> Option<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    let mut add = |name: &str, component: &Component| {
        let package = Package::from_bytes(name, None, component.bytes().to_vec(), graph.types_mut());
        let package = graph.register_package(package.expect("a package")).expect("a free name");
        graph.instantiate(package)
    };
    let (consumer, provider) = (add("t:c", consumer), add("t:p", provider));
    let export = graph.alias_instance_export(provider, "t:p/api").expect("the export");
    graph.set_instantiation_argument(consumer, "t:p/api", export).ok()?;
    Some(graph.encode(EncodeOptions::default()).expect("a composition"))
}

fn engine() -> Engine {
    let mut config = Config::new();
    config.wasm_component_model(true).wasm_component_model_async(true);
    Engine::new(&config).expect("an engine")
}

#[test]
fn types_fit_if_and_only_if_they_can_be_linked() {
    let engine = engine();
    let made = |world: &str, item: &str| {
        let component = |body: &&str| {
            let wit = format!("package t:p; interface api {{ {body} }} world {world} {{ {item} api; }}");
            dummy::component(&wit, world)
        };
        BODIES.iter().map(component).collect::<Vec<_>>()
    };
    let (consumers, providers) = (made("c", "import"), made("p", "export"));
    let mut links = 0;
    for (wanted, consumer) in BODIES.iter().zip(&consumers) {
        for (offered, provider) in BODIES.iter().zip(&providers) {
            let import = PortRef::all(consumer, Direction::Import).next().expect("an import");
            let export = PortRef::all(provider, Direction::Export).next().expect("an export");
            let found = mismatch(import, export);
            let composition = compose(consumer, provider);
            assert_eq!(found.is_none(), composition.is_some(), "{wanted} from {offered}: {found:?}");
            let Some(bytes) = composition else { continue };
            links += 1;
            let component = wasmtime::component::Component::new(&engine, bytes)
                .unwrap_or_else(|error| panic!("{wanted} from {offered}: {error:?}"));
            Linker::new(&engine)
                .instantiate(&mut Store::new(&engine, ()), &component)
                .unwrap_or_else(|error| panic!("{wanted} from {offered}: {error:?}"));
        }
    }
    // Each with itself, and some with what has more.
    assert!(links > BODIES.len(), "only {links} links");
}

#[test]
fn a_mismatch_names_function_and_type() {
    for (wanted, offered, text) in [
        ("f: func();", "g: func();", "function `f`: it is missing"),
        ("f: func();", "f: async func();", "function `f`: it is async, and must not be"),
        ("f: func(a: u32);", "f: func();", "function `f`: the number of parameters is 0, wanted 1"),
        ("f: func(a: u32);", "f: func(b: u32);", "function `f`: wanted a parameter `a`, it is called `b`"),
        ("f: func(a: u32);", "f: func(a: string);", "function `f`, parameter `a`: wanted u32, has string"),
        ("f: func() -> u32;", "f: func();", "function `f`, result: wanted u32, has nothing"),
        (
            "record r { x: u32, y: list<u8> } f: func(a: option<r>);",
            "record r { x: u32 } f: func(a: option<r>);",
            "function `f`, parameter `a`, option, type `r`: the field `y` is missing",
        ),
        (
            "variant v { a, b } f: func() -> v;",
            "variant v { a, b, c } f: func() -> v;",
            "function `f`, result, type `v`: there is a further case `c`",
        ),
        (
            "flags v { a, b } f: func() -> v;",
            "flags v { b, a } f: func() -> v;",
            "function `f`, result, type `v`: wanted the flag `a` where there is `b`: their order is part of the type",
        ),
        ("resource r; f: func(a: r);", "resource s; f: func(a: s);", "type `r`: there is no such resource"),
        (
            "record r { x: u32 } f: func(a: r);",
            "record r { x: list<string> } f: func(a: r);",
            "function `f`, parameter `a`, type `r`, field `x`: wanted u32, has list<string>",
        ),
    ] {
        let wit = |body: &str| {
            format!(
                "package t:p; interface api {{ {body} }} world c {{ import api; }} world p {{ export api; }}"
            )
        };
        let (consumer, provider) =
            (dummy::component(&wit(wanted), "c"), dummy::component(&wit(offered), "p"));
        let import = PortRef::all(&consumer, Direction::Import).next().expect("an import");
        let export = PortRef::all(&provider, Direction::Export).next().expect("an export");
        let found = mismatch(import, export).expect(wanted).to_string();
        assert_eq!(found, text);
    }
}
