//! How a guest came to its end, in words: without Wasmtime's own wrapping, with the guest's frames.

use std::fmt;

use wasmtime::{FrameInfo, Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

use crate::limiter::Limit;

/// How many frames of a trap are told.
const MAX_FRAMES: usize = 12;
/// So many frames of a trap are looked at, and not thousands: for each of them Wasmtime reads the debug information of
/// its module anew, which takes its time.
pub(crate) const MAX_FRAMES_KNOWN: usize = 32;

/// How the names begin of what runs in Rust between a panic and its trap.
const PANICKING: [&str; 16] = [
    "__rust_abort",
    "__rust_start_panic",
    "core::cell::panic_",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::panicking::",
    "core::result::unwrap_failed",
    "panic_abort::",
    "rust_begin_unwind",
    "rust_panic",
    "std::panicking::begin_panic",
    "std::panicking::panic",
    "std::panicking::rust_panic",
    "std::process::abort",
    "std::sys::backtrace::__rust_end_short_backtrace",
    "std::sys::pal::",
];
/// How the names begin of what may run in between.
const LIBRARY: [&str; 6] = ["std::", "core::", "alloc::", "<std::", "<core::", "<alloc::"];

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
        // A guest that ended itself did so wherever its runtime does it, which is of no interest.
        let has_exited = error.downcast_ref::<I32Exit>().is_some();
        let backtrace = error.downcast_ref::<WasmBacktrace>().filter(|_| !has_exited);
        Self {
            function: None,
            reason,
            limit: Limit::from_error(error).or_else(|| refused.cloned()).map(Box::new),
            frames: backtrace.map(frames).unwrap_or_default(),
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

/// The guest's own frames, beginning with the one that panicked, if it did.
fn frames(backtrace: &WasmBacktrace) -> Vec<String> {
    let all: Vec<String> = backtrace.frames().iter().flat_map(names).collect();
    let is_whole = backtrace.frames().len() < MAX_FRAMES_KNOWN;
    told(all, is_whole)
}

/// The first of all frames that are of interest, and how many more there are.
fn told(mut all: Vec<String>, is_whole: bool) -> Vec<String> {
    let is_of = |starts: &[&str], frame: &str| starts.iter().any(|start| frame.starts_with(start));
    let is_panicking = |frame: &&String| {
        let function = frame.split(" (").next().unwrap_or_default();
        let function = function.strip_prefix("__rustc::").unwrap_or(function);
        function == "abort" || is_of(&PANICKING, function)
    };
    let is_below = |frame: &&String| is_panicking(frame) || is_of(&LIBRARY, frame);
    let below = all.iter().take_while(is_below).count();
    let panicked = all.iter().take(below).rposition(|frame| is_panicking(&frame)).map_or(0, |last| last + 1);
    // Where there is nothing else, it is better than nothing.
    if panicked < all.len() {
        all.drain(..panicked);
    }
    let more = all.len().saturating_sub(MAX_FRAMES);
    all.truncate(MAX_FRAMES);
    match (more, is_whole) {
        (0, _) => {}
        (more, true) => all.push(format!("… ({more} more)")),
        (more, false) => all.push(format!("… (at least {more} more)")),
    }
    all
}

/// The functions of a frame, the innermost first: one, and those that were compiled into it.
fn names(frame: &FrameInfo) -> Vec<String> {
    let inlined = frame.symbols().iter().filter_map(wasmtime::FrameSymbol::name);
    let mut functions: Vec<String> = inlined.map(demangled).collect();
    if functions.is_empty() {
        let own = frame.func_name().map(demangled);
        functions.push(own.unwrap_or_else(|| format!("function {}", frame.func_index())));
    }
    if let Some(module) = frame.module().name() {
        functions.iter_mut().for_each(|function| *function = format!("{function} ({module})"));
    }
    functions
}

/// The name as it stands in the source, where it is a mangled one of Rust or C++.
fn demangled(name: &str) -> String {
    if let Ok(rust) = rustc_demangle::try_demangle(name) {
        // Without the hash that tells crates apart.
        return format!("{rust:#}");
    }
    let cpp = cpp_demangle::Symbol::new(name).ok().and_then(|symbol| symbol.demangle().ok());
    cpp.unwrap_or_else(|| name.to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_source() {
        for (name, expected) in [
            ("_ZN5guest5crash17h0123456789abcdefE", "guest::crash"),
            ("_RNvCsbmNqQUJIY6D_5guest5crash", "guest::crash"),
            ("_ZN5guest5crashEi", "guest::crash(int)"),
            ("crash", "crash"),
            ("_Zzz", "_Zzz"),
        ] {
            assert_eq!(demangled(name), expected, "{name}");
        }
    }

    #[test]
    fn what_panics_for_a_guest_is_left_out_and_what_is_too_much_counted() {
        let frames = |names: &[&str]| names.iter().map(|name| format!("{name} (guest)")).collect::<Vec<_>>();
        let panicking = [
            "abort",
            "__rustc::__rust_abort",
            "__rustc::__rust_start_panic",
            "__rustc::rust_panic",
            "std::panicking::panic_with_hook",
            "<std::panicking::FormatStringPayload as core::panic::PanicPayload>::get",
            "std::sys::backtrace::__rust_end_short_backtrace::<std::panicking::panic_handler::{closure#0}, !>",
            "__rustc::rust_begin_unwind",
            "core::panicking::panic_fmt",
        ];
        let own = ["core::slice::index::fail", "guest::crash", "std::panicking::try", "abort_mission"];
        assert_eq!(told(frames(&[panicking.as_slice(), &own].concat()), true), frames(&own));
        assert_eq!(told(frames(&panicking), true), frames(&panicking));
        let deep = told(frames(&["f"; 30]), true);
        assert_eq!((deep.len(), deep[12].as_str()), (13, "… (18 more)"));
        assert_eq!(told(frames(&["f"; 32]), false)[12], "… (at least 20 more)");
        assert_eq!(told(frames(&["f"; 12]), true), frames(&["f"; 12]));
    }
}
