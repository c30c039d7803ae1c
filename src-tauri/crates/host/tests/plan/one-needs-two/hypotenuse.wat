(component
  (import "math:ops/square" (instance (export "f" (func))))
  (import "math:ops/square-root" (instance (export "f" (func))))
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (instance $math-ops-hypotenuse (export "f" (func $f)))
  (export "math:ops/hypotenuse" (instance $math-ops-hypotenuse)))
