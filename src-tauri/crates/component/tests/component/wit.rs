//! Components as WIT text.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jackfield_component::wit::{MAX_WIT_IN_BYTES, text};
use jackfield_component::{Component, read_bytes};
use jackfield_protocol::PortKind;
use proptest::prelude::*;
use wit_parser::{PackageMetadata, Resolve, WorldItem};

use crate::support::{from_wat, from_wit, parse_wit, read, with_section};

const SHOP: &str = r#"
    package acme:shop@1.0.0;
    /// What there is.
    interface types {
        /// A thing.
        record item { name: string, /** In grams. */ weight: u32 }
        type items = list<item>;
        type goods = items;
        flags rights { read, write }
        enum %enum { %list, other }
        resource shelf {
            /// An empty one.
            constructor(rights: rights);
            find: func(name: string) -> result<item, string>;
            merge: static func(a: shelf, b: borrow<shelf>) -> shelf;
            wait: async func() -> future<u8>;
        }
    }
    interface stock {
        use types.{item, shelf as rack};
        variant answer { none, some(item), racks(list<rack>) }
        /// All of it.
        all: func() -> tuple<answer, result<_, rack>>;
        hold: func(rack: borrow<rack>, m: map<string, u8>, f: list<u8, 4>, s: stream<item>) -> error-context;
    }
    world shop {
        import types;
        use types.{item};
        record local { item: item }
        resource door { constructor(); open: func(); }
        import log: func(item: item, local: local);
        import inline: interface { enum e { a } get: func() -> e; }
        export stock;
        export run: async func(%type: local);
    }
"#;

fn shop() -> Vec<u8> {
    let (resolve, package, _) = parse_wit(SHOP);
    let section = PackageMetadata::extract(&resolve, package).encode().expect("encoded docs");
    with_section(from_wit(SHOP), "jackfield:package-docs", &section)
}

/// The functions of a component: interface, or nothing for the world, and name.
fn functions(component: &Component) -> BTreeSet<(String, String)> {
    let ports = component.info().ports.iter();
    let named = ports.flat_map(|port| {
        let interface = match &port.kind {
            PortKind::Instance { .. } => port.name.clone(),
            _ => String::new(),
        };
        port.functions().iter().map(move |function| (interface.clone(), function.name.clone()))
    });
    named.collect()
}

/// The functions in a text, as [`functions`] has them.
fn parsed_functions(wit: &str) -> BTreeSet<(String, String)> {
    let mut resolve = Resolve { all_features: true, ..Resolve::default() };
    let package = resolve.push_str("text.wit", wit).unwrap_or_else(|error| panic!("{error:?}\n{wit}"));
    let world = &resolve.worlds[resolve.select_world(&[package], None).expect("one world")];
    let mut found = BTreeSet::new();
    for (key, item) in world.imports.iter().chain(&world.exports) {
        let key = resolve.name_world_key(key);
        match item {
            WorldItem::Interface { id, .. } => {
                let functions = resolve.interfaces[*id].functions.keys();
                found.extend(functions.map(|name| (key.clone(), name.clone())));
            }
            WorldItem::Function(function) => {
                found.insert((String::new(), function.name.clone()));
            }
            WorldItem::Type { .. } => {}
        }
    }
    found
}

fn assert_harmless(component: &Component, wit: &str) {
    assert!(wit.len() <= MAX_WIT_IN_BYTES && wit.ends_with('\n'));
    let bad = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!wit.contains(bad), "{wit:?}");
    for (_, name) in functions(component) {
        let name = name.split_once(']').map_or(name.as_str(), |(_, name)| name);
        let member = name.split_once('.').map_or(name, |(_, member)| member);
        assert!(wit.contains(member), "no {member} in {wit}");
    }
}

#[test]
fn a_component_with_everything_that_wit_has() {
    let component = read(shop());
    let wit = text(&component);
    assert_eq!(wit, include_str!("../wit/shop.wit"));
    assert_eq!(wit, text(&read(shop())), "the same every time");
    assert_eq!(parsed_functions(&wit), functions(&component));
    assert_harmless(&component, &wit);
}

#[test]
fn two_versions_of_a_package() {
    let component = read(from_wat(
        r#"(component
            (import "a:b/list@1.0.0" (instance $one
                (export "r" (type $r (sub resource)))
                (export "[static]r.own" (func (result (own $r))))
            ))
            (alias export $one "r" (type $r))
            (import "a:b/list@2.0.0" (instance
                (export "r" (type $two (eq $r)))
                (export "swap" (func (param "r" (own $two)) (result (own $two))))
            ))
            (import "a:b/c@2.0.0" (instance (export "f" (func (result u8)))))
            (export "a:b/list@1.0.0" (instance $one))
        )"#,
    ));
    let wit = text(&component);
    assert_eq!(
        wit,
        "\
// Made from a binary, which holds neither the name of its world nor of the world's package.
package root:component;

world root {
    import a:b/%list@1.0.0;
    import a:b/%list@2.0.0;
    import a:b/c@2.0.0;

    export a:b/%list@1.0.0;
}

package a:b@1.0.0 {
    interface %list {
        resource r {
            %own: static func() -> r;
        }
    }
}

package a:b@2.0.0 {
    interface %list {
        use a:b/%list@1.0.0.{r};
        swap: func(r: r) -> r;
    }

    interface c {
        f: func() -> u8;
    }
}
"
    );
    assert_eq!(parsed_functions(&wit), functions(&component));
}

