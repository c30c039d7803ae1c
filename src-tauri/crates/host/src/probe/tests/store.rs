//! A store of items, each a resource, through which calls go by two links.

use jackfield_protocol::LinkTarget;
use wasmtime::component::Val;

use super::lab::{Lab, composed, guest, loaded, planned};

const WIT: &str = "package t:p;
    interface store {
        resource item { constructor(price: u32); price: func() -> u32; }
        sum: func(all: list<borrow<item>>) -> u32;
        best: func(of: result<borrow<item>, f64>, name: string) -> string;
        take: func(item: item) -> u32;
        swap: func(item: item) -> item;
        find: func(price: u32) -> result<item, string>;
        live: func() -> u32;
    }
    interface wrap { use store.{item}; price-of: func(item: borrow<item>) -> u32; }
    interface run {
        items: func() -> u32;
        sums: func(count: u32) -> u32;
        name: func(name: string) -> string;
        take: func() -> u32;
        swap: func() -> u32;
        find: func() -> u32;
        live: func() -> u32;
    }
    world provider { export store; }
    world between { import store; export wrap; }
    world front { import store; import wrap; export run; }";

/// A price lies in memory where the item's `rep` says. A place is used again when its item is gone.
const PROVIDER: &str = r#"(module
    (import "[export]t:p/store" "[resource-new]item" (func $new (param i32) (result i32)))
    (import "[export]t:p/store" "[resource-rep]item" (func $rep (param i32) (result i32)))
    (import "[export]t:p/store" "[resource-drop]item" (func $drop (param i32)))
    (memory (export "memory") 1)
    (global $live (mut i32) (i32.const 0))
    (global $top (mut i32) (i32.const 32768))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
        (global.get $top)
        (global.set $top (i32.add (global.get $top) (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8))))
        (if (i32.gt_u (global.get $top) (i32.const 60000)) (then (global.set $top (i32.const 32768)))))
    (func (export "t:p/store#[constructor]item") (param i32) (result i32) (local $at i32)
        (local.set $at (i32.add (i32.const 16) (i32.mul (i32.const 4) (global.get $live))))
        (i32.store (local.get $at) (local.get 0))
        (global.set $live (i32.add (global.get $live) (i32.const 1)))
        (call $new (local.get $at)))
    (func (export "t:p/store#[dtor]item") (param i32)
        (global.set $live (i32.sub (global.get $live) (i32.const 1))))
    (func (export "t:p/store#[method]item.price") (param i32) (result i32) (i32.load (local.get 0)))
    (func (export "t:p/store#sum") (param $at i32) (param $count i32) (result i32) (local $sum i32)
        (block (loop
            (br_if 1 (i32.eqz (local.get $count)))
            (local.set $sum (i32.add (local.get $sum) (i32.load (i32.load (local.get $at)))))
            (local.set $at (i32.add (local.get $at) (i32.const 4)))
            (local.set $count (i32.sub (local.get $count) (i32.const 1)))
            (br 0)))
        (local.get $sum))
    (func (export "t:p/store#best") (param i32 i64 i32 i32) (result i32)
        (i32.store (i32.const 0) (local.get 2)) (i32.store (i32.const 4) (local.get 3)) (i32.const 0))
    (func (export "t:p/store#take") (param i32) (result i32)
        (i32.load (call $rep (local.get 0))) (call $drop (local.get 0)))
    (func (export "t:p/store#swap") (param i32) (result i32) (local.get 0))
    (func (export "t:p/store#find") (param $price i32) (result i32) (local $at i32)
        (local.set $at (i32.add (i32.const 16) (i32.mul (i32.const 4) (global.get $live))))
        (i32.store (local.get $at) (local.get $price))
        (global.set $live (i32.add (global.get $live) (i32.const 1)))
        (i32.store (i32.const 0) (i32.const 0))
        (i32.store (i32.const 4) (call $new (local.get $at)))
        (i32.const 0))
    (func (export "t:p/store#live") (result i32) (global.get $live)))"#;

const BETWEEN: &str = r#"(module
    (import "t:p/store" "[method]item.price" (func $price (param i32) (result i32)))
    (import "t:p/store" "[resource-drop]item" (func $drop (param i32)))
    (func (export "t:p/wrap#price-of") (param i32) (result i32)
        (call $price (local.get 0)) (call $drop (local.get 0))))"#;

