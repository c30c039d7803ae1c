(component
  (core module $m (memory (export "mem") 1) (func (export "f") (result i32) i32.const 0))
  (core instance $i (instantiate $m))
  (func $f (result u32) (canon lift (core func $i "f")))
  (instance $o (export "f" (func $f)))
  (export "acme:log/sink@1.2.0+build.7" (instance $o)))
