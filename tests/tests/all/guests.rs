//! Components too odd to be samples, written by hand.

/// A command whose `run` has this core body, which leaves 0 for success or 1 for failure.
pub(crate) fn command(body: &str) -> Vec<u8> {
    component(&format!(
        r#"(component
            (core module $code (func (export "run") (result i32) {body}))
            (core instance $instance (instantiate $code))
            (func $run (result (result)) (canon lift (core func $instance "run")))
            (instance $exports (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $exports)))"#
    ))
}

/// A command whose instance is never made, because its code computes for ever before it is called.
pub(crate) fn never_ready() -> Vec<u8> {
    component(
        r#"(component
            (core module $code
                (func $start (loop (br 0)))
                (start $start)
                (func (export "run") (result i32) unreachable))
            (core instance $instance (instantiate $code))
            (func $run (result (result)) (canon lift (core func $instance "run")))
            (instance $exports (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $exports)))"#,
    )
}

/// A command that exits with this code.
pub(crate) fn exiting(code: u8) -> Vec<u8> {
    component(&format!(
        r#"(component
            (import "wasi:cli/exit@0.2.0" (instance $exit
                (export "exit-with-code" (func (param "status-code" u8)))))
            (core func $exit (canon lower (func $exit "exit-with-code")))
            (core module $code
                (import "host" "exit" (func $exit (param i32)))
                (func (export "run") (result i32) (call $exit (i32.const {code})) unreachable))
            (core instance $host (export "exit" (func $exit)))
            (core instance $instance (instantiate $code (with "host" (instance $host))))
            (func $run (result (result)) (canon lift (core func $instance "run")))
            (instance $exports (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $exports)))"#
    ))
}

/// A component whose function adds to a number what the switches say, and what the list holds.
pub(crate) fn price() -> Vec<u8> {
    component(
        r#"(component
            (core module $code
                (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
                (func (export "price") (param $count i32) (param $gift i32)
                    (param $has-rush i32) (param $rush i32) (param $extras i32) (param $length i32) (result i32)
                    (local $sum i32)
                    (local.set $sum (local.get $count))
                    (if (local.get $gift) (then (local.set $sum (i32.add (local.get $sum) (i32.const 100)))))
                    (if (local.get $has-rush) (then (local.set $sum (i32.add (local.get $sum)
                        (select (i32.const 1000) (i32.const 2000) (local.get $rush))))))
                    (loop $next
                        (if (local.get $length) (then
                            (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $extras))))
                            (local.set $extras (i32.add (local.get $extras) (i32.const 4)))
                            (local.set $length (i32.sub (local.get $length) (i32.const 1)))
                            (br $next))))
                    (local.get $sum)))
            (core instance $instance (instantiate $code))
            (func (export "price") (param "count" u32) (param "gift" bool) (param "rush" (option bool))
                (param "extras" (list u32)) (result u32)
                (canon lift (core func $instance "price") (memory (core memory $instance "memory"))
                    (realloc (core func $instance "realloc")))))"#,
    )
}

/// A component that imports a function of `interface`, and has nothing to offer.
pub(crate) fn importer(interface: &str) -> Vec<u8> {
    component(&format!(r#"(component (import "{interface}" (instance (export "work" (func)))))"#))
}

/// A component that exports the function `work` in `interface`, and imports it as well if it is told to.
pub(crate) fn exporter(interface: &str, import: Option<&str>) -> Vec<u8> {
    let import = import
        .map(|name| format!(r#"(import "{name}" (instance (export "work" (func))))"#))
        .unwrap_or_default();
    component(&format!(
        r#"(component
            {import}
            (core module $code (func (export "work")))
            (core instance $instance (instantiate $code))
            (func $work (canon lift (core func $instance "work")))
            (instance $exports (export "work" (func $work)))
            (export "{interface}" (instance $exports)))"#
    ))
}

/// A command that prints `text` to its standard output in one piece, and returns. `text` is
/// written as in WAT: `\n`, `\1b`.
pub(crate) fn printer(text: &str) -> Vec<u8> {
    printing(text, "")
}

/// A command that prints `text` again and again, as fast as it can.
pub(crate) fn flood(text: &str) -> Vec<u8> {
    printing(text, "(br $again)")
}

fn printing(text: &str, then: &str) -> Vec<u8> {
    component(&format!(
        r#"(component
            (import "wasi:io/error@0.2.0" (instance $errors (export "error" (type (sub resource)))))
            (alias export $errors "error" (type $error))
            (import "wasi:io/streams@0.2.0" (instance $streams
                (export "output-stream" (type $stream (sub resource)))
                (alias outer 1 $error (type $outer-error))
                (export "error" (type $error (eq $outer-error)))
                (type $failure (variant (case "last-operation-failed" (own $error)) (case "closed")))
                (export "stream-error" (type $stream-error (eq $failure)))
                (export "[method]output-stream.blocking-write-and-flush"
                    (func (param "self" (borrow $stream)) (param "contents" (list u8))
                        (result (result (error $stream-error)))))))
            (alias export $streams "output-stream" (type $stream))
            (import "wasi:cli/stdout@0.2.0" (instance $stdout
                (alias outer 1 $stream (type $outer-stream))
                (export "output-stream" (type $stream (eq $outer-stream)))
                (export "get-stdout" (func (result (own $stream))))))
            (core module $memory-module (memory (export "memory") 1) (data (i32.const 64) "{text}"))
            (core instance $memory (instantiate $memory-module))
            (alias core export $memory "memory" (core memory $bytes))
            (core func $get (canon lower (func $stdout "get-stdout")))
            (core func $write (canon lower
                (func $streams "[method]output-stream.blocking-write-and-flush") (memory $bytes)))
            (core module $code
                (import "host" "get" (func $get (result i32)))
                (import "host" "write" (func $write (param i32 i32 i32 i32)))
                (func (export "run") (result i32)
                    (local $stream i32)
                    (local.set $stream (call $get))
                    (loop $again
                        (call $write (local.get $stream) (i32.const 64) (i32.const {length}) (i32.const 0))
                        {then})
                    (i32.const 0)))
            (core instance $host (export "get" (func $get)) (export "write" (func $write)))
            (core instance $instance (instantiate $code (with "host" (instance $host))))
            (func $run (result (result)) (canon lift (core func $instance "run")))
            (instance $exports (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $exports)))"#,
        length = length(text),
    ))
}

/// How many bytes a WAT string stands for, of which each escape (`\n`, `\1b`) is one.
fn length(text: &str) -> usize {
    let mut rest = text.chars();
    let mut count = 0;
    while let Some(c) = rest.next() {
        count += c.len_utf8();
        if c == '\\' && rest.next().is_some_and(|next| next.is_ascii_hexdigit()) {
            rest.next();
        }
    }
    count
}

fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the test's own component")
}
