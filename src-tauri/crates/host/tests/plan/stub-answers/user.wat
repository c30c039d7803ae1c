(component
  (import "acme:store/store@1.0.0" (instance
    (export "bucket" (type $bucket (sub resource)))
    (export "count" (func (result u32)))
    (export "flush" (func))
    (export "forget" (func))
    (export "open" (func (param "name" string) (result (own $bucket))))
    (export "[method]bucket.name" (func (param "self" (borrow $bucket)) (result string)))
    (export "[method]bucket.size" (func (param "self" (borrow $bucket)) (result (option u8))))))
  (import "log" (func (param "text" string))))
