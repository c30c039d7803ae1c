(component
  (core module $r (func (export "run") (result i32) (i32.const 0)))
  (core instance $ri (instantiate $r))
  (func $run (result (result)) (canon lift (core func $ri "run")))
  (instance $cli-run (export "run" (func $run)))
  (export "wasi:cli/run@0.1.0" (instance $cli-run)))
