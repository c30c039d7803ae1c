//! The older drafts of `wasi:config`, over `wasi:config/store@0.2.0-rc.1`, which `wasmtime -S config` has.
//!
//! All that use it get what `-S config-var=KEY=VALUE` gives.

/// Generated from `wit/wasi-config-draft` and `wit/wasi-config-rc`.
mod bindings {
    #![allow(missing_docs, reason = "generated code")]

    wit_bindgen::generate!({
        path: ["../../../wit/wasi-config-draft", "../../../wit/wasi-config-rc"],
        inline: "
            package samples:config;

            world component {
                import wasi:config/store@0.2.0-rc.1;
                export wasi:config/runtime@0.2.0-draft;
                export wasi:config/store@0.2.0-draft;
            }
        ",
        generate_all,
    });
}

use bindings::exports::wasi::config0_2_0_draft::{runtime, store};
use bindings::wasi::config0_2_0_rc_1::store::{self as host, Error};

struct Config;

/// In the order of their keys, which the host does not promise.
fn all() -> Result<Vec<(String, String)>, Error> {
    let mut pairs = host::get_all()?;
    pairs.sort();
    Ok(pairs)
}

impl From<Error> for runtime::ConfigError {
    fn from(error: Error) -> Self {
        match error {
            Error::Upstream(reason) => Self::Upstream(reason),
            Error::Io(reason) => Self::Io(reason),
        }
    }
}

impl From<Error> for store::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Upstream(reason) => Self::Upstream(reason),
            Error::Io(reason) => Self::Io(reason),
        }
    }
}

impl runtime::Guest for Config {
    fn get(key: String) -> Result<Option<String>, runtime::ConfigError> {
        Ok(host::get(&key)?)
    }

    fn get_all() -> Result<Vec<(String, String)>, runtime::ConfigError> {
        Ok(all()?)
    }
}

impl store::Guest for Config {
    fn get(key: String) -> Result<Option<String>, store::Error> {
        Ok(host::get(&key)?)
    }

    fn get_all() -> Result<Vec<(String, String)>, store::Error> {
        Ok(all()?)
    }
}

bindings::export!(Config with_types_in bindings);
