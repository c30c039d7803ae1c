//! The types of a component's functions, as a graph.

use jackfield_component::schema::input_schema;
use jackfield_component::value::{args_to_wave, from_wave};
use jackfield_component::{Component, NotCallable, Signature, exported_functions, read_bytes};
use jackfield_protocol::{Direction, Function, Integer, TypeGraph, TypeId, TypeKind};

use crate::support::{from_wat, from_wit, function, port, read};

fn signature<'a>(
    component: &'a Component,
    direction: Direction,
    port_name: &str,
    name: &str,
) -> Signature<'a> {
    let port = port(component.info(), direction, port_name);
    component.signature(port, function(port, name)).expect("a signature")
}

fn name(types: &TypeGraph, id: TypeId) -> Option<&str> {
    types.get(id).expect("a type").name.as_deref()
}

const SHOP: &str = r"
    package acme:shop@1.0.0;
    interface types {
        record item { name: string, tags: list<string> }
    }
    interface stock {
        use types.{item as thing};
        resource shelf { find: func(name: string) -> option<thing>; }
        put: func(item: thing, count: u16) -> result<_, string>;
        swap: func(items: tuple<thing, thing>);
    }
    world shop { import stock; export types; export stock; export start: func(verbose: bool); }
";

#[test]
fn every_function_has_its_types() {
    let component = read(from_wit(SHOP));
    let mut count = 0;
    for port in &component.info().ports {
        for function in port.functions() {
            let signature = component.signature(port, function).expect("a signature");
            assert_eq!(signature.function.params.len(), function.params.len());
            assert_eq!(signature.function.result.is_some(), function.result.is_some());
            count += 1;
        }
    }
    assert_eq!(count, 7);
    let start = signature(&component, Direction::Export, "start", "start");
    assert_eq!(start.types.kind(start.function.params[0].ty), &TypeKind::Bool);
    let bare = port(component.info(), Direction::Export, "start");
    let unknown = Function { name: "gone".into(), ..function(bare, "start").clone() };
    assert!(component.signature(bare, &unknown).is_none());
}

#[test]
fn types_are_shared_and_called_what_the_interface_at_hand_calls_them() {
    let component = read(from_wit(SHOP));
    let put = signature(&component, Direction::Export, "acme:shop/stock@1.0.0", "put");
    let swap = signature(&component, Direction::Export, "acme:shop/stock@1.0.0", "swap");
    let [item, count] = &put.function.params[..] else { panic!("two parameters") };
    assert_eq!(name(put.types, item.ty), Some("thing"));
    assert_eq!(put.types.kind(count.ty), &TypeKind::Integer(Integer::U16));
    let TypeKind::Tuple(parts) = swap.types.kind(swap.function.params[0].ty) else { panic!("a tuple") };
    assert_eq!(parts, &[item.ty, item.ty]);
    // What is imported is the same as what is exported.
    let imported = signature(&component, Direction::Import, "acme:shop/stock@1.0.0", "put");
    assert_eq!(imported.function, put.function);
}

#[test]
fn handles_streams_and_futures_stand_in_the_way() {
    let component = read(from_wit(
        r"
        package a:b;
        interface i {
            resource shelf { constructor(); find: func(); count: static func() -> u32; }
            watch: async func(of: list<option<string>>) -> tuple<u8, stream<u8>>;
            wait: func(until: future);
        }
        world w { export i; }
        ",
    ));
    let check = |name| signature(&component, Direction::Export, "a:b/i", name).check_callable();
    let not = |param: Option<&str>, what: &str| {
        Err(NotCallable { param: param.map(str::to_owned), what: what.into() })
    };
    assert_eq!(check("[constructor]shelf"), not(None, "a handle to the resource `shelf`"));
    assert_eq!(check("[method]shelf.find"), not(Some("self"), "a handle to the resource `shelf`"));
    assert_eq!(check("[static]shelf.count"), Ok(()));
    assert_eq!(check("watch"), not(None, "a stream"));
    assert_eq!(check("wait"), not(Some("until"), "a future"));
    assert_eq!(
        check("wait").expect_err("a reason").to_string(),
        "its parameter `until` is or holds a future: no value of that can be written down"
    );
}

