//! Asynchronous functions, several at once.

use wasmtime::component::Val;

use super::lab::{Lab, Live, guest};
use crate::probe::held::{Decider, Decision};

const WIT: &str = "package t:p;
    interface slow {
        repeat: async func(turns: u32, text: string) -> string;
        pass: async func(bytes: stream<u8>) -> stream<u8>;
        many: async func(a: u64, b: f32, c: option<f64>, d: string, e: u8) -> tuple<string, u64>;
        shout: func(text: string) -> string;
    }
    interface run {
        together: async func(count: u32) -> u32;
        through: async func() -> u32;
        many: async func() -> u32;
        quit: async func() -> u32;
        shout: func(times: u32) -> u32;
    }
    world provider { export slow; }
    world front { import slow; export run; }";

/// `repeat` takes so many turns, in which others have theirs.
const PROVIDER: &str = r#"(module
    (import "[export]t:p/slow" "[task-return]repeat" (func $repeated (param i32 i32)))
    (import "[export]t:p/slow" "[task-return]pass" (func $passed (param i32)))
    (import "[export]t:p/slow" "[task-return]many" (func $many (param i32 i32 i64)))
    (import "[export]$root" "[task-cancel]" (func $cancel))
    (import "$root" "[context-set-0]" (func $set (param i32)))
    (import "$root" "[context-get-0]" (func $get (result i32)))
    (memory (export "memory") 100)
    (global $top (mut i32) (i32.const 1024))
    (func $take (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
        (global.get $top)
        (global.set $top (i32.add (global.get $top) (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8)))))
    (func (export "[async-lift]t:p/slow#repeat") (param i32 i32 i32) (result i32) (local $at i32)
        (local.set $at (call $take (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 12)))
        (i32.store (local.get $at) (local.get 0))
        (i32.store offset=4 (local.get $at) (local.get 1))
        (i32.store offset=8 (local.get $at) (local.get 2))
        (call $set (local.get $at))
        (i32.const 1))
    (func (export "[callback][async-lift]t:p/slow#repeat") (param i32 i32 i32) (result i32) (local $at i32)
        (if (i32.eq (local.get 0) (i32.const 6)) (then (call $cancel) (return (i32.const 0))))
        (local.set $at (call $get))
        (i32.store (local.get $at) (i32.sub (i32.load (local.get $at)) (i32.const 1)))
        (if (result i32) (i32.eqz (i32.load (local.get $at)))
            (then
                (call $repeated (i32.load offset=4 (local.get $at)) (i32.load offset=8 (local.get $at)))
                (i32.const 0))
            (else (i32.const 1))))
    (func (export "t:p/slow#shout") (param i32 i32) (result i32)
        (i32.store (i32.const 8) (local.get 0)) (i32.store (i32.const 12) (local.get 1)) (i32.const 8))
    (func (export "[async-lift]t:p/slow#pass") (param i32) (result i32) (call $passed (local.get 0)) (i32.const 0))
    (func (export "[callback][async-lift]t:p/slow#pass") (param i32 i32 i32) (result i32) unreachable)
    (func (export "[async-lift]t:p/slow#many") (param i64 f32 i32 f64 i32 i32 i32) (result i32)
        (call $many (local.get 4) (local.get 5)
            (i64.add
                (i64.add (local.get 0) (i64.trunc_f32_u (local.get 1)))
                (i64.add
                    (i64.mul (i64.extend_i32_u (local.get 2)) (i64.trunc_f64_u (local.get 3)))
                    (i64.extend_i32_u (local.get 6)))))
        (i32.const 0))
    (func (export "[callback][async-lift]t:p/slow#many") (param i32 i32 i32) (result i32) unreachable))"#;

