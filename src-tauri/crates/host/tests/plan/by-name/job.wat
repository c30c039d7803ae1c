(component
  (import "wasi:cli/stderr@0.2.6" (instance (export "f" (func))))
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (instance $acme-cron-job (export "invoke" (func $f)))
  (export "acme:cron/job" (instance $acme-cron-job)))
