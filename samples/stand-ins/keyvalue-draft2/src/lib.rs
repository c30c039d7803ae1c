//! `wasi:keyvalue@0.2.0-draft2` over values in a folder or in memory.

/// Generated from `wit/wasi-keyvalue-draft2`.
mod bindings {
    #![allow(missing_docs, reason = "generated code")]

    wit_bindgen::generate!({
        path: "../../../wit/wasi-keyvalue-draft2",
        inline: "
            package samples:keyvalue-draft2;

            world component {
                export wasi:keyvalue/store@0.2.0-draft2;
                export wasi:keyvalue/atomics@0.2.0-draft2;
                export wasi:keyvalue/batch@0.2.0-draft2;
            }
        ",
    });
}

#[path = "../../shared/keyvalue.rs"]
mod keyvalue;
#[path = "../../shared/values.rs"]
mod values;

use bindings::exports::wasi::keyvalue::atomics;
use keyvalue::{Atomics, Bucket, Keyvalue, add, other};

type Cursor = String;

/// What a key's value was when the handle was made.
struct Cas {
    bucket: String,
    key: String,
    seen: Option<Vec<u8>>,
}

impl Cas {
    fn open(bucket: &str, key: &str) -> Atomics<Self> {
        let seen = values::get(bucket, key).map_err(other)?;
        Ok(Self { bucket: bucket.to_owned(), key: key.to_owned(), seen })
    }
}

impl atomics::Guest for Keyvalue {
    type Cas = Cas;

    fn increment(bucket: atomics::BucketBorrow<'_>, key: String, delta: i64) -> Atomics<i64> {
        add(bucket.get::<Bucket>(), &key, |number: i64| number.checked_add(delta))
    }

    fn swap(cas: atomics::Cas, value: Vec<u8>) -> Result<(), atomics::CasError> {
        let Cas { bucket, key, seen } = cas.get();
        let now = Cas::open(bucket, key).map_err(atomics::CasError::StoreError)?;
        if now.seen != *seen {
            return Err(atomics::CasError::CasFailed(atomics::Cas::new(now)));
        }
        values::set(bucket, key, Some(value)).map_err(|error| atomics::CasError::StoreError(other(error)))
    }
}

impl atomics::GuestCas for Cas {
    fn new(bucket: atomics::BucketBorrow<'_>, key: String) -> Atomics<atomics::Cas> {
        Self::open(&bucket.get::<Bucket>().0, &key).map(atomics::Cas::new)
    }

    fn current(&self) -> Atomics<Option<Vec<u8>>> {
        Ok(self.seen.clone())
    }
}

bindings::export!(Keyvalue with_types_in bindings);