const FRONT: &str = r#"(module
    (import "t:p/store" "[constructor]item" (func $new (param i32) (result i32)))
    (import "t:p/store" "[method]item.price" (func $price (param i32) (result i32)))
    (import "t:p/store" "[resource-drop]item" (func $drop (param i32)))
    (import "t:p/store" "sum" (func $sum (param i32 i32) (result i32)))
    (import "t:p/store" "best" (func $best (param i32 i64 i32 i32 i32)))
    (import "t:p/store" "take" (func $take (param i32) (result i32)))
    (import "t:p/store" "swap" (func $swap (param i32) (result i32)))
    (import "t:p/store" "find" (func $find (param i32 i32)))
    (import "t:p/store" "live" (func $live (result i32)))
    (import "t:p/wrap" "price-of" (func $price-of (param i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "t:p/run#items") (result i32) (local $item i32) (local $all i32)
        (local.set $item (call $new (i32.const 3)))
        (local.set $all (i32.add (call $price (local.get $item)) (call $price-of (local.get $item))))
        (call $drop (local.get $item))
        (local.set $item (call $new (i32.const 4)))
        (local.set $all (i32.add (local.get $all) (call $price (local.get $item))))
        (call $drop (local.get $item))
        (local.get $all))
    (func (export "t:p/run#sums") (param $count i32) (result i32) (local $at i32)
        (block (loop
            (br_if 1 (i32.eq (local.get $at) (local.get $count)))
            (i32.store (i32.mul (i32.const 4) (local.get $at)) (call $new (local.get $at)))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br 0)))
        (call $sum (i32.const 0) (local.get $count))
        (block (loop
            (br_if 1 (i32.eqz (local.get $at)))
            (local.set $at (i32.sub (local.get $at) (i32.const 1)))
            (call $drop (i32.load (i32.mul (i32.const 4) (local.get $at))))
            (br 0))))
    (func (export "t:p/run#name") (param i32 i32) (result i32) (local $item i32)
        (local.set $item (call $new (i32.const 9)))
        (call $best (i32.const 0) (i64.extend_i32_u (local.get $item)) (local.get 0) (local.get 1) (i32.const 64))
        (call $drop (local.get $item))
        (i32.const 64))
    (func (export "t:p/run#take") (result i32) (call $take (call $new (i32.const 6))))
    (func (export "t:p/run#swap") (result i32) (local $item i32)
        (local.set $item (call $swap (call $new (i32.const 7))))
        (call $price (local.get $item))
        (call $drop (local.get $item)))
    (func (export "t:p/run#find") (result i32)
        (call $find (i32.const 5) (i32.const 64))
        (if (result i32) (i32.load8_u (i32.const 64))
            (then (i32.add (i32.const 1000) (i32.load (i32.const 72))))
            (else
                (call $price (i32.load (i32.const 68)))
                (call $drop (i32.load (i32.const 68))))))
    (func (export "t:p/run#live") (result i32) (call $live)))"#;

pub(super) fn components() -> [(&'static str, Vec<u8>); 3] {
    [
        ("store", guest(WIT, "provider", PROVIDER)),
        ("between", guest(WIT, "between", BETWEEN)),
        ("front", guest(WIT, "front", FRONT)),
    ]
}

pub(super) const RUN: &str = "t:p/run";

#[test]
fn without_a_probed_link_the_composition_is_what_it_is_without_probes() {
    let loaded = loaded(&components());
    let plan = planned(&loaded);
    let none = composed(&loaded, &plan, "front", &|_| false);
    let other = composed(&loaded, &plan, "front", &|link| link.consumer == "elsewhere");
    assert!(none.probes.0.is_empty() && none.bytes == other.bytes);
    let one = composed(&loaded, &plan, "front", &|link| link.consumer == "between");
    assert_eq!(one.probes.0.len(), 1);
    assert!(one.bytes.len() > none.bytes.len());
}

#[tokio::test]
async fn a_resource_has_the_same_number_on_every_link_and_the_next_has_another() {
    let lab = Lab::new(&components(), |_| true);
    assert_eq!(lab.composition.unobserved, []);
    let mut live = lab.live().await;
    assert_eq!(live.call(RUN, "items", &[]).await.unwrap(), Some(Val::U32(10)));
    assert_eq!(
        live.spans(),
        [
            "store store#[constructor]item(3) = item#1",
            "store store#[method]item.price(item#1) = 3",
            "between wrap#price-of(item#1) = 3",
            "store store#[method]item.price(item#1) = 3",
            "store store#[constructor]item(4) = item#2",
            "store store#[method]item.price(item#2) = 4",
        ]
    );
}

#[tokio::test]
async fn only_links_that_are_chosen_are_seen() {
    let lab = Lab::new(
        &components(),
        |link| matches!(&link.target, LinkTarget::Component { name, .. } if *name == "between"),
    );
    let mut live = lab.live().await;
    assert_eq!(live.call(RUN, "items", &[]).await.unwrap(), Some(Val::U32(10)));
    assert_eq!(live.spans(), ["between wrap#price-of(item#1) = 3"]);
}

#[tokio::test]
async fn borrowed_handles_inside_of_other_values_are_dropped() {
    let lab = Lab::new(&components(), |_| true);
    let mut live = lab.live().await;
    for _ in 0..50 {
        assert_eq!(live.call(RUN, "sums", &[Val::U32(20)]).await.unwrap(), Some(Val::U32(190)));
    }
    let name = Val::String("n".repeat(3000));
    for _ in 0..50 {
        assert_eq!(live.call(RUN, "name", std::slice::from_ref(&name)).await.unwrap(), Some(name.clone()));
    }
    assert_eq!(live.call(RUN, "live", &[]).await.unwrap(), Some(Val::U32(0)));
    let mut live = lab.live().await;
    live.call(RUN, "sums", &[Val::U32(3)]).await.unwrap();
    live.call(RUN, "name", &[Val::String("x".into())]).await.unwrap();
    let spans = live.spans();
    assert_eq!(spans[3], "store store#sum([item#1, item#2, item#3]) = 3");
    assert_eq!(spans[5], "store store#best(ok(item#4), \"x\") = \"x\"");
}

#[tokio::test]
async fn what_is_given_away_and_comes_back_is_the_same() {
    let lab = Lab::new(&components(), |_| true);
    let mut live = lab.live().await;
    assert_eq!(live.call(RUN, "swap", &[]).await.unwrap(), Some(Val::U32(7)));
    assert_eq!(live.call(RUN, "take", &[]).await.unwrap(), Some(Val::U32(6)));
    let spans = live.spans();
    assert_eq!(spans[1], "store store#swap(item#1) = item#1");
    assert_eq!(spans[4], "store store#take(item#2) = 6");
    assert_eq!(live.call(RUN, "live", &[]).await.unwrap(), Some(Val::U32(0)));
}
