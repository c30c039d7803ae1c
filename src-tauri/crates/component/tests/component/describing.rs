//! Ports, functions, types, digest and producers of well-formed components.

use jackfield_protocol::{Direction, Function, FunctionKind, PortKind};
use wit_parser::decoding::{DecodedWasm, decode};
use wit_parser::{Resolve, WorldItem, WorldKey};

use crate::support::{from_wat, from_wit, function, port, port_names, read, type_names};

pub(crate) const RICH: &str = r"
    package acme:rich@1.2.3;

    interface kinds {
        record point { x: f64, y: f64 }
        variant shape { dot, circle(point), polygon(list<point>) }
        enum colour { red, green }
        flags rights { read, write }
        type label = string;
        resource bucket {
            constructor(name: string);
            get: func(key: string) -> option<list<u8>>;
            open: static func(name: string) -> result<bucket, string>;
            watch: async func() -> stream<string>;
        }
        draw: func(shape: shape, colour: colour, rights: rights, label: label) -> result<_, string>;
        numbers: func(a: u8, b: s8, c: u16, d: s16, e: u32, f: s32, g: u64, h: s64, i: f32, j: f64);
        others: func(a: bool, b: char, c: string) -> tuple<bool, char>;
        handles: func(a: bucket, b: borrow<bucket>) -> list<bucket>;
        nested: func(a: list<option<tuple<u8, result>>>) -> result<list<label>>;
        both: func() -> result<u8, s8>;
        digest: func() -> list<u8, 32>;
        table: func(of: map<string, list<u32>>);
        later: func() -> future<result<u8, string>>;
        signal: func() -> future;
        pulses: func() -> stream;
        wait: async func();
    }

    interface uses {
        use kinds.{point, shape as figure, bucket};
        area: func(of: figure) -> f64;
        centre: func(of: figure) -> point;
        store: func(to: borrow<bucket>, figure: figure);
    }

    world rich {
        use kinds.{colour};
        import kinds;
        import uses;
        import log: func(text: string);
        import paint: func(using: colour);
        import local: interface { ping: func(); }
        export uses;
        export kinds;
        export start: func(args: list<string>) -> u32;
    }
";

#[test]
fn ports_are_imports_then_exports_in_the_order_of_the_binary() {
    let component = read(from_wit(RICH));
    assert_eq!(
        port_names(component.info()),
        [
            "import acme:rich/kinds@1.2.3",
            "import acme:rich/uses@1.2.3",
            "import local",
            "import colour",
            "import log",
            "import paint",
            "export start",
            "export acme:rich/kinds@1.2.3",
            "export acme:rich/uses@1.2.3",
        ]
    );
    assert_eq!(port(component.info(), Direction::Import, "colour").kind, PortKind::Type);
}

#[test]
fn types_are_printed_as_wit_without_losing_anything() {
    let component = read(from_wit(RICH));
    for direction in [Direction::Import, Direction::Export] {
        let kinds = port(component.info(), direction, "acme:rich/kinds@1.2.3");
        let mut types = type_names(kinds);
        types.sort_unstable();
        assert_eq!(types, ["bucket", "colour", "label", "point", "rights", "shape"]);
        let signatures: Vec<_> = kinds.functions().iter().map(Function::signature).collect();
        assert_eq!(
            signatures,
            [
                "bucket: func(name: string) -> own<bucket>",
                "bucket.get: func(self: borrow<bucket>, key: string) -> option<list<u8>>",
                "bucket.open: func(name: string) -> result<own<bucket>, string>",
                "bucket.watch: async func(self: borrow<bucket>) -> stream<string>",
                "draw: func(shape: shape, colour: colour, rights: rights, label: label) -> result<_, string>",
                "numbers: func(a: u8, b: s8, c: u16, d: s16, e: u32, f: s32, g: u64, h: s64, i: f32, j: f64)",
                "others: func(a: bool, b: char, c: string) -> tuple<bool, char>",
                "handles: func(a: own<bucket>, b: borrow<bucket>) -> list<own<bucket>>",
                "nested: func(a: list<option<tuple<u8, result>>>) -> result<list<label>>",
                "both: func() -> result<u8, s8>",
                "digest: func() -> list<u8, 32>",
                "table: func(of: map<string, list<u32>>)",
                "later: func() -> future<result<u8, string>>",
                "signal: func() -> future",
                "pulses: func() -> stream",
                "wait: async func()",
            ],
            "{direction:?}"
        );
    }
}

#[test]
fn a_type_is_called_what_the_interface_at_hand_calls_it() {
    let component = read(from_wit(RICH));
    for direction in [Direction::Import, Direction::Export] {
        let uses = port(component.info(), direction, "acme:rich/uses@1.2.3");
        let signatures: Vec<_> = uses.functions().iter().map(Function::signature).collect();
        assert_eq!(
            signatures,
            [
                "area: func(of: figure) -> f64",
                "centre: func(of: figure) -> point",
                "store: func(to: borrow<bucket>, figure: figure)",
            ]
        );
    }
    let paint = port(component.info(), Direction::Import, "paint");
    assert_eq!(function(paint, "paint").signature(), "paint: func(using: colour)");
}

