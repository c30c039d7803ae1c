//! Components as WIT text, read back by wit-parser.

use std::collections::BTreeSet;

use jackfield_component::{Component, wit};
use jackfield_protocol::Direction;
use wit_parser::PackageMetadata;

use crate::support::{from_wat, from_wit, parse_wit, read, with_section};

const KEYWORDS: &str = r"
    package %record:%list@0.1.0-rc.2;
    interface %interface {
        record %type { %string: u8, %func: list<string> }
        variant %variant { %u8, %own(%type) }
        enum %enum { %as, %from }
        flags %flags { %use, %with }
        type %option = option<%type>;
        resource %resource { constructor(%static: u8); %constructor: func(%self2: %enum); %async: static func(); }
        %result: func(%import: %option, %export: %flags, %world: %variant) -> %resource;
        URL-of2: func(is-3d: bool) -> map<char, f32>;
    }
    world %world { import %interface; export %interface; export %include: func(%package: error-context); }
";

const RESOURCES: &str = r"
    package a:b;
    interface files {
        resource file {
            constructor(path: string) -> result<file, string>;
            read: async func(n: u64) -> stream<u8>;
            open: static func(path: string) -> result<file>;
        }
        type handle = own<file>;
        both: func(a: file, b: borrow<file>, c: handle) -> tuple<file, future<result<_, u8>>, list<u8, 4>>;
    }
    interface users { use files.{file as document}; print: func(of: borrow<document>); }
    world w { use files.{file}; import users; import log: func(file: borrow<file>); import local: interface { enum e { x } f: func(e: e); }
        export local: interface { g: func(); } export users; }
";

/// Every function with its types, by where it is.
fn functions(component: &Component) -> BTreeSet<String> {
    let ports = component.info().ports.iter();
    ports
        .flat_map(|port| {
            let way = if port.direction == Direction::Import { "import" } else { "export" };
            port.functions()
                .iter()
                .map(move |function| format!("{way} {} {}", port.name, function.signature()))
        })
        .collect()
}

/// The text says neither more nor less of functions than the component has.
fn comes_back(component: &Component) -> String {
    let text = wit::text(component);
    assert_eq!(text, wit::text(component));
    let again = read(from_wit(&text));
    assert_eq!(functions(&again), functions(component), "{text}");
    text
}

#[test]
fn what_wit_says_comes_back() {
    for wit in [KEYWORDS, RESOURCES, crate::describing::RICH, crate::signatures::SHOP] {
        let text = comes_back(&read(from_wit(wit)));
        assert!(!text.contains("beyond WIT"), "{text}");
    }
}

#[test]
fn docs_and_packages_stand_where_they_belong() {
    let (resolve, package, _) = parse_wit(crate::documented::DOCUMENTED);
    let section = PackageMetadata::extract(&resolve, package).encode().expect("encoded docs");
    let bytes = with_section(from_wit(crate::documented::DOCUMENTED), "jackfield:package-docs", &section);
    let text = comes_back(&read(bytes));
    let expected = "package root:component;\n\n\
        world component {\n  \
          import math:ops/root;\n  \
          /// Prints.\n  \
          import log: func(text: string);\n  \
          export math:ops/bare;\n  \
          export math:ops/square;\n  \
          /// Starts.\n  \
          export start: func();\n\
        }\n\n\
        package math:ops {\n  \
          /// Roots.\n  \
          interface root {\n    \
            resource table {\n      \
              /// Looks it up.\n      \
              find: func(x: f64) -> f64;\n    \
            }\n    \
            /// The root.\n    \
            root: func(x: f64) -> f64;\n  \
          }\n\n  \
          interface bare {\n    \
            nothing: func();\n  \
          }\n\n  \
          /// Squares.\n  \
          interface square {\n    \
            /// Returns `x * x`.\n    \
            ///\n    \
            /// Exactly.\n    \
            square: func(x: f64) -> f64;\n    \
            cube: func(x: f64) -> f64;\n  \
          }\n\
        }\n";
    let sorted = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(sorted(&text), sorted(expected), "{text}");
    assert!(text.contains("    ///\n    /// Exactly.\n    square: func"), "{text}");
}

#[test]
fn docs_cannot_break_out() {
    let docs = "a\\u001b[2J\\u202e\\r\\n*/ world {\\u2028\\n// x";
    let section = format!("\x01{{\"interfaces\":{{\"square\":{{\"docs\":\"{docs}\"}}}}}}");
    let bytes =
        with_section(from_wit(crate::documented::DOCUMENTED), "jackfield:package-docs", section.as_bytes());
    let text = comes_back(&read(bytes));
    assert!(text.contains("/// a\u{fffd}[2J\u{fffd}\n") && text.contains("/// // x\n"), "{text}");
}

#[test]
fn what_wit_cannot_say_is_a_comment() {
    for (wat, expected) in [
        (
            r#"(component (import "a:b/c@1.0.0" (func (result u8))))"#,
            "// beyond WIT: import a:b/c@1.0.0: func() -> u8",
        ),
        (
            r#"(component (import "a:a/x" (instance $x (type $t (record (field "n" u8))) (export "t" (type (eq $t)))))
                (alias export $x "t" (type $t))
                (import "a:a/y" (instance
                    (alias outer 1 $t (type $t))
                    (export "t" (func))
                    (export "f" (func (param "p" $t))))))"#,
            "// beyond WIT: f: func(p: t)",
        ),
        (
            r#"(component (type $r (record (field "n" u8))) (export $e "point" (type $r)))"#,
            "// beyond WIT: export point: type",
        ),
        (
            r#"(component (import "unlocked-dep=<a:b>" (instance (export "f" (func)))))"#,
            "// beyond WIT: import unlocked-dep=<a:b>: interface\n  //   f: func()",
        ),
    ] {
        let text = wit::text(&read(from_wat(wat)));
        assert!(text.contains(expected), "{expected}: {text}");
        parse_wit(&text);
    }
}

#[test]
fn circles_and_methods_of_others_have_a_text() {
    for wat in [crate::beyond_wit::CIRCLE, crate::beyond_wit::METHODS_OF_ANOTHER] {
        let component = read(from_wat(wat));
        let text = wit::text(&component);
        let (resolve, _, _) = parse_wit(&text);
        let count: usize = resolve.interfaces.iter().map(|(_, interface)| interface.functions.len()).sum();
        assert_eq!(count, functions(&component).len(), "{text}");
    }
}

/// Ten levels that each hold the one below three times, and at the bottom a long name.
#[test]
fn a_text_that_would_be_too_long_is_a_comment() {
    let name = "n".repeat(2_000);
    let mut wat = format!("(component (type $n (enum \"x\")) (import \"{name}\" (type $t0 (eq $n)))");
    for level in 1..=10 {
        let part = format!("$t{} ", level - 1);
        wat += &format!("(type $t{level} (tuple {}))", part.repeat(3));
    }
    wat += "(type $r (record (field \"x\" $t10))) (import \"r\" (type $e (eq $r)))";
    wat += "(import \"f\" (func (param \"p\" $e))))";
    let text = wit::text(&read(from_wat(&wat)));
    assert!(text.len() < 10_000 && text.contains("// beyond WIT: import f: func(p: r)"), "{}", text.len());
    parse_wit(&text);
}
