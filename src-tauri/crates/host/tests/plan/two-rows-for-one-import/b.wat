(component
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (instance $math-ops-square-1-0-0 (export "f" (func $f)))
  (export "math:ops/square@1.0.0" (instance $math-ops-square-1-0-0)))
