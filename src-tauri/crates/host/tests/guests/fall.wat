;; A counter that falls over.
(component
  (core module $m
    (func $fall_over unreachable)
    (func $"test:guest/counter#next" (export "next") (result i32) (call $fall_over) (i32.const 0)))
  (core instance $i (instantiate $m))
  (func $next (result u32) (canon lift (core func $i "next")))
  (instance $out (export "next" (func $next)))
  (export "test:guest/counter" (instance $out)))
