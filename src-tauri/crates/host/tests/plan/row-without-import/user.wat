(component
  (import "math:ops/square@1.0.0" (instance (export "f" (func))))
  (import "math:ops/square@2.0.0" (instance (export "f" (func))))
  (import "math:ops/types" (instance (type $r (record (field "x" u8))) (export "r" (type (eq $r))))))
