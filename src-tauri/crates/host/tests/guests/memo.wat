;; Has a state: the calls that it took, and when it was made.
(component
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $p (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $p))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer 1 $pollable (type $outer))
    (export "pollable" (type $p (eq $outer)))
    (export "now" (func (result u64)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $p))))))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core func $now (canon lower (func $clock "now")))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))
  (core module $m
    (import "host" "block" (func $block (param i32)))
    (import "host" "subscribe" (func $subscribe (param i64) (result i32)))
    (import "host" "now" (func $now (result i64)))
    (global $count (mut i32) (i32.const 0))
    (global $born (mut i64) (i64.const 0))
    (func $begin (global.set $born (call $now)))
    (start $begin)
    (func $next (export "next") (result i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (global.get $count))
    ;; Counts, and answers a while later.
    (func (export "slowly") (param $nanos i64) (result i32) (local $count i32)
      (local.set $count (call $next))
      (call $block (call $subscribe (local.get $nanos)))
      (local.get $count))
    (func (export "age") (result i64) (i64.sub (call $now) (global.get $born)))
    (func (export "trap") unreachable)
    (func (export "spin") (loop $again (br $again))))
  (core instance $i (instantiate $m (with "host" (instance
    (export "block" (func $block)) (export "subscribe" (func $subscribe)) (export "now" (func $now))))))
  (func $next (result u32) (canon lift (core func $i "next")))
  (func $slowly (param "nanos" u64) (result u32) (canon lift (core func $i "slowly")))
  (func $age (result u64) (canon lift (core func $i "age")))
  (func $trap (canon lift (core func $i "trap")))
  (func $spin (canon lift (core func $i "spin")))
  (instance $out
    (export "next" (func $next)) (export "slowly" (func $slowly)) (export "age" (func $age))
    (export "trap" (func $trap)) (export "spin" (func $spin)))
  (export "test:guest/memo" (instance $out)))
