(component
  (core module $m (memory (export "mem") 1) (func (export "f") (result i32) i32.const 0))
  (core instance $i (instantiate $m))
  (import "get" (func (result u32))))
