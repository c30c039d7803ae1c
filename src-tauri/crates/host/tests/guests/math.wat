;; Functions to be called: one that answers, one that never does.
(component
  (core module $m
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "spin") (loop $again (br $again))))
  (core instance $i (instantiate $m))
  (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
  (func $spin (canon lift (core func $i "spin")))
  (instance $out (export "add" (func $add)) (export "spin" (func $spin)))
  (export "test:guest/math" (instance $out)))
