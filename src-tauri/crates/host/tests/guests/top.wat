;; Uses both sides: ten times what the left one says, and what the right one says.
(component
  (import "test:guest/left" (instance $left (export "get" (func (result u32)))))
  (import "test:guest/right" (instance $right (export "get" (func (result u32)))))
  (core func $left (canon lower (func $left "get")))
  (core func $right (canon lower (func $right "get")))
  (core module $m
    (import "left" "get" (func $left (result i32)))
    (import "right" "get" (func $right (result i32)))
    (func (export "both") (result i32)
      (i32.add (i32.mul (call $left) (i32.const 10)) (call $right))))
  (core instance $i (instantiate $m
    (with "left" (instance (export "get" (func $left))))
    (with "right" (instance (export "get" (func $right))))))
  (func $both (result u32) (canon lift (core func $i "both")))
  (instance $out (export "both" (func $both)))
  (export "test:guest/top" (instance $out)))
