(component
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (instance $math-ops-square-root (export "f" (func $f)))
  (export "math:ops/square-root" (instance $math-ops-square-root)))
