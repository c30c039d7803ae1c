//! Exports that mention types which another component of the workload defines: they are exported as well, so that
//! Wasmtime takes the composition, and users see nothing of that.

use jackfield_host::export::fuse;
use jackfield_host::{CallSession, Running, next_call};
use jackfield_protocol::ComponentName;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::shared::{call, planned, started, workload};

/// A component of core code in a world of a WIT text.
fn guest(wit: &str, world: &str, code: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("test.wit", wit).unwrap_or_else(|error| panic!("{wit}: {error:?}"));
    let world = resolve.select_world(&[package], Some(world)).expect("a world");
    let mut module = wat::parse_str(code).unwrap_or_else(|error| panic!("{code}: {error}"));
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("metadata");
    let encoder = ComponentEncoder::default().module(&module).expect("a module");
    encoder.validate(true).encode().unwrap_or_else(|error| panic!("{world:?}: {error:?}"))
}

/// Points, lines of them, and things that are at a point; and an interface that uses them.
fn wit(version: &str) -> String {
    format!(
        "package t:p{version};
        interface base {{ record point {{ x: u32, y: u32 }} origin: func() -> point; }}
        interface types {{
            use base.{{point}};
            record line {{ a: point, b: point }}
            resource thing {{ constructor(at: point); at: func() -> point; }}
            count: func() -> u32;
        }}
        interface api {{
            use types.{{thing, line}};
            use base.{{point}};
            make: func(at: point) -> thing;
            read: func(it: borrow<thing>) -> point;
            turned: func(it: line) -> line;
            both: func(it: line) -> list<thing>;
        }}
        interface other {{ use api.{{thing}}; again: func(it: thing) -> thing; }}
        interface only-line {{ use types.{{line}}; first: func(it: line) -> u32; }}
        world defines-all {{ export base; export types; }}
        world defines-base {{ export base; }}
        world defines-types {{ import base; export types; }}
        world gives {{ import base; import types; export api; }}
        world lines {{ import base; import types; export only-line; }}
        world passes {{ import base; import types; import api; export other; }}"
    )
}

/// A thing is its point, `x` in the upper half.
fn things(version: &str) -> String {
    let (types, own) = (format!("t:p/types{version}"), format!("[export]t:p/types{version}"));
    format!(
        r#"(import "{own}" "[resource-new]thing" (func $new (param i32) (result i32)))
        (global $made (mut i32) (i32.const 0))
        (func (export "{types}#[constructor]thing") (param i32 i32) (result i32)
          (global.set $made (i32.add (global.get $made) (i32.const 1)))
          (call $new (i32.or (i32.shl (local.get 0) (i32.const 16)) (local.get 1))))
        (func (export "{types}#[method]thing.at") (param i32) (result i32)
          (i32.store (i32.const 16) (i32.shr_u (local.get 0) (i32.const 16)))
          (i32.store (i32.const 20) (i32.and (local.get 0) (i32.const 0xffff)))
          (i32.const 16))
        (func (export "{types}#count") (result i32) (global.get $made))"#
    )
}

