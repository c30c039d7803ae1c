(component
  (import "x:x/a" (instance (export "f" (func))))
  (import "x:x/d" (instance (export "f" (func))))
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (instance $x-x-c (export "f" (func $f)))
  (export "x:x/c" (instance $x-x-c)))
