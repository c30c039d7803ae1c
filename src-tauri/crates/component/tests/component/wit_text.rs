//! Components as WIT text, read back by wit-parser.

use std::collections::BTreeSet;

use jackfield_component::{Component, wit};
use jackfield_protocol::{Direction, TypeGraph, TypeId, TypeKind};
use proptest::prelude::*;
use wit_parser::PackageMetadata;

use crate::generate::Choices;
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

/// Every function with all of its types, by where it is.
fn functions(component: &Component) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for port in &component.info().ports {
        let way = if port.direction == Direction::Import { "import" } else { "export" };
        for function in port.functions() {
            let signature = component.signature(port, function).expect("a signature");
            let types =
                signature.function.params.iter().map(|param| param.ty).chain(signature.function.result);
            let types: Vec<String> = types.map(|ty| whole(signature.types, ty)).collect();
            found.insert(format!("{way} {} {} {types:?}", port.name, function.signature()));
        }
    }
    found
}

/// A type with its name, its members' names and all its parts.
fn whole(types: &TypeGraph, id: TypeId) -> String {
    let def = types.get(id).expect("a type");
    let kind = &def.kind;
    let parts: Vec<String> = kind.parts().into_iter().map(|part| whole(types, part)).collect();
    let members: Vec<String> = match kind {
        TypeKind::Record(fields) => fields.iter().map(|field| field.name.clone()).collect(),
        TypeKind::Variant(cases) => {
            cases.iter().map(|case| format!("{} {}", case.name, case.ty.is_some())).collect()
        }
        TypeKind::Enum(labels) | TypeKind::Flags(labels) => {
            labels.iter().map(|label| label.name.clone()).collect()
        }
        TypeKind::Result { ok, err } => vec![format!("{} {}", ok.is_some(), err.is_some())],
        TypeKind::FixedLengthList { length, .. } => vec![length.to_string()],
        TypeKind::Own(resource) | TypeKind::Borrow(resource) => vec![resource.clone()],
        _ => Vec::new(),
    };
    format!("{:?} {} {members:?} {parts:?}", def.name, kind.word())
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

/// A package of two interfaces, the second of which uses types of the first, in one world.
fn a_package(choices: &mut Choices) -> String {
    let mut first = String::new();
    let mut types: Vec<String> =
        ["bool", "u8", "s64", "f32", "char", "string", "error-context", "handle"].map(str::to_owned).to_vec();
    first += "resource file { constructor(path: string); read: func(n: u64) -> list<u8>; }\n";
    first += "type handle = own<file>;\n";
    let mut names = vec!["file".to_owned(), "handle".to_owned()];
    for number in 0..1 + choices.below(8) {
        let part = |choices: &mut Choices| types[choices.below(types.len())].clone();
        let (a, b) = (part(choices), part(choices));
        let name = format!("%{}{number}", ["list", "t", "URL-", "from"][choices.below(4)]);
        first += &match choices.below(7) {
            0 => format!("record {name} {{ %type: {a}, b: {b} }}\n"),
            1 => format!("variant {name} {{ none, %own({a}), ok({b}) }}\n"),
            2 => format!("enum {name} {{ %as, b, is-HTTP }}\n"),
            3 => format!("flags {name} {{ %use, read }}\n"),
            4 => format!("type {name} = result<{a}, {b}>;\n"),
            5 => format!("type {name} = tuple<{a}, option<{b}>>;\n"),
            _ => format!("type {name} = {a};\n"),
        };
        types.push(name.clone());
        types.push(format!("list<{name}>"));
        names.push(name);
    }
    let mut functions = || {
        let mut text = String::new();
        for number in 0..choices.below(5) {
            let part = |choices: &mut Choices| types[choices.below(types.len())].clone();
            let (a, b) = (part(choices), part(choices));
            let marker = ["func", "async func"][choices.below(2)];
            text += &format!("%f{number}: {marker}(%import: {a}, file: borrow<file>) -> {b};\n");
        }
        text
    };
    let (one, two) = (functions(), functions());
    let world = ["import one; export two;", "import two; export one;", "export two; export one; import one;"];
    let names = names.join(", ");
    format!(
        "package a:b@1.0.0;\ninterface one {{\n{first}{one}}}\n\
         interface two {{\nuse one.{{{names}}};\n{two}}}\nworld w {{ {} }}\n",
        world[choices.below(3)]
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_types_there_are_it_comes_back(seed: u64) {
        let component = read(from_wit(&a_package(&mut Choices(seed))));
        let text = comes_back(&component);
        prop_assert!(!text.contains("beyond WIT"), "{text}");
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
fn types_that_no_function_uses_are_named_in_order() {
    let wit = "package a:b; interface i { flags URL { x } record lone { a: u8 } resource r; } world w { export i; }";
    let text = wit::text(&read(from_wit(wit)));
    let expected =
        "    resource r;\n    // no function uses the type URL\n    // no function uses the type lone\n";
    assert!(text.contains(expected), "{text}");
    parse_wit(&text);
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
