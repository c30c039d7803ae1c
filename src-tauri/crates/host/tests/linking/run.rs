//! Links of every kind, called through.

use jackfield_protocol::{LinkTarget, Rule};

use crate::shared::{call, planned, started, wat, workload};

/// A component that exports `name` with a function `f` from number to number, which adds.
fn adds(name: &str, what: u32, more: &str) -> Vec<u8> {
    wat(&format!(
        r#"(component
          (core module $m (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const {what}))))
          (core instance $i (instantiate $m))
          (func $f (param "x" u32) (result u32) (canon lift (core func $i "f")))
          (instance $out (export "f" (func $f)) {more})
          (export "{name}" (instance $out)))"#
    ))
}

/// A component that imports `import` with such a function and exports `export` with one that calls it,
/// and multiplies what it gets.
fn multiplies(import: &str, export: &str, by: u32) -> Vec<u8> {
    wat(&format!(
        r#"(component
          (import "{import}" (instance $in (export "f" (func (param "x" u32) (result u32)))))
          (core func $in (canon lower (func $in "f")))
          (core module $m
            (import "in" "f" (func $in (param i32) (result i32)))
            (func (export "f") (param i32) (result i32)
              (i32.mul (call $in (local.get 0)) (i32.const {by}))))
          (core instance $i (instantiate $m (with "in" (instance (export "f" (func $in))))))
          (func $f (param "x" u32) (result u32) (canon lift (core func $i "f")))
          (instance $out (export "f" (func $f)))
          (export "{export}" (instance $out)))"#
    ))
}

