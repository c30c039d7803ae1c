//! Is called again and again, and does next to nothing.
#![allow(missing_docs, reason = "the docs are in the WIT")]

use std::cell::Cell;

use exports::bench::calls::ops::{Guest, GuestCounter, Point};

wit_bindgen::generate!({ path: "../wit", world: "callee" });

struct Callee;

impl Guest for Callee {
    type Counter = Counter;

    fn add(a: u32, b: u32) -> u32 {
        a.wrapping_add(b)
    }

    fn text(text: String) -> u32 {
        u32::try_from(text.len()).unwrap_or(u32::MAX)
    }

    fn bytes(bytes: Vec<u8>) -> u32 {
        u32::try_from(bytes.len()).unwrap_or(u32::MAX)
    }

    fn distance(point: Point) -> f64 {
        if point.is_visible { point.x + point.y } else { 0.0 }
    }
}

struct Counter(Cell<u32>);

impl GuestCounter for Counter {
    fn new() -> Self {
        Self(Cell::new(0))
    }

    fn next(&self) -> u32 {
        self.0.set(self.0.get().wrapping_add(1));
        self.0.get()
    }
}

export!(Callee);
