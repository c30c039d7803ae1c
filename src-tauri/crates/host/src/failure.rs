//! How a guest came to its end, in words: without Wasmtime's own wrapping, with the guest's frames.

use std::fmt;

use wasmtime::{Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

use crate::limiter::Limit;

/// How many frames of a trap are told.
const MAX_FRAMES: usize = 12;

/// What ended a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The exported function that was called; none while it was instantiated, and for a service.
    pub function: Option<String>,
    /// What happened.
    pub reason: String,
    /// The limit that was hit before it ended, if one was. A guest that is refused memory usually
    /// traps a moment later.
    pub limit: Option<Box<Limit>>,
    /// The wasm functions that were active, the innermost first.
    pub frames: Vec<String>,
}

impl Failure {
    /// A failure that no frames belong to.
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self { function: None, reason: reason.into(), limit: None, frames: Vec::new() }
    }

    /// What Wasmtime's error says, and the limit that was hit before, if one was.
    pub(crate) fn from_error(error: &wasmtime::Error, refused: Option<&Limit>) -> Self {
        let reason = match (error.downcast_ref::<I32Exit>(), error.downcast_ref::<Trap>()) {
            (Some(I32Exit(code)), _) => format!("it exited with code {code}"),
            (None, Some(trap)) => trap.to_string(),
            (None, None) => error.root_cause().to_string(),
        };
        Self {
            function: None,
            reason,
            limit: Limit::from_error(error).or_else(|| refused.cloned()).map(Box::new),
            frames: error.downcast_ref::<WasmBacktrace>().map(frames).unwrap_or_default(),
        }
    }

    /// The same, of a call to `function`.
    #[must_use]
    pub(crate) fn during(mut self, function: Option<&str>) -> Self {
        self.function = function.map(str::to_owned);
        self
    }

    /// The code that the guest exited with, if it exited.
    pub(crate) fn exit_code(error: &wasmtime::Error) -> Option<i32> {
        error.downcast_ref::<I32Exit>().map(|exit| exit.0)
    }
}

fn frames(backtrace: &WasmBacktrace) -> Vec<String> {
    backtrace
        .frames()
        .iter()
        .take(MAX_FRAMES)
        .map(|frame| {
            let function = match frame.symbols().first().and_then(wasmtime::FrameSymbol::name) {
                Some(name) => name.to_owned(),
                None => frame
                    .func_name()
                    .map_or_else(|| format!("function {}", frame.func_index()), str::to_owned),
            };
            match frame.module().name() {
                Some(module) => format!("{function} ({module})"),
                None => function,
            }
        })
        .collect()
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(function) = &self.function {
            write!(f, "in `{function}`: ")?;
        }
        f.write_str(&self.reason)?;
        if let Some(limit) = &self.limit {
            write!(f, "; {limit}")?;
        }
        self.frames.iter().try_for_each(|frame| write!(f, "\n    at {frame}"))
    }
}
