(component
  (core module $m (memory (export "mem") 1) (func (export "f") (result i32) i32.const 0))
  (core instance $i (instantiate $m))
  (import "wasi:cli/stdout@0.2.3" (instance (export "f" (func (result u32)))))
  (func $f (result u32) (canon lift (core func $i "f")))
  (instance $o (export "f" (func $f)))
  (export "wasi:cli/stdout@0.2.3" (instance $o)))
