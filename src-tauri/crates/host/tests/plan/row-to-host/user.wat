(component
  (import "wasi:cli/stdout@0.2.12" (instance (export "f" (func))))
  (import "wasi:cli/stdout@0.4.0" (instance (export "f" (func))))
  (import "math:ops/square" (instance (export "f" (func))))
  (import "log" (func)))
