//! Calls another component again and again.
#![allow(missing_docs, reason = "the docs are in the WIT")]

use bench::calls::ops::{self, Counter, Point};

wit_bindgen::generate!({ path: "../wit", world: "caller" });

const TEXT: &str = "sixty-four bytes of text, which is about as long as a short line";

struct Caller;

impl Guest for Caller {
    fn nothing() -> u32 {
        0
    }

    fn add(calls: u32) -> u32 {
        (0..calls).fold(0, ops::add)
    }

    fn text(calls: u32) -> u32 {
        (0..calls).fold(0, |sum: u32, _| sum.wrapping_add(ops::text(TEXT)))
    }

    fn bytes(calls: u32) -> u32 {
        let bytes = vec![7; 64 * 1024];
        (0..calls).fold(0, |sum: u32, _| sum.wrapping_add(ops::bytes(&bytes)))
    }

    fn distance(calls: u32) -> f64 {
        (0..calls).fold(0.0, |x, _| ops::distance(Point { x, y: 1.0, is_visible: true }))
    }

    fn next(calls: u32) -> u32 {
        let counter = Counter::new();
        (0..calls).fold(0, |_, _| counter.next())
    }
}

export!(Caller);
