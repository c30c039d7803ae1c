//! `wasi:logging` over standard error: one line for each message, `LEVEL CONTEXT: MESSAGE`.
//!
//! It exports the draft, and the same without a version, as components had it before.

/// Generated from `wit/wasi-logging`.
mod bindings {
    #![allow(missing_docs, reason = "generated code")]

    wit_bindgen::generate!({
        path: "../../../wit/wasi-logging",
        inline: "
            package samples:logging;

            world component {
                export wasi:logging/logging@0.1.0-draft;
                export wasi:logging/logging;
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

use std::fmt::Debug;

use bindings::exports::wasi::{logging, logging0_1_0_draft};

struct Logging;

fn write(level: impl Debug, context: &str, message: &str) {
    let level = format!("{level:?}");
    let level = level.rsplit("::").next().unwrap_or_default().to_lowercase();
    let context = if context.is_empty() { String::new() } else { format!(" {context}") };
    eprintln!("{level}{context}: {message}");
}

impl logging0_1_0_draft::logging::Guest for Logging {
    fn log(level: logging0_1_0_draft::logging::Level, context: String, message: String) {
        write(level, &context, &message);
    }
}

impl logging::logging::Guest for Logging {
    fn log(level: logging::logging::Level, context: String, message: String) {
        write(level, &context, &message);
    }
}

bindings::export!(Logging with_types_in bindings);
