(component
  (core module $m (memory (export "mem") 1) (func (export "f") (result i32) i32.const 0))
  (core instance $i (instantiate $m))
  (import "wasi:cli/stdout@0.2.0" (instance (export "f" (func (result u32))))))
