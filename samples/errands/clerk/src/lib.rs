//! Runs errands by itself, or passes them on: two components with rights of their own in one call.

#[path = "../../errands/src/doing/mod.rs"]
mod doing;

/// Generated from `samples/errands/wit`.
mod bindings {
    #![allow(missing_docs, reason = "generated code")]

    wit_bindgen::generate!({
        path: "../wit",
        inline: "
            package samples:errands-clerk;

            world component {
                import samples:errands/errands;
                export samples:errands/desk;
            }
        ",
        generate_all,
    });
}

use bindings::exports::samples::errands::desk::Guest;
use bindings::samples::errands::errands;

struct Clerk;

impl Guest for Clerk {
    fn myself(errand: String, with: Vec<String>) -> Result<String, String> {
        doing::run(&errand, &with)
    }

    fn pass_on(errand: String, with: Vec<String>) -> Result<String, String> {
        errands::run(&errand, &with)
    }
}

bindings::export!(Clerk with_types_in bindings);
