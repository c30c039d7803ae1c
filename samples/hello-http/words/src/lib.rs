//! Has the words of a greeting.
#![allow(missing_docs, reason = "the docs are in the WIT")]

use exports::bench::hello::words::Guest;

wit_bindgen::generate!({ path: "../wit", world: "speaker" });

struct Words;

impl Guest for Words {
    fn greeting() -> String {
        "Hello, world!\n".to_owned()
    }
}

export!(Words);
