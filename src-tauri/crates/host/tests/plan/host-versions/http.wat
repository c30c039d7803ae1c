(component
  (import "wasi:http/types@0.2.4" (instance (export "f" (func)))))
