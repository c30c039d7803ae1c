(component
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (instance $wasi-http-incoming-handler-0-2-6 (export "handle" (func $f)))
  (export "wasi:http/incoming-handler@0.2.6" (instance $wasi-http-incoming-handler-0-2-6)))
