(component
  (import "math:ops/square@1.0.0" (instance (export "f" (func))))
  (import "math:ops/cube" (instance (export "f" (func))))
  (import "log" (func)))