#[test]
fn functions_know_their_resource() {
    let component = read(from_wit(RICH));
    let kinds = port(component.info(), Direction::Import, "acme:rich/kinds@1.2.3");
    let kind = |name: &str| function(kinds, name).kind.clone();
    assert_eq!(kind("[constructor]bucket"), FunctionKind::Constructor("bucket".into()));
    assert_eq!(kind("[method]bucket.get"), FunctionKind::Method("bucket".into()));
    assert_eq!(kind("[static]bucket.open"), FunctionKind::Static("bucket".into()));
    assert_eq!(kind("draw"), FunctionKind::Freestanding);
}

#[test]
fn only_functions_and_resources_need_a_provider() {
    let component = read(from_wat(
        r#"(component
            (import "a:a/records" (instance (type $r (record (field "x" u8))) (export "r" (type (eq $r)))))
            (import "a:a/resources" (instance (export "r" (type (sub resource)))))
            (import "a:a/functions" (instance (export "f" (func))))
            (import "bare" (func))
        )"#,
    ));
    let needs = |name| port(component.info(), Direction::Import, name).needs_provider();
    assert!(!needs("a:a/records"));
    assert!(needs("a:a/resources") && needs("a:a/functions") && needs("bare"));
    let rich = read(from_wit(RICH));
    let kinds = port(rich.info(), Direction::Export, "acme:rich/kinds@1.2.3");
    assert!(matches!(&kinds.kind, PortKind::Instance { resources, .. } if resources == &["bucket"]));
}

#[test]
fn bare_functions_are_ports() {
    let component = read(from_wit(RICH));
    let start = port(component.info(), Direction::Export, "start");
    assert!(matches!(start.kind, PortKind::Function(_)));
    assert_eq!(function(start, "start").signature(), "start: func(args: list<string>) -> u32");
}

#[test]
fn error_contexts_and_anonymous_types_are_printed_too() {
    let component = read(from_wat(
        r#"(component
            (import "a" (func (param "e" error-context)))
            (import "b" (instance
                (type $r (record (field "x" u8)))
                (export "r" (type (eq $r)))
            ))
        )"#,
    ));
    let a = port(component.info(), Direction::Import, "a");
    assert_eq!(function(a, "a").signature(), "a: func(e: error-context)");
}

#[test]
fn interfaces_under_a_label_of_their_own() {
    let component = read(from_wat(
        r#"(component
            (import "loud" (implements "wasi:cli/stdout@0.2.6") (instance (export "f" (func))))
        )"#,
    ));
    assert_eq!(port_names(component.info()), ["import loud"]);
}

/// `wit-parser` reads the same names, in the same order, where it can read the component at all.
#[test]
fn wit_parser_agrees() {
    let bytes = from_wit(RICH);
    let Ok(DecodedWasm::Component(resolve, world)) = decode(&bytes) else { panic!("not a component") };
    let world = &resolve.worlds[world];
    let functions = |key: &WorldKey, item: &WorldItem, resolve: &Resolve| {
        let names: Vec<_> = match item {
            WorldItem::Interface { id, .. } => resolve.interfaces[*id].functions.keys().cloned().collect(),
            WorldItem::Function(function) => vec![function.name.clone()],
            WorldItem::Type { .. } => Vec::new(),
        };
        (resolve.name_world_key(key), names)
    };
    let expected: Vec<_> = world
        .imports
        .iter()
        .chain(&world.exports)
        .map(|(key, item)| functions(key, item, &resolve))
        .collect();
    let component = read(bytes);
    let names = |port: &jackfield_protocol::Port| {
        (port.name.clone(), port.functions().iter().map(|function| function.name.clone()).collect())
    };
    assert_eq!(component.info().ports.iter().map(names).collect::<Vec<(String, Vec<String>)>>(), expected);
}

#[test]
fn digest_size_and_bytes_are_those_of_the_file() {
    let bytes = from_wat("(component)");
    let component = read(bytes.clone());
    assert_eq!(component.bytes(), bytes);
    assert_eq!(component.info().size_in_bytes, 8);
    // sha256sum of the eight bytes of an empty component.
    assert_eq!(
        component.info().digest.as_str(),
        "sha256:24eaf3439a60c96764c4f2c92a0a81b52bd4fe5d5b91f090184a0f6486b1bf29"
    );
    assert_eq!(component.info().ports, []);
}

#[test]
fn producers_come_from_the_component_and_from_what_is_inside() {
    let component = read(from_wat(
        r#"(component
            (core module (@producers (language "Rust" "2024") (processed-by "rustc" "1.95.0")))
            (core module (@producers (processed-by "rustc" "1.95.0")))
            (@producers (processed-by "wit-component" "0.254.2"))
        )"#,
    ));
    let producers: Vec<_> = component
        .info()
        .producers
        .iter()
        .map(|producer| format!("{}: {} {}", producer.role, producer.name, producer.version))
        .collect();
    assert_eq!(
        producers,
        ["processed-by: wit-component 0.254.2", "language: Rust 2024", "processed-by: rustc 1.95.0"]
    );
}
