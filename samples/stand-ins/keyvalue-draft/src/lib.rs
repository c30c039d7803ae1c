//! `wasi:keyvalue@0.2.0-draft` over values in a folder or in memory.
//!
//! `wasmtime -S keyvalue` has this draft, too, but with one bucket only, whose name is empty.

/// Generated from `wit/wasi-keyvalue-draft`.
mod bindings {
    #![allow(missing_docs, reason = "generated code")]

    wit_bindgen::generate!({
        path: "../../../wit/wasi-keyvalue-draft",
        inline: "
            package samples:keyvalue-draft;

            world component {
                export wasi:keyvalue/store@0.2.0-draft;
                export wasi:keyvalue/atomics@0.2.0-draft;
                export wasi:keyvalue/batch@0.2.0-draft;
            }
        ",
    });
}

#[path = "../../shared/keyvalue.rs"]
mod keyvalue;
#[path = "../../shared/values.rs"]
mod values;

use bindings::exports::wasi::keyvalue::atomics;
use keyvalue::{Atomics, Bucket, Keyvalue, add};

type Cursor = u64;

impl atomics::Guest for Keyvalue {
    fn increment(bucket: atomics::BucketBorrow<'_>, key: String, delta: u64) -> Atomics<u64> {
        add(bucket.get::<Bucket>(), &key, |number: u64| number.checked_add(delta))
    }
}

bindings::export!(Keyvalue with_types_in bindings);
