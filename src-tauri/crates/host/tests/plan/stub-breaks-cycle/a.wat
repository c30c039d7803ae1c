(component
  (import "x:x/b" (instance (export "f" (func))))
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (instance $x-x-a (export "f" (func $f)))
  (export "x:x/a" (instance $x-x-a)))
