;; Functions `init` that somebody has made, one of them with the parameters of a toolchain's.
(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 0)
    (func (export "init") (param i32 i32 i32 i32 i32 i32 i32 i32))
    (func (export "py"))
    (@producers (language "Rust" "")))
  (core instance $i (instantiate $m))
  (func $init
    (param "shim" string) (param "script" string) (param "entry-path" (option string)) (param "disable-gc" bool)
    (canon lift (core func $i "init") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (func $py (canon lift (core func $i "py")))
  (instance $exports (export "init" (func $py)))
  (export "init" (func $init))
  (export "exports" (instance $exports)))
