//! Functions that are imported themselves, without an interface.

use wasmtime::component::Val;

use super::lab::{Lab, guest};

const WIT: &str = "package t:p;
    world provider {
        record point { x: u32, y: u32 }
        variant shape { dot(point), none }
        export twice: func(x: u32) -> u32;
        export shout: func(text: string) -> string;
        export flip: func(it: shape) -> point;
    }
    world front {
        record point { x: u32, y: u32 }
        variant shape { dot(point), none }
        import twice: func(x: u32) -> u32;
        import shout: func(text: string) -> string;
        import flip: func(it: shape) -> point;
        export go: func(x: u32, text: string) -> string;
        export more: func() -> u32;
    }";

const PROVIDER: &str = r#"(module
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
    (func (export "shout") (param i32 i32) (result i32)
        (i32.store (i32.const 8) (local.get 0)) (i32.store (i32.const 12) (local.get 1))
        (i32.store8 (local.get 0) (i32.const 65)) (i32.const 8))
    (func (export "flip") (param i32 i32 i32) (result i32)
        (i32.store (i32.const 8) (local.get 2)) (i32.store (i32.const 12) (local.get 1)) (i32.const 8)))"#;

const FRONT: &str = r#"(module
    (import "$root" "twice" (func $twice (param i32) (result i32)))
    (import "$root" "shout" (func $shout (param i32 i32 i32)))
    (import "$root" "flip" (func $flip (param i32 i32 i32 i32)))
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "go") (param i32 i32 i32) (result i32)
        (call $shout (local.get 1) (call $twice (local.get 0)) (i32.const 64)) (i32.const 64))
    (func (export "more") (result i32)
        (call $flip (i32.const 0) (i32.const 3) (i32.const 40) (i32.const 64))
        (i32.load (i32.const 64))))"#;

#[tokio::test]
async fn bare_functions_are_seen_too() {
    let components = [("provider", guest(WIT, "provider", PROVIDER)), ("front", guest(WIT, "front", FRONT))];
    let lab = Lab::new(&components, |_| true);
    assert_eq!(lab.composition.unobserved, []);
    let mut live = lab.live().await;
    let args = [Val::U32(2), Val::String("loud".into())];
    assert_eq!(live.call("", "go", &args).await.unwrap(), Some(Val::String("Aoud".into())));
    assert_eq!(live.call("", "more", &[]).await.unwrap(), Some(Val::U32(40)));
    assert_eq!(
        live.spans(),
        [
            "provider twice(2) = 4",
            "provider shout(\"loud\") = \"Aoud\"",
            "provider flip(dot({x: 3, y: 40})) = {x: 40, y: 3}",
        ]
    );
}
