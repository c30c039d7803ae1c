//! The hypotenuse of a right-angled triangle, by way of two other components.
//!
//! `f64::hypot` would do it alone and better; the detour is the point of the sample.

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
        square_root(square(a) + square(b))
    }
}

bindings::export!(Hypotenuse with_types_in bindings);
