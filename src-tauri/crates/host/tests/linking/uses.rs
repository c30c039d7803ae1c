//! Interfaces that use one another's types, in one version or several, from one place or several.

use jackfield_component::read_bytes;
use jackfield_protocol::{Diagnostic, Edit, EditLinkEnd, Fix, LinkTarget};
use wac_graph::{CompositionGraph, EncodeOptions, types::Package};

use crate::dummy;
use crate::shared::{call, planned, started, workload};

/// Requests, and what handles them, in a version.
fn http(version: &str, world: &str) -> Vec<u8> {
    let wit = format!(
        "package t:p@{version};
        interface types {{
            record place {{ line: u32 }}
            resource req {{ constructor(at: place); get: func() -> u32; }}
        }}
        interface handler {{ use types.{{req, place}}; handle: func(r: req, at: place) -> list<req>; }}
        world user {{ import types; import handler; export go: func(); }}
        world both {{ export types; export handler; }}
        world maker {{ export types; }}
        world middle {{ import types; export handler; }}
        world layer {{ import types; import handler; export handler; }}"
    );
    dummy::binary(&wit, world)
}

/// Runs into the code of the component: everything before that worked.
async fn assert_runs(components: &[(&str, Vec<u8>)], more: &str) {
    let loaded = workload(components, more);
    let plan = planned(&loaded);
    assert!(plan.is_runnable(), "{:#?}", plan.diagnostics);
    let running = started(loaded).await.expect("it starts");
    let outcome = call(&running, "user", "go", &[]).await;
    assert!(outcome.contains("unreachable"), "{outcome}");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_interfaces_from_one_component_of_another_version() {
    assert_runs(&[("user", http("0.2.0", "user")), ("both", http("0.2.4", "both"))], "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_interface_from_a_component_and_a_version_of_its_own() {
    let maker = ("maker", http("0.2.3", "maker"));
    let layer = ("layer", http("0.2.11", "layer"));
    let user = ("user", http("0.2.0", "user"));
    let middle = ("middle", http("0.2.5", "middle"));
    assert_runs(&[user.clone(), middle.clone(), maker.clone()], "").await;
    // With a layer in front, which has the types from the maker, too.
    assert_runs(&[user, layer, middle, maker], "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_from_two_places_is_found_and_the_fix_works() {
    let components =
        [("user", http("0.2.0", "user")), ("both", http("0.2.0", "both")), ("maker", http("0.2.9", "maker"))];
    let plan = planned(&workload(&components, ""));
    let [found @ Diagnostic::SplitResource { resource, types_import, wanted, offered, .. }] =
        plan.diagnostics.as_slice()
    else {
        panic!("{:#?}", plan.diagnostics)
    };
    let target = |name: &str, version: &str| LinkTarget::Component {
        name: name.into(),
        export: format!("t:p/types@{version}"),
    };
    assert_eq!((resource.as_str(), types_import.as_str()), ("req", "t:p/types@0.2.0"));
    assert_eq!((wanted, offered), (&target("maker", "0.2.9"), &target("both", "0.2.0")));
    assert!(plan.link(&"user".into(), "t:p/handler@0.2.0").is_none());
    let fix = Fix::Edit(Edit::SetLink {
        component: "user".into(),
        import: "t:p/types@0.2.0".into(),
        to: Some(EditLinkEnd::Component("both".into())),
    });
    assert_eq!(found.fixes(), [fix]);
    let row = "[[links]]\nfrom = \"user\"\nimport = \"t:p/types@0.2.0\"\nto = \"both\"\n";
    assert_runs(&components, row).await;
}

const TYPES_ARE_A_STUB: &str = "[[links]]\nfrom = \"user\"\nimport = \"t:p/types@0.2.0\"\nto = \"stub\"\n";
const HANDLER_IS_A_STUB: &str = "[[links]]\nfrom = \"user\"\nimport = \"t:p/handler@0.2.0\"\nto = \"stub\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn stubs_of_interfaces_that_have_resources_in_common() {
    assert_runs(&[("user", http("0.2.0", "user"))], &[TYPES_ARE_A_STUB, HANDLER_IS_A_STUB].concat()).await;
    // Also where another component hands on the resources of its own stub.
    let components = [("user", http("0.2.0", "user")), ("middle", http("0.2.0", "middle"))];
    let other = TYPES_ARE_A_STUB.replace("user", "middle");
    assert_runs(&components, &[TYPES_ARE_A_STUB, &other].concat()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stub_has_no_resources_of_a_component_and_the_fix_works() {
    for (name, world, stub) in [("maker", "maker", HANDLER_IS_A_STUB), ("both", "both", TYPES_ARE_A_STUB)] {
        let components = [("user", http("0.2.0", "user")), (name, http("0.2.0", world))];
        let plan = planned(&workload(&components, stub));
        let [found @ Diagnostic::SplitResource { .. }] = plan.diagnostics.as_slice() else {
            panic!("{name}: {:#?}", plan.diagnostics)
        };
        let expected = match name {
            "maker" => ("t:p/types@0.2.0", EditLinkEnd::Stub),
            _ => ("t:p/types@0.2.0", EditLinkEnd::Component("both".into())),
        };
        assert_eq!(found.fixes(), [Fix::link(&"user".into(), expected.0, expected.1)], "{name}");
    }
    let components = [("user", http("0.2.0", "user")), ("maker", http("0.2.0", "maker"))];
    assert_runs(&components, &[TYPES_ARE_A_STUB, HANDLER_IS_A_STUB].concat()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stub_has_no_resources_of_the_host() {
    let wit = "package wasi:io@0.2.0;
        interface error { resource error { to-debug-string: func() -> string; } }
        interface streams { use error.{error}; resource input-stream { last: func() -> error; } }
        world user { import error; import streams; export go: func(); }";
    let components = [("user", dummy::binary(wit, "user"))];
    let row =
        |import: &str| format!("[[links]]\nfrom = \"user\"\nimport = \"wasi:io/{import}\"\nto = \"stub\"\n");
    let plan = planned(&workload(&components, &row("streams")));
    let [found @ Diagnostic::SplitResource { .. }] = plan.diagnostics.as_slice() else {
        panic!("{:#?}", plan.diagnostics)
    };
    assert_eq!(found.fixes(), [Fix::unlink(&"user".into(), "wasi:io/streams@0.2.0")]);
    // But all of them can be stubs.
    assert_runs(&components, &[row("streams"), row("error")].concat()).await;
}

#[test]
fn what_links_components_refuses_a_resource_from_two_places_as_well() {
    let mut graph = CompositionGraph::new();
    let mut add = |name: &str, bytes: Vec<u8>| {
        let component = read_bytes(bytes).expect("a component");
        let package = Package::from_bytes(name, None, component.bytes().to_vec(), graph.types_mut());
        let package = graph.register_package(package.expect("a package")).expect("a free name");
        graph.instantiate(package)
    };
    let user = add("t:user", http("0.2.0", "user"));
    let (both, maker) = (add("t:both", http("0.2.0", "both")), add("t:maker", http("0.2.9", "maker")));
    for (provider, export, import) in
        [(both, "t:p/handler@0.2.0", "t:p/handler@0.2.0"), (maker, "t:p/types@0.2.9", "t:p/types@0.2.0")]
    {
        let export = graph.alias_instance_export(provider, export).expect("the export");
        graph.set_instantiation_argument(user, import, export).expect("types of the same shape");
    }
    assert!(graph.encode(EncodeOptions::default()).is_err());
}

#[test]
fn the_host_s_interfaces_use_the_host_s_types() {
    let io = |world: &str| {
        let wit = "package wasi:io@0.2.0;
            interface error { resource error { to-debug-string: func() -> string; } }
            interface streams {
                use error.{error};
                resource input-stream { last: func() -> error; }
            }
            world user { import error; import streams; export go: func(); }
            world maker { export error; }";
        dummy::binary(wit, world)
    };
    let plan = planned(&workload(&[("user", io("user")), ("maker", io("maker"))], ""));
    let [Diagnostic::SplitResource { import, offered: LinkTarget::Host { plugin }, .. }] =
        plan.diagnostics.as_slice()
    else {
        panic!("{:#?}", plan.diagnostics)
    };
    assert_eq!((import.as_str(), plugin.as_str()), ("wasi:io/streams@0.2.0", "wasi"));
    let fix = Fix::link(&"user".into(), "wasi:io/error@0.2.0", EditLinkEnd::Host);
    assert_eq!(plan.diagnostics[0].fixes(), [fix]);
}

/// A component made with one release of WASI 0.2; `world` says what it has beside that.
fn wasi(version: &str, more_in_streams: &str, world: &str) -> Vec<u8> {
    let wit = format!(
        "package t:p;
        interface next {{ f: func(); }}
        interface after {{ f: func(); }}
        interface last {{ f: func(); }}
        world it {{
            import wasi:io/streams@{version};
            import wasi:cli/stdout@{version};
            import wasi:random/random@{version};
            {world}
        }}
        package wasi:io@{version} {{
            interface error {{ resource error {{ to-debug-string: func() -> string; }} }}
            interface streams {{
                use error.{{error}};
                variant stream-error {{ last-operation-failed(error), closed }}
                resource output-stream {{
                    check-write: func() -> result<u64, stream-error>;
                    {more_in_streams}
                }}
            }}
        }}
        package wasi:cli@{version} {{
            interface stdout {{ use wasi:io/streams@{version}.{{output-stream}}; get-stdout: func() -> output-stream; }}
        }}
        package wasi:random@{version} {{ interface random {{ get-random-u64: func() -> u64; }} }}"
    );
    dummy::binary(&wit, "it")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_component_has_the_release_of_wasi_that_its_toolchain_has() {
    let flush = "flush: func() -> result<_, stream-error>;";
    let p3 = dummy::binary(
        "package t:p;
        interface last { f: func(); }
        world it { import wasi:random/random@0.3.0; export last; }
        package wasi:random@0.3.0 { interface random { get-random-u64: func() -> u64; } }",
        "it",
    );
    let components = [
        ("user", wasi("0.2.0", "", "import next; export go: func();")),
        ("six", wasi("0.2.6", flush, "import after; export next;")),
        (
            "twelve",
            wasi(
                "0.2.12",
                "write: func(contents: list<u8>) -> result<_, stream-error>;",
                "import last; export after;",
            ),
        ),
        ("three", p3),
    ];
    let plan = planned(&workload(&components, ""));
    let versions: Vec<(&str, &str)> = plan
        .links
        .iter()
        .filter(|link| link.import.starts_with("wasi:random"))
        .map(|link| {
            (
                link.why.import_version.as_deref().unwrap_or_default(),
                link.why.export_version.as_deref().unwrap_or_default(),
            )
        })
        .collect();
    assert_eq!(
        versions,
        [("0.2.0", "0.2.12"), ("0.2.6", "0.2.12"), ("0.2.12", "0.2.12"), ("0.3.0", "0.3.0")]
    );
    assert_runs(&components, "").await;
}

/// Imports one interface twice, under names of its own.
fn twice() -> Vec<u8> {
    let text = r#"(component
        (import "primary" (implements "t:p/store@1.0.0") (instance $primary (export "get" (func (result u32)))))
        (import "backup" (implements "t:p/store@1.0.0") (instance $backup (export "get" (func (result u32)))))
        (core func $primary (canon lower (func $primary "get")))
        (core func $backup (canon lower (func $backup "get")))
        (core module $m
            (import "" "primary" (func $primary (result i32)))
            (import "" "backup" (func $backup (result i32)))
            (func (export "go") (result i32)
                (i32.add (i32.mul (call $primary) (i32.const 10)) (call $backup))))
        (core instance $i (instantiate $m (with "" (instance
            (export "primary" (func $primary)) (export "backup" (func $backup))))))
        (func (export "go") (result u32) (canon lift (core func $i "go"))))"#;
    wat::parse_str(text).expect("a component")
}

fn store(version: &str, value: u32) -> Vec<u8> {
    let text = format!(
        r#"(component
            (core module $m (func (export "get") (result i32) (i32.const {value})))
            (core instance $i (instantiate $m))
            (func $get (result u32) (canon lift (core func $i "get")))
            (instance $store (export "get" (func $get)))
            (export "t:p/store@{version}" (instance $store)))"#
    );
    wat::parse_str(text).expect("a component")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interface_that_is_imported_twice_under_other_names() {
    let one = [("user", twice()), ("one", store("1.0.2", 1))];
    let running = started(workload(&one, "")).await.expect("it starts");
    assert_eq!(call(&running, "user", "go", &[]).await, "11");

    let two = [("user", twice()), ("one", store("1.0.0", 1)), ("two", store("1.0.0", 2))];
    let plan = planned(&workload(&two, ""));
    assert!(
        matches!(
            plan.diagnostics.as_slice(),
            [Diagnostic::AmbiguousImport { .. }, Diagnostic::AmbiguousImport { .. }]
        ),
        "{:#?}",
        plan.diagnostics
    );
    let row = |import, to| format!("[[links]]\nfrom = \"user\"\nimport = \"{import}\"\nto = \"{to}\"\n");
    let rows = [row("primary", "one"), row("backup", "two")].concat();
    let running = started(workload(&two, &rows)).await.expect("it starts");
    assert_eq!(call(&running, "user", "go", &[]).await, "12");
}
