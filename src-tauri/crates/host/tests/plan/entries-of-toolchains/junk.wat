;; What componentize-qjs and componentize-py leave behind, beside an export of the component's own.
(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 0)
    (func (export "qjs") (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32) i32.const 0)
    (func (export "py") (param i32 i32 i32))
    (func (export "own"))
    (@producers (language "Rust" "")))
  (core instance $i (instantiate $m))
  (func $qjs
    (param "shim" string) (param "script" string) (param "entry-path" (option string)) (param "disable-gc" bool)
    (result (result (error string)))
    (canon lift (core func $i "qjs") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (func $py (param "app-name" u32) (param "symbols" u32) (param "stub-wasi" bool)
    (canon lift (core func $i "py")))
  (func $own (canon lift (core func $i "own")))
  (instance $exports (export "init" (func $py)))
  (export "init" (func $qjs))
  (export "exports" (instance $exports))
  (export "own" (func $own)))
