;; An interface called log is not the function log.
(component
  (core module $m (func (export "f")))
  (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f")))
  (instance $acme-log-log (export "f" (func $f)))
  (export "acme:log/log" (instance $acme-log-log)))
