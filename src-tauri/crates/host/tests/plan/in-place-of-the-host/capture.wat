(component
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (instance $wasi-cli-stdout-0-2-12 (export "f" (func $f)))
  (export "wasi:cli/stdout@0.2.12" (instance $wasi-cli-stdout-0-2-12)))
