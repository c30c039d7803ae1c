(component
  (import "acme:shapes/types" (instance (type $r (record (field "x" u8))) (export "r" (type (eq $r))))))