fn origin(version: &str) -> String {
    format!(r#"(func (export "t:p/base{version}#origin") (result i32) (i32.const 24))"#)
}

fn module(code: &str) -> String {
    format!("(module {code} (memory (export \"memory\") 1))")
}

fn defines_all(version: &str) -> Vec<u8> {
    guest(&wit(version), "defines-all", &module(&format!("{}{}", things(version), origin(version))))
}

fn defines_types(version: &str) -> Vec<u8> {
    let base = format!(r#"(import "t:p/base{version}" "origin" (func $origin (param i32)))"#);
    guest(&wit(version), "defines-types", &module(&format!("{base}{}", things(version))))
}

fn defines_base(version: &str) -> Vec<u8> {
    guest(&wit(version), "defines-base", &module(&origin(version)))
}

/// A session of calls into an entry.
async fn session(running: &Running, entry: &str) -> CallSession {
    running.open_session(next_call(), &entry.into()).await.expect("a session")
}

/// What a call in a session gives back.
async fn told(session: &CallSession, function: &str, args: &[&str]) -> String {
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    match session.call(next_call(), function, &args).await {
        Ok(outcome) => outcome.result.unwrap_or_default(),
        Err(error) => error.to_string(),
    }
}

/// Makes, reads and hands over things that another component defines.
async fn gives_things(running: &Running) {
    let session = session(running, "gives").await;
    assert_eq!(told(&session, "make", &["{x: 5, y: 6}"]).await, "#1");
    assert_eq!(told(&session, "read", &["#1"]).await, "{x: 5, y: 6}");
    assert_eq!(told(&session, "both", &[LINE]).await, "[#2, #3]");
    assert_eq!(told(&session, "read", &["#3"]).await, "{x: 3, y: 4}");
    assert_eq!(told(&session, "turned", &[LINE]).await, TURNED);
    // What is exported only because it is mentioned is no function of the entry.
    let refused = told(&session, "count", &[]).await;
    assert!(refused.contains("no function"), "{refused}");
}

/// Gives things that another component makes.
fn gives(version: &str) -> Vec<u8> {
    let (types, api) = (format!("t:p/types{version}"), format!("t:p/api{version}"));
    guest(
        &wit(version),
        "gives",
        &format!(
            r#"(module
            (import "{types}" "[constructor]thing" (func $new (param i32 i32) (result i32)))
            (import "{types}" "[method]thing.at" (func $at (param i32 i32)))
            (import "{types}" "[resource-drop]thing" (func $drop (param i32)))
            (memory (export "memory") 1)
            (func (export "{api}#make") (param i32 i32) (result i32) (call $new (local.get 0) (local.get 1)))
            (func (export "{api}#read") (param i32) (result i32)
              (call $at (local.get 0) (i32.const 16))
              (call $drop (local.get 0))
              (i32.const 16))
            (func (export "{api}#turned") (param i32 i32 i32 i32) (result i32)
              (i32.store (i32.const 32) (local.get 2))
              (i32.store (i32.const 36) (local.get 3))
              (i32.store (i32.const 40) (local.get 0))
              (i32.store (i32.const 44) (local.get 1))
              (i32.const 32))
            (func (export "{api}#both") (param i32 i32 i32 i32) (result i32)
              (i32.store (i32.const 48) (call $new (local.get 0) (local.get 1)))
              (i32.store (i32.const 52) (call $new (local.get 2) (local.get 3)))
              (i32.store (i32.const 56) (i32.const 48))
              (i32.store (i32.const 60) (i32.const 2))
              (i32.const 56)))"#
        ),
    )
}

const LINE: &str = "{a: {x: 1, y: 2}, b: {x: 3, y: 4}}";
const TURNED: &str = "{a: {x: 3, y: 4}, b: {x: 1, y: 2}}";

/// What the export for other runtimes exports, in order, and which of that only because it is mentioned.
fn exported(components: &[(&str, Vec<u8>)], more: &str, entry: &str) -> (Vec<String>, Vec<String>) {
    let loaded = workload(components, more);
    let fused =
        fuse(&planned(&loaded), &loaded.components, &ComponentName::from(entry)).expect("a component");
    let read = jackfield_component::read_bytes(fused.bytes).expect("a component");
    let exports = read.info().exports().map(|port| port.name.clone()).collect();
    (exports, fused.mentioned.into_iter().map(|it| it.name).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn values_and_handles_of_another_component_s_types_are_given() {
    let components = [("gives", gives("")), ("defines", defines_all(""))];
    let running = started(workload(&components, "")).await.expect("it starts");
    assert_eq!(call(&running, "gives", "turned", &[LINE]).await, TURNED);
    gives_things(&running).await;
    // Who makes them is a way in as before.
    assert_eq!(call(&running, "defines", "count", &[]).await, "0");
    let (exports, mentioned) = exported(&components, "", "gives");
    assert_eq!(mentioned, ["t:p/base", "t:p/types"]);
    assert_eq!(exports, ["t:p/base", "t:p/types", "t:p/api"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_mentioned_by_what_is_mentioned_comes_first() {
    // One component defines points, another one things at points.
    let components = [("gives", gives("")), ("types", defines_types("")), ("base", defines_base(""))];
    let running = started(workload(&components, "")).await.expect("it starts");
    gives_things(&running).await;
    assert_eq!(exported(&components, "", "gives").1, ["t:p/base", "t:p/types"]);
    assert_eq!(exported(&components, "", "types").1, ["t:p/base"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_records_is_enough() {
    let lines = guest(
        &wit(""),
        "lines",
        r#"(module (func (export "t:p/only-line#first") (param i32 i32 i32 i32) (result i32) (local.get 0)))"#,
    );
    let components = [("lines", lines), ("defines", defines_all(""))];
    let running = started(workload(&components, "")).await.expect("it starts");
    assert_eq!(call(&running, "lines", "first", &[LINE]).await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_of_a_diamond_mention_the_same() {
    let passes = guest(
        &wit(""),
        "passes",
        r#"(module (func (export "t:p/other#again") (param i32) (result i32) (local.get 0)))"#,
    );
    let components = [("passes", passes), ("gives", gives("")), ("defines", defines_all(""))];
    let running = started(workload(&components, "")).await.expect("it starts");
    gives_things(&running).await;
    let passes = session(&running, "passes").await;
    // It has nothing to pass on, but it is there.
    let refused = told(&passes, "again", &["#1"]).await;
    assert!(refused.contains("#1"), "{refused}");
    let (exports, mentioned) = exported(&components, "", "passes");
    assert!(exports.contains(&"t:p/other".to_owned()), "{exports:?}");
    assert!(mentioned.iter().filter(|name| *name == "t:p/types").count() == 1, "{mentioned:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_uses_of_its_own_is_exported_with_it() {
    // The points are from one component, and the things at points from one that has points of its own.
    let components = [("gives", gives("")), ("points", defines_base("")), ("defines", defines_all(""))];
    let rows = "[[links]]\nfrom = \"gives\"\nimport = \"t:p/base\"\nto = \"points\"\n";
    let running = started(workload(&components, rows)).await.expect("it starts");
    gives_things(&running).await;
    let mentioned = exported(&components, rows, "gives").1;
    assert_eq!(mentioned, ["t:p/base", "jackfield-types-n1", "t:p/types"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_versions_stay_apart() {
    let both = |version: &str| (gives(version), defines_all(version));
    let ((old, old_types), (new, new_types)) = (both("@1.0.0"), both("@2.0.0"));
    let components = [("old", old), ("old-types", old_types), ("new", new), ("new-types", new_types)];
    let running = started(workload(&components, "")).await.expect("it starts");
    for entry in ["old", "new"] {
        assert_eq!(call(&running, entry, "turned", &[LINE]).await, TURNED, "{entry}");
    }
    assert_eq!(exported(&components, "", "new").1, ["t:p/base@2.0.0", "t:p/types@2.0.0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_consumer_mentions_what_the_newer_provider_has() {
    let components = [("gives", gives("@1.0.0")), ("defines", defines_all("@1.2.0"))];
    let running = started(workload(&components, "")).await.expect("it starts");
    assert_eq!(call(&running, "gives", "turned", &[LINE]).await, TURNED);
    assert_eq!(exported(&components, "", "gives").1, ["t:p/base@1.2.0", "t:p/types@1.2.0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_the_entry_has_itself_is_the_entry_s() {
    // Hands on resources of the interface that it imports, in one of the same name.
    let layer = crate::run_linked::larger("");
    let components =
        [("asker", crate::run_linked::asker("")), ("layer", layer), ("maker", crate::run_linked::shelf(""))];
    let running = started(workload(&components, "")).await.expect("it starts");
    assert_eq!(call(&running, "asker", "ask", &["5"]).await, "1005");
    let (exports, mentioned) = exported(&components, "", "layer");
    assert_eq!(exports.iter().filter(|name| *name == "t:p/shelf").count(), 1, "{exports:?}");
    assert!(mentioned.iter().all(|name| name != "t:p/shelf"), "{mentioned:?}");
    let layer = session(&running, "layer").await;
    assert_eq!(told(&layer, "make", &["5"]).await, "#1");
    assert_eq!(told(&layer, "r.get", &["#1"]).await, "1005");
}