/// Which rule links an import to which component.
fn link(loaded: &jackfield_host::workload::Loaded, consumer: &str, import: &str) -> (Rule, String) {
    let plan = planned(loaded);
    assert!(plan.is_runnable(), "{:#?}", plan.diagnostics);
    let link = plan.link(&consumer.into(), import).unwrap_or_else(|| panic!("{:#?}", plan.links));
    match &link.target {
        LinkTarget::Component { name, .. } => (link.why.rule, name.to_string()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_goes_through_two_in_a_chain_and_ends_at_the_last() {
    let loaded = workload(
        &[
            ("user", multiplies("t:p/f", "t:p/user", 1)),
            ("first", multiplies("t:p/f", "t:p/f", 100)),
            ("second", multiplies("t:p/f", "t:p/f", 3)),
            ("last", adds("t:p/f", 2, "")),
        ],
        "",
    );
    assert_eq!(link(&loaded, "user", "t:p/f"), (Rule::Chain, "first".into()));
    assert_eq!(link(&loaded, "first", "t:p/f"), (Rule::Chain, "second".into()));
    assert_eq!(link(&loaded, "second", "t:p/f"), (Rule::Chain, "last".into()));
    let running = started(loaded).await.expect("it runs");
    assert_eq!(call(&running, "user", "f", &["5"]).await, "2100");
    // Each is an entry of its own, although it imports what it exports.
    assert_eq!(call(&running, "second", "f", &["5"]).await, "21");
    assert_eq!(call(&running, "last", "f", &["5"]).await, "7");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_can_have_another_version_at_each_step() {
    let loaded = workload(
        &[
            ("user", multiplies("t:p/f@0.2.0", "t:p/user", 1)),
            ("first", multiplies("t:p/f@0.2.9", "t:p/f@0.2.1", 10)),
            ("last", adds("t:p/f@0.2.3", 2, "(export \"g\" (func $f))")),
            ("other", adds("t:p/f@0.3.0", 7, "")),
        ],
        "",
    );
    let running = started(loaded).await.expect("it runs");
    assert_eq!(call(&running, "user", "f", &["5"]).await, "70");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_consumer_runs_with_a_newer_provider() {
    let loaded = workload(
        &[
            ("user", multiplies("t:p/f@0.2.0", "t:p/user", 10)),
            ("newer", adds("t:p/f@0.2.3", 2, "(export \"g\" (func $f))")),
        ],
        "",
    );
    assert_eq!(link(&loaded, "user", "t:p/f@0.2.0"), (Rule::CompatibleVersion, "newer".into()));
    let running = started(loaded).await.expect("it runs");
    assert_eq!(call(&running, "user", "f", &["1"]).await, "30");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_versions_the_highest_answers() {
    let loaded = workload(
        &[
            ("user", multiplies("t:p/f@1.0.0", "t:p/user", 1)),
            ("exact", adds("t:p/f@1.0.0", 10, "")),
            ("highest", adds("t:p/f@1.10.0", 20, "")),
            ("higher", adds("t:p/f@1.9.0", 30, "")),
        ],
        "",
    );
    assert_eq!(link(&loaded, "user", "t:p/f@1.0.0"), (Rule::HighestVersion, "highest".into()));
    let running = started(loaded).await.expect("it runs");
    assert_eq!(call(&running, "user", "f", &["1"]).await, "21");
}

#[tokio::test(flavor = "multi_thread")]
async fn bare_functions_are_linked_by_name_and_type() {
    let user = wat(r#"(component
        (import "twice" (func $twice (param "x" u32) (result u32)))
        (core func $twice' (canon lower (func $twice)))
        (core module $m
          (import "" "twice" (func $twice (param i32) (result i32)))
          (func (export "f") (param i32) (result i32) (call $twice (call $twice (local.get 0)))))
        (core instance $i (instantiate $m (with "" (instance (export "twice" (func $twice'))))))
        (func $f (param "x" u32) (result u32) (canon lift (core func $i "f")))
        (export "four-times" (func $f)))"#);
    let twice = |param: &str| {
        wat(&format!(
            r#"(component
            (core module $m (func (export "f") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))
            (core instance $i (instantiate $m))
            (func $f (param "x" {param}) (result u32) (canon lift (core func $i "f")))
            (export "twice" (func $f)))"#
        ))
    };
    let loaded = workload(&[("user", user), ("signed", twice("s32")), ("twice", twice("u32"))], "");
    assert_eq!(link(&loaded, "user", "twice"), (Rule::SameName, "twice".into()));
    let not_taken = &planned(&loaded).links[0].why.not_taken;
    assert_eq!(
        not_taken[0].to_string(),
        "`twice` of `signed` (its types differ: parameter `x`: wanted u32, has s32)"
    );
    let running = started(loaded).await.expect("it runs");
    assert_eq!(call(&running, "user", "four-times", &["5"]).await, "20");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_versions_of_one_import_share_one_instance() {
    let counter = wat(r#"(component
        (core module $m (global $n (mut i32) (i32.const 0))
          (func (export "f") (param i32) (result i32)
            (global.set $n (i32.add (global.get $n) (local.get 0))) (global.get $n)))
        (core instance $i (instantiate $m))
        (func $f (param "x" u32) (result u32) (canon lift (core func $i "f")))
        (instance $out (export "f" (func $f)))
        (export "t:p/f@1.2.0" (instance $out)))"#);
    let top = wat(r#"(component
        (import "t:p/left" (instance $l (export "f" (func (param "x" u32) (result u32)))))
        (import "t:p/right" (instance $r (export "f" (func (param "x" u32) (result u32)))))
        (core func $l (canon lower (func $l "f")))
        (core func $r (canon lower (func $r "f")))
        (core module $m
          (import "" "l" (func $l (param i32) (result i32)))
          (import "" "r" (func $r (param i32) (result i32)))
          (func (export "f") (param i32) (result i32)
            (drop (call $l (local.get 0))) (call $r (local.get 0))))
        (core instance $i (instantiate $m (with "" (instance (export "l" (func $l)) (export "r" (func $r))))))
        (func $f (param "x" u32) (result u32) (canon lift (core func $i "f")))
        (export "top" (func $f)))"#);
    let loaded = workload(
        &[
            ("top", top),
            ("left", multiplies("t:p/f@1.0.0", "t:p/left", 1)),
            ("right", multiplies("t:p/f@1.1.0", "t:p/right", 1)),
            ("counter", counter),
        ],
        "",
    );
    let running = started(loaded).await.expect("it runs");
    // Left counted to 4, right on the same counter to 8.
    assert_eq!(call(&running, "top", "top", &["4"]).await, "8");
}

/// Makes resources that remember a number.
pub(crate) fn shelf(version: &str) -> Vec<u8> {
    wat(&format!(
        r#"(component
        (type $r' (resource (rep i32)))
        (export $r "r" (type $r'))
        (core func $new (canon resource.new $r'))
        (core module $m
          (import "" "new" (func $new (param i32) (result i32)))
          (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
          (func (export "get") (param i32) (result i32) (local.get 0)))
        (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
        (func $make (param "x" u32) (result (own $r')) (canon lift (core func $i "make")))
        (func $get (param "self" (borrow $r')) (result u32) (canon lift (core func $i "get")))
        (component $c
          (import "r" (type $r (sub resource)))
          (import "make" (func $make (param "x" u32) (result (own $r))))
          (import "get" (func $get (param "self" (borrow $r)) (result u32)))
          (export $r2 "r" (type $r))
          (export "make" (func $make) (func (param "x" u32) (result (own $r2))))
          (export "[method]r.get" (func $get) (func (param "self" (borrow $r2)) (result u32))))
        (instance $out (instantiate $c
          (with "r" (type $r')) (with "make" (func $make)) (with "get" (func $get))))
        (export "t:p/shelf{version}" (instance $out)))"#
    ))
}

/// Imports a shelf and hands its resources on as they are, with a larger number in them.
pub(crate) fn larger(version: &str) -> Vec<u8> {
    wat(&format!(
        r#"(component
        (import "t:p/shelf{version}" (instance $in
          (export "r" (type $r (sub resource)))
          (export "make" (func (param "x" u32) (result (own $r))))
          (export "[method]r.get" (func (param "self" (borrow $r)) (result u32)))))
        (alias export $in "r" (type $r))
        (alias export $in "[method]r.get" (func $get))
        (core func $make' (canon lower (func $in "make")))
        (core module $m
          (import "" "make" (func $make (param i32) (result i32)))
          (func (export "make") (param i32) (result i32)
            (call $make (i32.add (local.get 0) (i32.const 1000)))))
        (core instance $i (instantiate $m (with "" (instance (export "make" (func $make'))))))
        (func $make (param "x" u32) (result (own $r)) (canon lift (core func $i "make")))
        (component $c
          (import "r" (type $r (sub resource)))
          (import "make" (func $make (param "x" u32) (result (own $r))))
          (import "get" (func $get (param "self" (borrow $r)) (result u32)))
          (export $r2 "r" (type $r))
          (export "make" (func $make) (func (param "x" u32) (result (own $r2))))
          (export "[method]r.get" (func $get) (func (param "self" (borrow $r2)) (result u32))))
        (instance $out (instantiate $c
          (with "r" (type $r)) (with "make" (func $make)) (with "get" (func $get))))
        (export "t:p/shelf{version}" (instance $out)))"#
    ))
}

/// Makes a resource, and asks it for its number.
pub(crate) fn asker(version: &str) -> Vec<u8> {
    wat(&format!(
        r#"(component
        (import "t:p/shelf{version}" (instance $in
          (export "r" (type $r (sub resource)))
          (export "make" (func (param "x" u32) (result (own $r))))
          (export "[method]r.get" (func (param "self" (borrow $r)) (result u32)))))
        (alias export $in "r" (type $r))
        (core func $make (canon lower (func $in "make")))
        (core func $get (canon lower (func $in "[method]r.get")))
        (core func $drop (canon resource.drop $r))
        (core module $m
          (import "" "make" (func $make (param i32) (result i32)))
          (import "" "get" (func $get (param i32) (result i32)))
          (import "" "drop" (func $drop (param i32)))
          (func (export "f") (param i32) (result i32) (local $h i32)
            (local.set $h (call $make (local.get 0)))
            (call $get (local.get $h))
            (call $drop (local.get $h))))
        (core instance $i (instantiate $m (with "" (instance
          (export "make" (func $make)) (export "get" (func $get)) (export "drop" (func $drop))))))
        (func $f (param "x" u32) (result u32) (canon lift (core func $i "f")))
        (export "ask" (func $f)))"#
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_pass_through_a_chain_of_versions() {
    let loaded = workload(
        &[
            ("asker", asker("@0.2.0")),
            ("outer", larger("@0.2.1")),
            ("inner", larger("@0.2.7")),
            ("shelf", shelf("@0.2.3")),
        ],
        "",
    );
    assert_eq!(link(&loaded, "asker", "t:p/shelf@0.2.0"), (Rule::Chain, "outer".into()));
    let running = started(loaded).await.expect("it runs");
    assert_eq!(call(&running, "asker", "ask", &["7"]).await, "2007");
}