/// `together` begins all calls and then waits for them; it gives the sum of the lengths of what comes back.
const FRONT: &str = r#"(module
    (import "t:p/slow" "[async-lower]repeat" (func $repeat (param i32 i32 i32 i32) (result i32)))
    (import "t:p/slow" "repeat" (func $repeat-now (param i32 i32 i32 i32)))
    (import "$root" "[subtask-cancel]" (func $cancel (param i32) (result i32)))
    (import "[export]t:p/run" "[task-return]quit" (func $quit (param i32)))
    (import "t:p/slow" "shout" (func $shout (param i32 i32 i32)))
    (import "t:p/slow" "pass" (func $pass (param i32) (result i32)))
    (import "t:p/slow" "many" (func $many (param i64 f32 i32 f64 i32 i32 i32 i32)))
    (import "t:p/slow" "[stream-new-0]pass" (func $new (result i64)))
    (import "t:p/slow" "[async-lower][stream-write-0]pass" (func $write (param i32 i32 i32) (result i32)))
    (import "t:p/slow" "[async-lower][stream-read-0]pass" (func $read (param i32 i32 i32) (result i32)))
    (import "[export]t:p/run" "[task-return]together" (func $together (param i32)))
    (import "[export]t:p/run" "[task-return]through" (func $through (param i32)))
    (import "[export]t:p/run" "[task-return]many" (func $done (param i32)))
    (import "$root" "[waitable-set-new]" (func $set (result i32)))
    (import "$root" "[waitable-join]" (func $join (param i32 i32)))
    (import "$root" "[subtask-drop]" (func $drop (param i32)))
    (memory (export "memory") 100)
    (data (i32.const 16) "abcdefghijklmnopqrstuvwxyz")
    (global $top (mut i32) (i32.const 4096))
    (global $waiting (mut i32) (i32.const 0))
    (global $all (mut i32) (i32.const 0))
    (global $waits (mut i32) (i32.const 0))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
        (global.get $top)
        (global.set $top (i32.add (global.get $top) (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8)))))
    (func $finish (param $count i32) (local $at i32) (local $sum i32)
        (block (loop
            (br_if 1 (i32.eq (local.get $at) (local.get $count)))
            (local.set $sum (i32.add (local.get $sum)
                (i32.load offset=1028 (i32.mul (i32.const 8) (local.get $at)))))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br 0)))
        (call $together (local.get $sum)))
    (func (export "[async-lift]t:p/run#together") (param $count i32) (result i32) (local $at i32) (local $status i32)
        (global.set $all (local.get $count))
        (global.set $waits (call $set))
        (block (loop
            (br_if 1 (i32.eq (local.get $at) (local.get $count)))
            (local.set $status (call $repeat
                (i32.add (local.get $at) (i32.const 1))
                (i32.const 16) (i32.add (local.get $at) (i32.const 1))
                (i32.add (i32.const 1024) (i32.mul (i32.const 8) (local.get $at)))))
            (if (i32.ne (i32.and (local.get $status) (i32.const 15)) (i32.const 2)) (then
                (global.set $waiting (i32.add (global.get $waiting) (i32.const 1)))
                (call $join (i32.shr_u (local.get $status) (i32.const 4)) (global.get $waits))))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br 0)))
        (i32.or (i32.const 2) (i32.shl (global.get $waits) (i32.const 4))))
    (func (export "[callback][async-lift]t:p/run#together") (param i32 i32 i32) (result i32)
        (if (i32.eq (local.get 2) (i32.const 2)) (then
            (call $drop (local.get 1))
            (global.set $waiting (i32.sub (global.get $waiting) (i32.const 1)))))
        (if (result i32) (global.get $waiting)
            (then (i32.or (i32.const 2) (i32.shl (global.get $waits) (i32.const 4))))
            (else (call $finish (global.get $all)) (i32.const 0))))
    (func (export "[async-lift]t:p/run#through") (result i32) (local $ends i64) (local $end i32)
        (local.set $ends (call $new))
        (local.set $end (call $pass (i32.wrap_i64 (local.get $ends))))
        ;; What is written waits until it is read.
        (if (i32.ne (i32.const -1)
                (call $write (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))) (i32.const 16) (i32.const 4)))
            (then unreachable))
        (drop (call $read (local.get $end) (i32.const 512) (i32.const 4)))
        (call $through (i32.load (i32.const 512)))
        (i32.const 0))
    (func (export "[callback][async-lift]t:p/run#through") (param i32 i32 i32) (result i32) unreachable)
;; How many bytes came back.
    (func (export "t:p/run#shout") (param $times i32) (result i32) (local $sum i32)
        (block (loop
            (br_if 1 (i32.eqz (local.get $times)))
            (call $shout (i32.const 16) (i32.const 26) (i32.const 1024))
            (local.set $sum (i32.add (local.get $sum) (i32.load offset=1028 (i32.const 0))))
            (local.set $times (i32.sub (local.get $times) (i32.const 1)))
            (br 0)))
        (local.get $sum))
    ;; Ten times how the call ended that is cancelled, and the length of what comes of another.
    (func (export "[async-lift]t:p/run#quit") (result i32) (local $call i32) (local $status i32)
        (local.set $call (i32.shr_u
            (call $repeat (i32.const 1000000) (i32.const 16) (i32.const 9) (i32.const 1024)) (i32.const 4)))
        (local.set $status (call $cancel (local.get $call)))
        (call $drop (local.get $call))
        (call $repeat-now (i32.const 3) (i32.const 16) (i32.const 5) (i32.const 1024))
        (call $quit (i32.add (i32.mul (local.get $status) (i32.const 10)) (i32.load offset=1028 (i32.const 0))))
        (i32.const 0))
    (func (export "[callback][async-lift]t:p/run#quit") (param i32 i32 i32) (result i32) unreachable)
    (func (export "[async-lift]t:p/run#many") (result i32)
        (call $many (i64.const 7) (f32.const 8) (i32.const 1) (f64.const 10) (i32.const 16) (i32.const 3) (i32.const 5)
            (i32.const 1024))
        (call $done (i32.add (i32.load offset=1028 (i32.const 0)) (i32.load offset=1032 (i32.const 0))))
        (i32.const 0))
    (func (export "[callback][async-lift]t:p/run#many") (param i32 i32 i32) (result i32) unreachable))"#;

