(component
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (instance $wasi-http-handler-0-3-0 (export "handle" (func $f)))
  (export "wasi:http/handler@0.3.0" (instance $wasi-http-handler-0-3-0)))
