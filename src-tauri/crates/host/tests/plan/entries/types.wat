(component
  (type $t (record (field "x" u8)))
  (instance $i (export "t" (type $t)))
  (export "acme:tools/types" (instance $i)))
