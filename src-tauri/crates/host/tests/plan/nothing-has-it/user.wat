(component
  (import "acme:store/bucket@0.1.0" (instance (export "open" (func)) (export "get" (func))))
  (import "log" (func)))
