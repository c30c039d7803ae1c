(component
  (import "math:ops/square" (instance (export "f" (func)))))
