//! A component that gives values and handles of types that another component of the workload defines: called, traced,
//! in a session, and in the real `wasmtime`.

use std::ffi::OsStr;
use std::io::Write as _;
use std::process::Stdio;

use jackfield_protocol::ExportForm;
use jackfield_tests::files::Workload;
use jackfield_tests::jack::{self, PATIENCE};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::real_wasmtime::Exile;
use super::{export, first, ports, wac::composed};
use crate::compose::with_samples;

const WIT: &str = "package test:things;
interface types {
    record point { x: u32, y: u32 }
    record line { a: point, b: point }
    resource thing { constructor(at: point); at: func() -> point; }
}
interface api {
    use types.{point, line, thing};
    make: func(at: point) -> thing;
    read: func(it: borrow<thing>) -> point;
    turned: func(it: line) -> line;
    there-and-back: func(at: point) -> point;
}
world defines { export types; }
world gives { import types; export api; }";

/// What stands for a thing is its point, `x` in the upper half.
const DEFINES: &str = r#"(module
    (import "[export]test:things/types" "[resource-new]thing" (func $new (param i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "test:things/types#[constructor]thing") (param i32 i32) (result i32)
      (call $new (i32.or (i32.shl (local.get 0) (i32.const 16)) (local.get 1))))
    (func (export "test:things/types#[method]thing.at") (param i32) (result i32)
      (i32.store (i32.const 16) (i32.shr_u (local.get 0) (i32.const 16)))
      (i32.store (i32.const 20) (i32.and (local.get 0) (i32.const 0xffff)))
      (i32.const 16)))"#;

const GIVES: &str = r#"(module
    (import "test:things/types" "[constructor]thing" (func $new (param i32 i32) (result i32)))
    (import "test:things/types" "[method]thing.at" (func $at (param i32 i32)))
    (import "test:things/types" "[resource-drop]thing" (func $drop (param i32)))
    (memory (export "memory") 1)
    (func (export "test:things/api#make") (param i32 i32) (result i32) (call $new (local.get 0) (local.get 1)))
    (func $read (export "test:things/api#read") (param i32) (result i32)
      (call $at (local.get 0) (i32.const 16))
      (call $drop (local.get 0))
      (i32.const 16))
    (func (export "test:things/api#turned") (param i32 i32 i32 i32) (result i32)
      (i32.store (i32.const 32) (local.get 2))
      (i32.store (i32.const 36) (local.get 3))
      (i32.store (i32.const 40) (local.get 0))
      (i32.store (i32.const 44) (local.get 1))
      (i32.const 32))
    (func (export "test:things/api#there-and-back") (param i32 i32) (result i32)
      (call $read (call $new (local.get 0) (local.get 1)))))"#;

fn guest(world: &str, code: &str) -> anyhow::Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("test.wit", WIT)?;
    let world = resolve.select_world(&[package], Some(world))?;
    let mut module = wat::parse_str(code)?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    ComponentEncoder::default().module(&module)?.validate(true).encode()
}

fn workload() -> anyhow::Result<Workload> {
    let components = ["gives", "defines"].map(|it| format!("[components.{it}]\nsource = \"./{it}.wasm\"\n"));
    let workload = Workload::new(&format!("name = \"things\"\n{}", components.concat()))?;
    workload.add("gives.wasm", guest("gives", GIVES)?)?;
    workload.add("defines.wasm", guest("defines", DEFINES)?)?;
    Ok(workload)
}

#[test]
fn calls_give_them_with_and_without_a_trace() -> anyhow::Result<()> {
    let workload = workload()?;
    let path = workload.file().display().to_string();
    let call = |more: &[&str]| jack::run([&["call", path.as_str(), "gives"], more].concat());
    let turned = call(&["turned", "{a: {x: 1, y: 2}, b: {x: 3, y: 4}}"])?;
    assert_eq!(turned.success(), "{a: {x: 3, y: 4}, b: {x: 1, y: 2}}\n");
    assert_eq!(call(&["there-and-back", "{x: 5, y: 6}"])?.success(), "{x: 5, y: 6}\n");

    let traced = call(&["there-and-back", "{x: 5, y: 6}", "--trace", "--json"])?;
    let json: serde_json::Value = serde_json::from_str(traced.success())?;
    assert_eq!(json["result"], serde_json::json!("{x: 5, y: 6}"), "{traced}");
    assert_eq!(json["trace"]["unobserved"], serde_json::json!([]), "{traced}");
    for expected in ["[constructor]thing", "[method]thing.at", "thing#1"] {
        assert!(traced.success().contains(expected), "{expected}: {traced}");
    }
    Ok(())
}

#[test]
fn users_see_what_the_component_exports_and_nothing_else() -> anyhow::Result<()> {
    let workload = workload()?;
    let path = workload.file().display().to_string();
    let listed = jack::run(["call", path.as_str(), "gives", "--help"])?;
    assert!(listed.success().contains("there-and-back"), "{listed}");
    assert!(!listed.success().contains("test:things/types"), "{listed}");
    Ok(())
}

#[test]
fn handles_live_from_line_to_line() -> anyhow::Result<()> {
    let workload = workload()?;
    let file = workload.file();
    let mut command = jack::command([OsStr::new("session"), file.as_os_str(), "gives".as_ref()])?;
    command.stdin(Stdio::piped());
    let mut running = jack::Running::start(command)?;
    let mut stdin = running.group.child().stdin.take().expect("a pipe");
    stdin.write_all(b"make({x: 5, y: 6})\nmake({x: 7, y: 8})\nread(#2)\nread(#1)\n:handles\n")?;
    drop(stdin);
    let finished = running.finish(PATIENCE)?;
    let expected = "#1\n#2\n{x: 7, y: 8}\n{x: 5, y: 6}\n#1 (thing)\n#2 (thing)\n";
    assert_eq!(finished.success(), expected, "{finished}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_export_has_the_interface_and_runs_in_wasmtime() -> anyhow::Result<()> {
    let workload = workload()?;
    let workbench = with_samples();
    let exported = export(&workbench, workload.folder(), ExportForm::Wasm { entry: None }).await;
    let names = ["test:things/types", "test:things/api"].map(str::to_owned).to_vec();
    assert_eq!(ports(first(&exported)).await, (vec![], names.clone()));
    let source = export(&workbench, workload.folder(), ExportForm::Wac { entry: None }).await;
    let (imports, mut exports) = ports(&composed(&source)?).await;
    exports.sort_by_key(|name| names.iter().position(|known| known == name));
    assert_eq!((imports, exports), (vec![], names));

    let Some(exile) = Exile::new(&exported)? else { return Ok(()) };
    let turned = exile.call_with("", "turned({a: {x: 1, y: 2}, b: {x: 3, y: 4}})")?.0;
    assert_eq!(turned, "{a: {x: 3, y: 4}, b: {x: 1, y: 2}}");
    assert_eq!(exile.call_with("", "there-and-back({x: 5, y: 6})")?.0, "{x: 5, y: 6}");
    Ok(())
}
