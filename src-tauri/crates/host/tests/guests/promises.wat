;; Functions whose results have no text: a future, a list of streams, perhaps a future.
(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "make") (result i32) unreachable))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (type $future (future u32))
  (type $stream (stream u8))
  (type $streams (list $stream))
  (type $perhaps (option $future))
  (func $later (result $future) (canon lift (core func $i "make")))
  (func $many (result $streams) (canon lift (core func $i "make") (memory $memory)))
  (func $perhaps (result $perhaps) (canon lift (core func $i "make") (memory $memory)))
  (instance $out (export "later" (func $later)) (export "many" (func $many)) (export "perhaps" (func $perhaps)))
  (export "test:guest/promises" (instance $out)))
