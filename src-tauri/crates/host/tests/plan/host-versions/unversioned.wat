(component
  (import "wasi:cli/stdout" (instance (export "f" (func)))))
