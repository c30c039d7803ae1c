;; A service that traps in a function with a name.
(component
  (core module $m
    (func $fall_over unreachable)
    (func (export "run") (result i32) (call $fall_over) (i32.const 0)))
  (core instance $i (instantiate $m))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $out (export "run" (func $run)))
  (export "wasi:cli/run@0.2.6" (instance $out)))
