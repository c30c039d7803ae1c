(component
  (import "math:ops/square@1.0.0" (instance (export "f" (func))))
  (import "wasi:cli/stdout@0.2.6" (instance (export "f" (func))))
  (import "log" (func)))
