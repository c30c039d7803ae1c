;; Needs the circle, but is not part of it.
(component
  (import "x:x/a" (instance (export "f" (func)))))
