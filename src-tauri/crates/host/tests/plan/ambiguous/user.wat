(component
  (import "math:ops/square@1.0.0" (instance (export "f" (func)))))
