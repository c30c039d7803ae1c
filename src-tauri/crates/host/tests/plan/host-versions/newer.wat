(component
  (import "wasi:cli/stdout@0.2.99" (instance (export "f" (func)))))
