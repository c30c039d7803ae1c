(component
  (core module $m (memory (export "mem") 1) (func (export "f") (result i32) i32.const 0))
  (core instance $i (instantiate $m))
  (import "acme:log/sink@0.1.0" (instance (export "f" (func (result u32)))))
  (import "acme:log/sink@0.0.1" (instance (export "f" (func (result u32)))))
  (import "acme:log/sink@0.2.0-rc.1" (instance (export "f" (func (result u32))))))
