;; One of two that use the counter.
(component
  (import "test:guest/counter" (instance $counter (export "next" (func (result u32)))))
  (core func $next (canon lower (func $counter "next")))
  (core module $m
    (import "counter" "next" (func $next (result i32)))
    (func (export "get") (result i32) (call $next)))
  (core instance $i (instantiate $m (with "counter" (instance (export "next" (func $next))))))
  (func $get (result u32) (canon lift (core func $i "get")))
  (instance $out (export "get" (func $get)))
  (export "test:guest/left" (instance $out)))