const RUN: &str = "t:p/run";

fn lab() -> Lab {
    let components = [("slow", guest(WIT, "provider", PROVIDER)), ("front", guest(WIT, "front", FRONT))];
    let lab = Lab::new(&components, |_| true);
    assert_eq!(lab.composition.unobserved, []);
    lab
}

/// In which order calls begin that do not wait is not said.
fn sorted(live: &Live) -> Vec<String> {
    let mut spans = live.spans();
    spans.sort();
    spans
}

#[tokio::test]
async fn calls_that_overlap_are_told_apart() {
    let mut live = lab().live().await;
    assert_eq!(live.call(RUN, "together", &[Val::U32(4)]).await.unwrap(), Some(Val::U32(10)));
    assert_eq!(
        sorted(&live),
        [
            "slow slow#repeat(1, \"a\") = \"a\"",
            "slow slow#repeat(2, \"ab\") = \"ab\"",
            "slow slow#repeat(3, \"abc\") = \"abc\"",
            "slow slow#repeat(4, \"abcd\") = \"abcd\"",
        ]
    );
}

#[tokio::test]
async fn a_stream_goes_through_unharmed() {
    let mut live = lab().live().await;
    let bytes = u32::from_le_bytes(*b"abcd");
    assert_eq!(live.call(RUN, "through", &[]).await.unwrap(), Some(Val::U32(bytes)));
    assert_eq!(live.spans(), ["slow slow#pass(stream) = stream"]);
}

#[tokio::test]
async fn arguments_that_are_passed_in_memory_on_one_side_arrive() {
    let mut live = lab().live().await;
    // 7 + 8 + 10 + 5, and the length of the string.
    assert_eq!(live.call(RUN, "many", &[]).await.unwrap(), Some(Val::U32(33)));
    assert_eq!(live.spans(), ["slow slow#many(7, 8, some(10), \"abc\", 5) = (\"abc\", 30)"]);
}

#[tokio::test]
async fn held_calls_are_answered_and_changed_while_others_go_on() {
    let mut live = lab().live().await;
    live.store.data_mut().probing.hold_all(Decider::new(|span| {
        Box::pin(async move {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            match span {
                1 => Decision::Answer(Some(Val::String("a long answer".into()))),
                2 => Decision::Change(vec![Val::U32(1), Val::String("other".into())]),
                _ => Decision::Continue,
            }
        })
    }));
    assert_eq!(live.call(RUN, "together", &[Val::U32(3)]).await.unwrap(), Some(Val::U32(21)));
    assert_eq!(
        sorted(&live),
        [
            "slow slow#repeat(1, \"a\") = \"a long answer\"",
            "slow slow#repeat(2, \"ab\") = \"other\"",
            "slow slow#repeat(3, \"abc\") = \"abc\"",
        ]
    );
}

#[tokio::test]
async fn a_call_that_is_cancelled_leaves_the_probe_in_order() {
    let mut live = lab().live().await;
    // Cancelled before it began to run, or before it returned.
    let result = live.call(RUN, "quit", &[]).await.unwrap();
    assert!(matches!(result, Some(Val::U32(35 | 45))), "{result:?}");
    assert_eq!(live.spans().last().unwrap(), "slow slow#repeat(3, \"abcde\") = \"abcde\"");
    assert_eq!(live.call(RUN, "together", &[Val::U32(4)]).await.unwrap(), Some(Val::U32(10)));
}

#[tokio::test]
async fn memory_does_not_grow_with_the_number_of_calls() {
    let mut live = lab().live().await;
    live.call(RUN, "together", &[Val::U32(9)]).await.unwrap();
    let before = live.store.data().limiter.memory_in_bytes;
    for _ in 0..1000 {
        live.call(RUN, "many", &[]).await.unwrap();
    }
    // Nor with those of synchronous functions beside them.
    assert_eq!(live.call(RUN, "shout", &[Val::U32(8000)]).await.unwrap(), Some(Val::U32(8000 * 26)));
    assert_eq!(live.store.data().limiter.memory_in_bytes, before);
}
