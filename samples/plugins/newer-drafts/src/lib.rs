//! Calls the host's plugins by the newer drafts: `wasi:config/store@0.2.0-rc.1`, `wasi:logging@0.1.0-draft` and
//! `wasi:keyvalue@0.2.0-draft2`.

/// Generated from `wit/` and `samples/plugins/wit`.
mod bindings {
    #![allow(missing_docs, reason = "generated code")]

    wit_bindgen::generate!({
        path: [
            "../../../wit/wasi-config-rc",
            "../../../wit/wasi-logging",
            "../../../wit/wasi-keyvalue-draft2",
            "../wit",
        ],
        inline: "
            package samples:newer-drafts;

            world component {
                import wasi:config/store@0.2.0-rc.1;
                import wasi:logging/logging@0.1.0-draft;
                import wasi:keyvalue/store@0.2.0-draft2;
                import wasi:keyvalue/atomics@0.2.0-draft2;
                import wasi:keyvalue/batch@0.2.0-draft2;
                export samples:plugins/settings;
                export samples:plugins/messages;
                export samples:plugins/shelf;
                export samples:plugins/swaps;
            }
        ",
        generate_all,
    });
}

#[path = "../../shared/mod.rs"]
mod shared;

use bindings::exports::samples::plugins::swaps;
use bindings::wasi::config::store as config;
use bindings::wasi::keyvalue::{atomics, store};
use bindings::wasi::logging::logging;

struct Guest;

fn keys_page(bucket: &store::Bucket, cursor: Option<String>) -> Result<store::KeyResponse, store::Error> {
    bucket.list_keys(cursor.as_deref())
}

fn sum(bucket: &store::Bucket, key: &str, amount: i64) -> Result<i64, String> {
    atomics::increment(bucket, key, amount).map_err(shared::text)
}

impl swaps::Guest for Guest {
    fn swap(bucket: String, key: String, value: String, meanwhile: Option<String>) -> Result<u32, String> {
        let bucket = shared::open(&bucket)?;
        let mut handle = atomics::Cas::new(&bucket, &key).map_err(shared::text)?;
        if let Some(other) = meanwhile {
            bucket.set(&key, other.as_bytes()).map_err(shared::text)?;
        }
        for attempt in 1.. {
            handle = match atomics::swap(handle, value.as_bytes()) {
                Ok(()) => return Ok(attempt),
                Err(atomics::CasError::CasFailed(newer)) => newer,
                Err(atomics::CasError::StoreError(error)) => return Err(shared::text(error)),
            };
        }
        Err("somebody else was always quicker".to_owned())
    }
}

bindings::export!(Guest with_types_in bindings);
