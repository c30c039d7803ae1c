(component
  (import "x:x/c" (instance (export "f" (func))))
  (import "x:x/between" (instance (export "f" (func))))
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (instance $x-x-d (export "f" (func $f)))
  (export "x:x/d" (instance $x-x-d)))
