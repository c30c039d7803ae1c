;; Passes on to another component what harms.
(component
  (import "test:guest/harm" (instance $harm (export "allocate" (func))))
  (core func $allocate (canon lower (func $harm "allocate")))
  (core module $m
    (import "harm" "allocate" (func $allocate))
    (memory 1)
    (func (export "pass") (call $allocate)))
  (core instance $i (instantiate $m (with "harm" (instance (export "allocate" (func $allocate))))))
  (func $pass (canon lift (core func $i "pass")))
  (export "pass" (func $pass)))
