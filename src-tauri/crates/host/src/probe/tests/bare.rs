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

/// What is passed without an interface has its resources from one.
const THINGS: &str = "package t:p;
    interface things {
        resource thing { constructor(n: u32); value: func() -> u32; }
        record pair { one: thing, other: u32 }
    }
    world definer { export things; }
    world provider {
        use things.{thing, pair};
        export make: func(n: u32) -> thing;
        export read: func(it: borrow<thing>) -> u32;
        export both: func(it: pair) -> list<thing>;
    }
    world front {
        use things.{thing, pair};
        import make: func(n: u32) -> thing;
        import read: func(it: borrow<thing>) -> u32;
        import both: func(it: pair) -> list<thing>;
        export go: func(n: u32) -> u32;
    }";

const DEFINER: &str = r#"(module
    (import "[export]t:p/things" "[resource-new]thing" (func $new (param i32) (result i32)))
    (func (export "t:p/things#[constructor]thing") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "t:p/things#[method]thing.value") (param i32) (result i32) (local.get 0)))"#;

const MAKER: &str = r#"(module
    (import "t:p/things" "[constructor]thing" (func $new (param i32) (result i32)))
    (import "t:p/things" "[method]thing.value" (func $value (param i32) (result i32)))
    (import "t:p/things" "[resource-drop]thing" (func $drop (param i32)))
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "read") (param i32) (result i32)
        (call $value (local.get 0)) (call $drop (local.get 0)))
    (func (export "both") (param i32 i32) (result i32)
        (i32.store (i32.const 64) (local.get 0))
        (i32.store (i32.const 68) (call $new (local.get 1)))
        (i32.store (i32.const 8) (i32.const 64)) (i32.store (i32.const 12) (i32.const 2))
        (i32.const 8)))"#;

const USER: &str = r#"(module
    (import "$root" "make" (func $make (param i32) (result i32)))
    (import "$root" "read" (func $read (param i32) (result i32)))
    (import "$root" "both" (func $both (param i32 i32 i32)))
    (import "t:p/things" "[resource-drop]thing" (func $drop (param i32)))
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "go") (param i32) (result i32) (local $first i32) (local $second i32)
        (call $both (call $make (local.get 0)) (i32.const 5) (i32.const 64))
        (local.set $first (i32.load (i32.load (i32.const 64))))
        (local.set $second (i32.load offset=4 (i32.load (i32.const 64))))
        (i32.add (i32.mul (i32.const 100) (call $read (local.get $first))) (call $read (local.get $second)))
        (call $drop (local.get $first)) (call $drop (local.get $second))))"#;

#[tokio::test]
async fn resources_pass_through_bare_functions() {
    let components = [
        ("definer", guest(THINGS, "definer", DEFINER)),
        ("maker", guest(THINGS, "provider", MAKER)),
        ("front", guest(THINGS, "front", USER)),
    ];
    let mut spans = Vec::new();
    for is_observed in [false, true] {
        let lab = Lab::new(&components, |_| is_observed);
        let unobserved: Vec<&str> =
            lab.composition.unobserved.iter().map(|link| link.import.as_str()).collect();
        // A record with a handle has a name that a forwarder cannot give it where there is no interface.
        assert_eq!(unobserved, ["both"][..usize::from(is_observed)]);
        let mut live = lab.live().await;
        for _ in 0..2 {
            assert_eq!(live.call("", "go", &[Val::U32(7)]).await.unwrap(), Some(Val::U32(705)));
        }
        spans = live.spans();
    }
    assert_eq!(
        spans[..7],
        [
            "maker make(7) = thing#1",
            "definer things#[constructor]thing(7) = thing#1",
            "definer things#[constructor]thing(5) = thing#2",
            "maker read(thing#1) = 7",
            "definer things#[method]thing.value(thing#1) = 7",
            "maker read(thing#2) = 5",
            "definer things#[method]thing.value(thing#2) = 5",
        ]
    );
    assert_eq!((spans.len(), spans[7].as_str()), (14, "maker make(7) = thing#3"));
}