#[test]
fn a_result_can_be_written_down_if_it_has_a_value_without_a_handle() {
    let component = read(from_wit(
        r"
        package a:b;
        interface i {
            resource shelf;
            variant found { one(shelf), all(tuple<u8, stream<u8>>) }
            variant maybe { one(shelf), none }
            record pair { name: string, of: option<shelf> }
            open: func() -> result<shelf, string>;
            all: func() -> list<shelf>;
            a-pair: func() -> pair;
            a-maybe: func() -> maybe;
            nothing: func();
            a-shelf: func() -> shelf;
            a-found: func() -> found;
            both: func() -> result<tuple<string, shelf>, future>;
            three: func() -> tuple<option<shelf>, stream<u8>>;
        }
        world w { export i; }
        ",
    ));
    let of = |name| signature(&component, Direction::Export, "a:b/i", name).unanswerable();
    for name in ["open", "all", "a-pair", "a-maybe", "nothing"] {
        assert_eq!(of(name), None, "{name}");
    }
    let handle = "a handle to the resource `shelf`";
    for (name, what) in [("a-shelf", handle), ("a-found", handle), ("both", handle), ("three", "a stream")] {
        assert_eq!(of(name).as_deref(), Some(what), "{name}");
    }
}

/// A type of ten levels, each of which holds the one below three times, has 88 573 nodes as a tree.
#[test]
fn shared_parts_are_one_node_and_one_definition() {
    let mut wat = String::from("(component (type $t0 (record (field \"x\" u8)))");
    for level in 1..=10 {
        let part = format!("$t{} ", level - 1);
        wat += &format!("(type $t{level} (tuple {}))", part.repeat(3));
    }
    // A record must be exported to be used.
    wat = wat.replace(
        "(type $t0 (record (field \"x\" u8)))",
        "(type $r (record (field \"x\" u8))) (import \"r\" (type $t0 (eq $r)))",
    );
    wat += "(import \"f\" (func $f (param \"p\" $t10))) (export \"g\" (func $f)))";
    let component = read(from_wat(&wat));
    assert_eq!(component.types().len(), 12);
    let g = signature(&component, Direction::Export, "g", "g");
    let schema = input_schema(g).expect("callable");
    assert!(serde_json::to_string(&schema).expect("JSON").len() < 3_000);
}

/// The validator allows a hundred levels; a schema must stay readable, and a value writable, at that depth.
#[test]
fn the_deepest_type_that_there_can_be() {
    for (open, wave) in [("option", "some("), ("list", "[")] {
        let mut levels = 99;
        let component = loop {
            let mut wat = String::from("(component (type $t0 (option u8))");
            for level in 1..levels {
                wat += &format!("(type $t{level} ({open} $t{}))", level - 1);
            }
            wat +=
                &format!("(import \"f\" (func $f (param \"p\" $t{}))) (export \"g\" (func $f)))", levels - 1);
            match read_bytes(from_wat(&wat)) {
                Ok(component) => break component,
                Err(_) => levels -= 1,
            }
        };
        assert!(levels > 90, "{levels}");
        let g = signature(&component, Direction::Export, "g", "g");
        let schema = serde_json::to_string(&input_schema(g).expect("callable")).expect("JSON");
        // serde_json reads 128 levels.
        assert!(serde_json::from_str::<serde_json::Value>(&schema).is_ok());
        let value = (1..levels).fold("some(7)".to_owned(), |value, _| {
            format!("{wave}{value}{}", if open == "list" { "]" } else { ")" })
        });
        let value = from_wave(g.types, g.function.params[0].ty, &value).expect("a value");
        let json = format!("{{\"p\":{}}}", value.to_json());
        let args = serde_json::from_str(&json).expect("JSON that can be read");
        assert_eq!(args_to_wave(g, &args).expect("arguments"), [value.to_string()]);
    }
}

/// A binary of some hundred kilobytes, whose interfaces each see all of a large type.
#[test]
fn graphs_that_would_take_too_long_are_refused() {
    let mut wat = String::from("(component (type $e (enum");
    for index in 0..3_000 {
        wat += &format!(" \"case-with-a-long-name-{index}\"");
    }
    wat += ")) (import \"e\" (type $x (eq $e)))";
    for index in 0..200 {
        wat += &format!(
            "(import \"i{index}\" (instance (alias outer 1 $x (type $t)) (export \"n{index}\" (type $u (eq $t)))
              (export \"f\" (func (param \"p\" $u)))))"
        );
    }
    wat += ")";
    let error = read_bytes(from_wat(&wat)).expect_err("too long");
    assert!(matches!(error.problem, jackfield_component::ReadProblem::TypesTooLong), "{error}");
}

#[test]
fn what_toolchains_export_for_themselves_is_no_tool() {
    let junk = r#"(component
        (import "f" (func $f (param "app-name" string) (param "symbols" u8) (param "stub-wasi" bool)))
        (import "g" (func $g))
        (instance $junk (export "init" (func $f)))
        (instance $good (export "init" (func $g)))
        (export "exports" (instance $junk))
        (export "init" (func $g))
        (export "good" (instance $good))
    )"#;
    let component = read(from_wat(junk));
    let names: Vec<_> = exported_functions(component.info())
        .map(|(port, function)| format!("{} {}", port.name, function.name))
        .collect();
    assert_eq!(names, ["init init", "good init"]);
}
