//! How calls end, where their results are not looked at.

use jackfield_protocol::{Outcome, ProbeLevel};
use wasmtime::component::Val;

use super::lab::{Lab, guest};

const WIT: &str = "package t:p;
    interface may {
        type outcome = result<u32, string>;
        flat: func(fails: bool) -> result;
        wide: func(fails: bool) -> outcome;
        other: func(some: bool) -> option<u32>;
    }
    interface later { use may.{outcome}; late: async func(fails: bool) -> outcome; }
    interface run { all: async func(fails: bool) -> u32; }
    world provider { export may; export later; }
    world front { import may; import later; export run; }";

const PROVIDER: &str = r#"(module
    (import "[export]t:p/later" "[task-return]late" (func $late (param i32 i32 i32)))
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "t:p/may#flat") (param i32) (result i32) (local.get 0))
    (func (export "t:p/may#wide") (param i32) (result i32)
        (i32.store (i32.const 16) (local.get 0)) (i32.const 16))
    (func (export "[async-lift]t:p/later#late") (param i32) (result i32)
        (call $late (local.get 0) (i32.const 0) (i32.const 0)) (i32.const 0))
    (func (export "[callback][async-lift]t:p/later#late") (param i32 i32 i32) (result i32) unreachable)
    (func (export "t:p/may#other") (param i32) (result i32)
        (i32.store (i32.const 16) (local.get 0)) (i32.const 16)))"#;

const FRONT: &str = r#"(module
    (import "t:p/may" "flat" (func $flat (param i32) (result i32)))
    (import "t:p/may" "wide" (func $wide (param i32 i32)))
    (import "t:p/later" "late" (func $late (param i32 i32)))
    (import "t:p/may" "other" (func $other (param i32 i32)))
    (import "[export]t:p/run" "[task-return]all" (func $done (param i32)))
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "[async-lift]t:p/run#all") (param i32) (result i32)
        (drop (call $flat (local.get 0)))
        (call $wide (local.get 0) (i32.const 16))
        (call $late (local.get 0) (i32.const 32))
        (call $other (local.get 0) (i32.const 48))
        (call $done (i32.const 1))
        (i32.const 0))
    (func (export "[callback][async-lift]t:p/run#all") (param i32 i32 i32) (result i32) unreachable))"#;

#[tokio::test]
async fn errors_are_told_also_where_only_times_are_observed() {
    let lab = Lab::new(
        &[("provider", guest(WIT, "provider", PROVIDER)), ("front", guest(WIT, "front", FRONT))],
        |_| true,
    );
    for level in [ProbeLevel::Timing, ProbeLevel::Values] {
        for fails in [false, true] {
            let mut live = lab.live_at(level).await;
            let result = live.call("t:p/run", "all", &[Val::Bool(fails)]).await.expect("a result");
            assert_eq!(result, Some(Val::U32(1)));
            let outcome = if fails { Outcome::Error } else { Outcome::Ok };
            // An option that is some is no error.
            let expected = [outcome.clone(), outcome.clone(), outcome, Outcome::Ok];
            assert_eq!(live.outcomes(), expected, "{level:?}, {fails}");
        }
    }
}
