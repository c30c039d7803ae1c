(component
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (instance $acme-tools-a (export "f" (func $f)))
  (export "acme:tools/a" (instance $acme-tools-a))
  (instance $acme-tools-b (export "f" (func $f)))
  (export "acme:tools/b" (instance $acme-tools-b))
  (export "c" (func $f)))
