(component
  (import "math:ops/square@1.0.0" (instance (export "square" (func)) (export "cube" (func)))))
