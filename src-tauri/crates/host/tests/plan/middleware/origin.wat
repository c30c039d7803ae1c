(component
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (instance $acme-http-filter (export "f" (func $f)))
  (export "acme:http/filter" (instance $acme-http-filter)))
