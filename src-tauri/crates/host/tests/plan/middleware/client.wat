(component
  (import "acme:http/filter" (instance (export "f" (func)))))
