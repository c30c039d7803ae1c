(component
  (import "wasi:cli/stdout@0.3.0-rc-2025-09-16" (instance (export "f" (func)))))
