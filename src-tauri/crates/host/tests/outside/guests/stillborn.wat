;; A service that traps while it is instantiated.
(component
  (core module $m
    (func $fall unreachable)
    (start $fall)
    (func (export "run") (result i32) (i32.const 0)))
  (core instance $i (instantiate $m))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $out (export "run" (func $run)))
  (export "wasi:cli/run@0.2.6" (instance $out)))
