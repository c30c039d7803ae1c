//! How a guest came to its end, in words: without Wasmtime's own wrapping, with the guest's frames.

use std::fmt;

use jackfield_protocol::ComponentName;
use wasmtime::{FrameInfo, Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

use crate::limiter::{Limit, Limiter};

/// How many frames of a trap are told.
const MAX_FRAMES: usize = 12;
/// So many of them are the outermost, where all are known: those of the way in.
const OUTERMOST: usize = 3;
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

/// How a function is called that has no name, before its number.
const UNNAMED: &str = "function ";
/// Between the name of a component and that of a module in it, in what [`crate::bounded`] calls the module.
const OF_COMPONENT: &str = ": ";

/// What ended a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The exported function that was called; none while it was instantiated, and for a service.
    pub function: Option<String>,
    /// The component that it happened in, where that is another than the one that was called.
    pub culprit: Option<Box<Culprit>>,
    /// What happened.
    pub reason: String,
    /// The limit that was hit before it ended, if one was. A guest that is refused memory usually
    /// traps a moment later.
    pub limit: Option<Box<Limit>>,
    /// The wasm functions that were active, the innermost first.
    pub frames: Vec<String>,
}

/// The component that a guest came to its end in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Culprit {
    /// What the workload calls it.
    pub component: ComponentName,
    /// The function that others had called, as far as the frames tell.
    pub function: Option<String>,
}

impl Failure {
    /// A failure that no frames belong to.
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self { function: None, culprit: None, reason: reason.into(), limit: None, frames: Vec::new() }
    }

    /// What Wasmtime's error says, and the limit that was hit before, if one was.
    pub(crate) fn from_error(called: &ComponentName, error: &wasmtime::Error, limiter: &Limiter) -> Self {
        let reason = match (error.downcast_ref::<I32Exit>(), error.downcast_ref::<Trap>()) {
            (Some(I32Exit(code)), _) => format!("it exited with code {code}"),
            (None, Some(trap)) => trap.to_string(),
            (None, None) => error.root_cause().to_string(),
        };
        // A guest that ended itself did so wherever its runtime does it, which is of no interest.
        let has_exited = error.downcast_ref::<I32Exit>().is_some();
        let backtrace = error.downcast_ref::<WasmBacktrace>();
        let is_whole = backtrace.is_some_and(|backtrace| backtrace.frames().len() < MAX_FRAMES_KNOWN);
        let frames: Vec<Frame> =
            backtrace.iter().flat_map(|backtrace| backtrace.frames()).flat_map(Frame::all).collect();
        Self {
            function: None,
            culprit: culprit(&frames, is_whole).filter(|culprit| culprit.component != *called).map(Box::new),
            reason,
            limit: Limit::from_error(error, limiter).or_else(|| limiter.refused().cloned()).map(Box::new),
            frames: if has_exited { Vec::new() } else { told(frames, is_whole) },
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

/// A function that was active.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Frame {
    function: String,
    /// What its module is called: by its component, and by itself. What Wasmtime and probes put between components has
    /// no name.
    module: Option<String>,
}

impl Frame {
    /// The functions of a frame, the innermost first: one, and those that were compiled into it.
    fn all(frame: &FrameInfo) -> Vec<Self> {
        let inlined = frame.symbols().iter().filter_map(wasmtime::FrameSymbol::name);
        let mut functions: Vec<String> = inlined.map(demangled).collect();
        if functions.is_empty() {
            let own = frame.func_name().map(demangled);
            functions.push(own.unwrap_or_else(|| format!("{UNNAMED}{}", frame.func_index())));
        }
        let module = frame.module().name();
        let of_module = |function| Self { function, module: module.map(str::to_owned) };
        functions.into_iter().map(of_module).collect()
    }

    fn component(&self) -> Option<&str> {
        let module = self.module.as_deref()?;
        Some(module.split_once(OF_COMPONENT).map_or(module, |(component, _)| component))
    }

    /// Whether it runs between a panic and its trap.
    fn is_panicking(&self) -> bool {
        let function = self.function.strip_prefix("__rustc::").unwrap_or(&self.function);
        function == "abort" || PANICKING.iter().any(|start| function.starts_with(start))
    }

    fn is_of_library(&self) -> bool {
        LIBRARY.iter().any(|start| self.function.starts_with(start))
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.function)?;
        self.module.iter().try_for_each(|module| write!(f, " ({module})"))
    }
}