#[test]
fn what_wit_cannot_say_is_a_comment() {
    let component = read(from_wat(
        r#"(component
            (import "a:b/c@1.0.0" (func $f (result u8)))
            (import "i" (instance $i
                (export "r" (type $r (sub resource)))
                (type $t (func))
                (export "t" (type (eq $t)))
                (export "u" (func (param "p" (own $r))))
            ))
            (type $p (record (field "n" u8)))
            (export $e "point" (type $p))
            (export "g" (func $f))
        )"#,
    ));
    let wit = text(&component);
    assert_eq!(
        wit,
        "\
// Made from a binary, which holds neither the name of its world nor of the world's package.
package root:component;

world root {
    // import a:b/c@1.0.0: func() -> u8;
    import i: interface {
        resource r;
        // The type of something that is no value: t
        u: func(p: r);
    }

    // A world of WIT cannot export a type:
    // record point {
    //     n: u8,
    // }
    export g: func() -> u8;
}
"
    );
    parsed_functions(&wit);
}

#[test]
fn every_world_of_the_schema_tests_comes_back() {
    let cases = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schema")).expect("a folder");
    for case in cases {
        let path = case.expect("an entry").path().join("world.wit");
        let component = read(from_wit(&std::fs::read_to_string(&path).expect("a world")));
        let wit = text(&component);
        assert_harmless(&component, &wit);
        assert_eq!(parsed_functions(&wit), functions(&component), "{}", path.display());
    }
}

#[test]
fn docs_cannot_leave_their_comment() {
    let wit = "package a:b; interface i { f: func(); } world w { export i; }";
    let docs =
        b"\x01{\"interfaces\":{\"i\":{\"docs\":\"One.\\r\\n} evil\\u2028x\\u0000\\u202e\\rg: func();\"}}}";
    let component = read(with_section(from_wit(wit), "jackfield:package-docs", docs));
    let wit = text(&component);
    let expected =
        "    /// One.\n    /// } evil\n    /// x\u{fffd}\u{fffd}\n    /// g: func();\n    interface i {\n";
    assert!(wit.contains(expected), "{wit}");
    assert_harmless(&component, &wit);
    assert_eq!(parsed_functions(&wit), functions(&component));
}

/// Types share their parts, so that a short binary can have a text without end.
#[test]
fn a_text_that_would_be_too_long_is_cut_and_says_so() {
    let mut wat = String::from("(component (type $t0 (tuple u8 u8))");
    for level in 1..=16 {
        wat += &format!("(type $t{level} (tuple $t{0} $t{0}))", level - 1);
    }
    // Nothing but the declaration mentions it: a function that did would be refused.
    wat += "(import \"i\" (instance (alias outer 1 $t16 (type $t)) (export \"t\" (type (eq $t)))";
    wat += "(export \"f\" (func)))))";
    let wit = text(&read(from_wat(&wat)));
    assert!(wit.len() <= MAX_WIT_IN_BYTES);
    assert!(wit.contains("// The text ends here, because it would be longer than 1 MiB."), "{}", wit.len());

    let docs = "n\\n".repeat(MAX_WIT_IN_BYTES / 4);
    let docs = format!("\x01{{\"interfaces\":{{\"i\":{{\"docs\":\"{docs}\"}}}}}}");
    let wit = from_wit("package a:b; interface i { f: func(); } world w { export i; }");
    let wit = text(&read(with_section(wit, "jackfield:package-docs", docs.as_bytes())));
    assert!(wit.len() <= MAX_WIT_IN_BYTES && wit.len() > MAX_WIT_IN_BYTES - 1_000);
    assert!(wit.contains("// The text ends here"), "{}", wit.len());
}

static SHOP_COMPONENT: LazyLock<Vec<u8>> = LazyLock::new(shop);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_component_has_a_harmless_text(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4)
    ) {
        let mut bytes = SHOP_COMPONENT.clone();
        for (index, value) in flips {
            let index = index.index(bytes.len());
            bytes[index] = value;
        }
        if let Ok(component) = read_bytes(bytes) {
            assert_harmless(&component, &text(&component));
        }
    }
}
