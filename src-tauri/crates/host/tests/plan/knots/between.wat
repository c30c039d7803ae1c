(component
  (import "x:x/e" (instance (export "f" (func))))
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (instance $x-x-between (export "f" (func $f)))
  (export "x:x/between" (instance $x-x-between)))
