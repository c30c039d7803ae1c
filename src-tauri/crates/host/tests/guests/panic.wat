;; Falls over as programs in Rust do, deep down, and ends itself.
(component
  (import "wasi:cli/exit@0.2.6" (instance $exit (export "exit" (func (param "status" (result))))))
  (core func $exit (canon lower (func $exit "exit")))
  (core module $m
    (import "exit" "exit" (func $exit (param i32)))
    (func $abort unreachable)
    (func $_ZN4core9panicking5panic17h0123456789abcdefE (call $abort))
    (func $_ZN5guest5crash17h0123456789abcdefE (call $_ZN4core9panicking5panic17h0123456789abcdefE))
    (func $deep (param i32)
      (if (local.get 0)
        (then (call $deep (i32.sub (local.get 0) (i32.const 1))))
        (else (call $_ZN5guest5crash17h0123456789abcdefE))))
    (func (export "crash") (call $deep (i32.const 19)))
    (func (export "leave") (call $exit (i32.const 1))))
  (core instance $host (export "exit" (func $exit)))
  (core instance $i (instantiate $m (with "exit" (instance $host))))
  (func (export "crash") (canon lift (core func $i "crash")))
  (func (export "leave") (canon lift (core func $i "leave"))))