/// The frames that are of interest: those of components, beginning with the one that panicked, if it did; the first
/// and the last of them, and how many more there are.
fn told(mut all: Vec<Frame>, is_whole: bool) -> Vec<String> {
    // Where there is nothing else, it is better than nothing.
    if all.iter().any(|frame| frame.module.is_some()) {
        all.retain(|frame| frame.module.is_some());
    }
    let below = all.iter().take_while(|frame| frame.is_panicking() || frame.is_of_library()).count();
    let panicked = all.iter().take(below).rposition(Frame::is_panicking).map_or(0, |last| last + 1);
    if panicked < all.len() {
        all.drain(..panicked);
    }
    let more = all.len().saturating_sub(MAX_FRAMES);
    let mut told: Vec<String> = all.iter().map(Frame::to_string).collect();
    match (more, is_whole) {
        (0, _) => {}
        (more, true) => {
            let first = MAX_FRAMES - OUTERMOST;
            told.splice(first..first + more, [format!("… ({more} more)")]);
        }
        // The outermost of those that are known are anywhere.
        (more, false) => {
            told.truncate(MAX_FRAMES);
            told.push(format!("… (at least {more} more)"));
        }
    }
    told
}

/// Whose function ended it: the innermost component's, and there the outermost function before another component's.
fn culprit(frames: &[Frame], is_whole: bool) -> Option<Culprit> {
    let first = frames.iter().position(|frame| frame.component().is_some())?;
    let inner = frames.get(first..)?;
    let component = inner.first()?.component()?;
    let own = inner.iter().take_while(|frame| frame.component() == Some(component)).count();
    let entered = inner.get(..own)?.last().filter(|_| is_whole || own < inner.len());
    let name = entered.and_then(|entered| entered.function.rsplit('#').next());
    let name = name.filter(|name| !name.starts_with(UNNAMED));
    Some(Culprit { component: ComponentName::from(component), function: name.map(str::to_owned) })
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
        if let Some(culprit) = &self.culprit {
            write!(f, "{culprit}: ")?;
        }
        f.write_str(&self.reason)?;
        if let Some(limit) = &self.limit {
            write!(f, "; {limit}")?;
        }
        self.frames.iter().try_for_each(|frame| write!(f, "\n    at {frame}"))
    }
}

impl fmt::Display for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` failed", self.component)?;
        self.function.iter().try_for_each(|function| write!(f, " in `{function}`"))
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

    fn frames(functions: &[&str], module: Option<&str>) -> Vec<Frame> {
        let frame =
            |function: &&str| Frame { function: (*function).to_owned(), module: module.map(str::to_owned) };
        functions.iter().map(frame).collect()
    }

    #[test]
    fn what_panics_for_a_guest_is_left_out_and_what_is_too_much_counted() {
        let of = |names: &[&str]| frames(names, Some("guest"));
        let shown = |frames: &[Frame]| frames.iter().map(Frame::to_string).collect::<Vec<_>>();
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
        assert_eq!(told(of(&[panicking.as_slice(), &own].concat()), true), shown(&of(&own)));
        assert_eq!(told(of(&panicking), true), shown(&of(&panicking)));
        let mut deep = of(&["f"; 29]);
        deep.extend(frames(&["run"], Some("entry")));
        let deep = told(deep, true);
        assert_eq!((deep.len(), deep[9].as_str(), deep[12].as_str()), (13, "… (18 more)", "run (entry)"));
        assert_eq!(told(of(&["f"; 32]), false)[12], "… (at least 20 more)");
        assert_eq!(told(of(&["f"; 12]), true), shown(&of(&["f"; 12])));
    }

    #[test]
    fn it_is_the_innermost_component_that_ended_it() {
        let of = |component: &str, function: Option<&str>| {
            Some(Culprit { component: component.into(), function: function.map(str::to_owned) })
        };
        let glue = frames(&["function 72"], None);
        let inner = frames(&["f", "a:b/c@1.0.0#[method]d.may-fail"], Some("inner: m"));
        let entry = frames(&["g", "run"], Some("entry"));
        let all = [glue.clone(), inner.clone(), glue.clone(), entry.clone()].concat();
        assert_eq!(culprit(&all, false), of("inner", Some("[method]d.may-fail")));
        assert_eq!(told(all.clone(), true).len(), 4, "what lies between components is none of theirs");
        assert_eq!(culprit(&inner, false), of("inner", None), "there may be others further out");
        assert_eq!(culprit(&inner, true), of("inner", Some("[method]d.may-fail")));
        let unnamed = [frames(&["function 4"], Some("inner")), entry].concat();
        assert_eq!(culprit(&unnamed, true), of("inner", None));
        assert_eq!((culprit(&glue, true), told(glue, true)), (None, vec!["function 72".to_owned()]));
    }
}
