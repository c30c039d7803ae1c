//! Takes the square root of a number.

/// Generated from `samples/calculator/wit`.
mod bindings {
    #![allow(missing_docs, reason = "generated code")]

    wit_bindgen::generate!({
        path: "../wit",
        inline: "
            package samples:calculator-square-root;

            world component {
                export math:ops/square-root;
            }
        ",
        generate_all,
    });
}

use bindings::exports::math::ops::square_root::Guest;

struct SquareRoot;

impl Guest for SquareRoot {
    fn square_root(x: f64) -> f64 {
        x.sqrt()
    }
}

bindings::export!(SquareRoot with_types_in bindings);
