;; Says ten times what another one says, whose answers may take their time.
(component
  (import "test:guest/oracle" (instance $oracle
    (export "ask" (func async (result u32)))
    (export "tell" (func (param "n" u32)))))
  (core func $ask (canon lower (func $oracle "ask")))
  (core func $tell (canon lower (func $oracle "tell")))
  (core module $m
    (import "oracle" "ask" (func $ask (result i32)))
    (import "oracle" "tell" (func $tell (param i32)))
    (func (export "get") (result i32) (i32.mul (call $ask) (i32.const 10)))
    (func (export "tell") (param i32) (call $tell (local.get 0))))
  (core instance $i (instantiate $m
    (with "oracle" (instance (export "ask" (func $ask)) (export "tell" (func $tell))))))
  (func $get async (result u32) (canon lift (core func $i "get")))
  (func $tell (param "n" u32) (canon lift (core func $i "tell")))
  (instance $out (export "get" (func $get)) (export "tell" (func $tell)))
  (export "test:guest/slow" (instance $out)))
