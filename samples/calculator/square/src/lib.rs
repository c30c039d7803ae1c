//! Squares a number.

/// Generated from `samples/calculator/wit`.
mod bindings {
    #![allow(missing_docs, reason = "generated code")]

    wit_bindgen::generate!({
        path: "../wit",
        inline: "
            package samples:calculator-square;

            world component {
                export math:ops/square;
            }
        ",
        generate_all,
    });
}

use bindings::exports::math::ops::square::Guest;

struct Square;

impl Guest for Square {
    fn square(x: f64) -> f64 {
        x * x
    }
}

bindings::export!(Square with_types_in bindings);
