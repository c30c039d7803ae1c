(component
  (import "wasi:cli/stdout@0.2.3" (instance (export "f" (func))))
  (import "wasi:cli/stdout@0.3.0" (instance (export "f" (func)))))
