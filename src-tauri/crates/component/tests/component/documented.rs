//! Doc comments from the `jackfield:package-docs` section.

use jackfield_protocol::{ComponentInfo, Direction};
use wit_parser::PackageMetadata;

use crate::support::{from_wat, from_wit, function, parse_wit, port, read, with_section};

pub(crate) const DOCUMENTED: &str = r"
    /// Arithmetic.
    package math:ops;

    /// Squares.
    interface square {
        /// Returns `x * x`.
        ///
        /// Exactly.
        square: func(x: f64) -> f64;
        cube: func(x: f64) -> f64;
    }

    /// Roots.
    interface root {
        /// The root.
        root: func(x: f64) -> f64;
        resource table {
            /// Looks it up.
            find: func(x: f64) -> f64;
        }
    }

    interface bare { nothing: func(); }

    world calculator {
        import root;
        /// Prints.
        import log: func(text: string);
        export square;
        export bare;
        /// Starts.
        export start: func();
    }
";

fn read_with(section: &[u8]) -> ComponentInfo {
    read(with_section(from_wit(DOCUMENTED), "jackfield:package-docs", section)).info().clone()
}

fn docs_of_square(info: &ComponentInfo) -> Option<String> {
    port(info, Direction::Export, "math:ops/square").docs.clone()
}

#[test]
fn docs_reach_ports_and_functions_on_both_sides() {
    let (resolve, package, _) = parse_wit(DOCUMENTED);
    let section = PackageMetadata::extract(&resolve, package).encode().expect("encoded docs");
    let info = read_with(&section);

    let square = port(&info, Direction::Export, "math:ops/square");
    assert_eq!(square.docs.as_deref(), Some("Squares."));
    assert_eq!(function(square, "square").docs.as_deref(), Some("Returns `x * x`.\n\nExactly."));
    assert_eq!(function(square, "cube").docs, None);

    let root = port(&info, Direction::Import, "math:ops/root");
    assert_eq!(root.docs.as_deref(), Some("Roots."));
    assert_eq!(function(root, "[method]table.find").docs.as_deref(), Some("Looks it up."));

    assert_eq!(port(&info, Direction::Export, "math:ops/bare").docs, None);
    assert_eq!(port(&info, Direction::Import, "log").docs.as_deref(), Some("Prints."));
    let start = port(&info, Direction::Export, "start");
    assert_eq!(function(start, "start").docs.as_deref(), Some("Starts."));
}

#[test]
fn version_0_has_plain_strings_for_functions() {
    let info = read_with(b"\0{\"interfaces\":{\"square\":{\"funcs\":{\"square\":\"Old.\"}}}}");
    let square = port(&info, Direction::Export, "math:ops/square");
    assert_eq!(function(square, "square").docs.as_deref(), Some("Old."));
}

#[test]
fn what_cannot_be_understood_is_passed_over() {
    let sections: &[&[u8]] = &[
        b"",
        b"\x01",
        b"\x02{\"interfaces\":{\"square\":{\"docs\":\"From the future.\"}}}",
        b"\x01{\"interfaces\":",
        b"\x01\xff\xfe",
        b"\x01[]",
        b"\x01{\"interfaces\":7,\"worlds\":[]}",
        b"\x01{\"interfaces\":{\"square\":{\"docs\":7,\"funcs\":\"?\"}}}",
    ];
    for section in sections {
        assert_eq!(docs_of_square(&read_with(section)), None, "{section:?}");
    }
    let unknown_fields =
        b"\x01{\"new\":1,\"interfaces\":{\"square\":{\"docs\":\"Yes.\",\"new\":2},\"gone\":{}}}";
    assert_eq!(docs_of_square(&read_with(unknown_fields)).as_deref(), Some("Yes."));
}

#[test]
fn docs_are_about_the_exported_package_only() {
    let wat = r#"(component
        (import "other:ops/square" (instance (export "square" (func))))
        (import "math:ops/root@2.0.0" (instance (export "root" (func))))
        (component $c
            (import "f" (func $f))
            (export "square" (func $f)))
        (import "f" (func $f))
        (instance $i (instantiate $c (with "f" (func $f))))
        (export "math:ops/square@1.0.0" (instance $i))
    )"#;
    let section = b"\x01{\"interfaces\":{\"square\":{\"docs\":\"Squares.\"},\"root\":{\"docs\":\"Roots.\"}}}";
    let component = read(with_section(from_wat(wat), "jackfield:package-docs", section));
    let docs = |direction, name| port(component.info(), direction, name).docs.as_deref();
    assert_eq!(docs(Direction::Export, "math:ops/square@1.0.0"), Some("Squares."));
    assert_eq!(docs(Direction::Import, "other:ops/square"), None);
    assert_eq!(docs(Direction::Import, "math:ops/root@2.0.0"), None);
}
