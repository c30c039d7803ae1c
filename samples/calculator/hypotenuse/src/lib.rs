//! The hypotenuse of a right-angled triangle, by way of two other components.
//!
//! `f64::hypot` would do it alone and better; the detour is the point of the sample, and the line that it
//! prints shows whose log lines belong to which call.

/// Generated from `samples/calculator/wit`.
mod bindings {
    #![allow(missing_docs, reason = "generated code")]

    wit_bindgen::generate!({
        path: "../wit",
        inline: "
            package samples:calculator-hypotenuse;

            world component {
                import math:ops/square;
                import math:ops/square-root;
                export math:ops/hypotenuse;
            }
        ",
        generate_all,
    });
}

use bindings::exports::math::ops::hypotenuse::Guest;
use bindings::math::ops::square::square;
use bindings::math::ops::square_root::square_root;

struct Hypotenuse;

impl Guest for Hypotenuse {
    fn hypotenuse(a: f64, b: f64) -> f64 {
        let sum = square(a) + square(b);
        eprintln!("{a}² + {b}² = {sum}");
        square_root(sum)
    }
}

bindings::export!(Hypotenuse with_types_in bindings);
