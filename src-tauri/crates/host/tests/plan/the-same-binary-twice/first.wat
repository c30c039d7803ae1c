(component
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (instance $math-ops-square (export "f" (func $f)))
  (export "math:ops/square" (instance $math-ops-square)))
