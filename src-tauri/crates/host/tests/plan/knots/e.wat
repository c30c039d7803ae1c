(component
  (import "x:x/f" (instance (export "f" (func))))
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (instance $x-x-e (export "f" (func $f)))
  (export "x:x/e" (instance $x-x-e)))
