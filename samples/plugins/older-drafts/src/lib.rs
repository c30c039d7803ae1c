//! Calls the host's plugins by the older drafts: `wasi:config/runtime`, `wasi:logging` without a version, and
//! `wasi:keyvalue@0.2.0-draft`.

/// Generated from `wit/` and `samples/plugins/wit`.
mod bindings {
    #![allow(missing_docs, reason = "generated code")]

    wit_bindgen::generate!({
        path: [
            "../../../wit/wasi-config-draft",
            "../../../wit/wasi-keyvalue-draft",
            "../wit",
        ],
        inline: "
            package samples:older-drafts;

            world component {
                import wasi:config/runtime@0.2.0-draft;
                import wasi:logging/logging;
                import wasi:keyvalue/store@0.2.0-draft;
                import wasi:keyvalue/atomics@0.2.0-draft;
                import wasi:keyvalue/batch@0.2.0-draft;
                export samples:plugins/settings;
                export samples:plugins/messages;
                export samples:plugins/shelf;
            }

            package wasi:logging {
                interface logging {
                    enum level { trace, debug, info, warn, error, critical }
                    log: func(level: level, context: string, message: string);
                }
            }
        ",
        generate_all,
    });
}

#[path = "../../shared/mod.rs"]
mod shared;

use bindings::wasi::config::runtime as config;
use bindings::wasi::keyvalue::{atomics, store};
use bindings::wasi::logging::logging;

struct Guest;

fn keys_page(bucket: &store::Bucket, cursor: Option<u64>) -> Result<store::KeyResponse, store::Error> {
    bucket.list_keys(cursor)
}

/// This draft has no negative numbers.
fn sum(bucket: &store::Bucket, key: &str, amount: i64) -> Result<i64, String> {
    let amount = u64::try_from(amount).map_err(|_| "this draft cannot subtract".to_owned())?;
    let sum = atomics::increment(bucket, key, amount).map_err(shared::text)?;
    i64::try_from(sum).map_err(|error| error.to_string())
}

bindings::export!(Guest with_types_in bindings);
