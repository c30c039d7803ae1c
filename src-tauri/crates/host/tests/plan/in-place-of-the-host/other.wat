(component
  (import "wasi:cli/stdout@0.2.6" (instance (export "f" (func)))))
